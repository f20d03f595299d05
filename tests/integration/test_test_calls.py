"""Test calls of a real daemon: what is allowed, what is kept, who is told, and that it hangs up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from provd.client import ApiError, Client
from provd.demo.behaviour import Behaviour
from provd.schema.audit import Outcome
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.test_calls import (
    CallMode,
    CallOutcome,
    CallTest,
    CallTestRequest,
    CallTestStep,
    SipLoginRequest,
)
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.phone import Mood, Phone, running_phone

from .announced import announced
from .calls import NUMBER
from .conftest import StartCarrier

ALLOWED = {"allow": ["+1555*"], "ring_s": 30}
RING = CallTestRequest(destination=NUMBER)
ANSWER = CallTestRequest(destination=NUMBER, mode=CallMode.ANSWER, max_duration_s=1)


@asynccontextmanager
async def calling(folder: Path, **test_calls: Any) -> AsyncIterator[RunningDaemon]:
    sections = {"test_calls": {**ALLOWED, **test_calls}, "keyring": {"backend": "file"}}
    async with running_daemon(folder, **sections) as running:
        yield running


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, calling(folder) as running:
        yield running


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with running_phone() as running:
        yield running


async def place(daemon: RunningDaemon, provider: Provider, request: CallTestRequest) -> CallTest:
    return await daemon.client.test_calls.place(provider.id, request)


async def refused(daemon: RunningDaemon, provider: Provider, request: CallTestRequest) -> tuple[int, str]:
    with pytest.raises(ApiError) as error:
        await place(daemon, provider, request)
    return error.value.http_code, error.value.body.reason


async def invited(phone: Phone) -> None:
    """Until the phone has got an INVITE."""

    async def methods() -> list[str]:
        return phone.methods

    await eventually(methods, lambda found: "INVITE" in found)


async def the_call(daemon: RunningDaemon, provider: Provider) -> CallTest:
    """The one that runs."""

    async def newest() -> list[CallTest]:
        return (await daemon.client.test_calls.page(provider.id)).result

    found = await eventually(newest, lambda each: bool(each) and each[0].outcome is CallOutcome.RUNNING)
    return found[0]


async def test_an_answered_call_has_sound_figures_and_a_ladder(daemon: RunningDaemon, phone: Phone) -> None:
    provider = await daemon.add(phone.hostname, "Acme EU", tech_prefix="99", tech_headers={"X-Account": "7"})
    call = await place(daemon, provider, ANSWER.model_copy(update={"dtmf": "5", "caller": "+15550199"}))
    assert (call.outcome, call.code, call.codec) == (CallOutcome.ANSWERED, 200, "PCMU")
    assert (call.rtp.audio, call.rtp.dtmf_sent, call.rtp.loss_pct) == ("sound", "5", 0.0)
    assert call.cause_text == "It was answered. Sound came back."
    assert call.address == phone.hostname
    assert call.talk_ms is not None
    assert call.talk_ms >= 1000
    assert [each.text for each in call.ladder if each.way == "out"] == ["INVITE", "ACK", "BYE"]
    assert phone.methods == ["INVITE", "ACK", "BYE"]
    invite = phone.requests[0]
    assert invite.uri == f"sip:99{NUMBER}@{phone.hostname}"
    assert invite.headers.get("X-Account") == "7"
    assert "+15550199" in invite.required("From")
    assert await daemon.client.test_calls.get(provider.id, call.id) == call
    assert (await daemon.client.test_calls.page(provider.id)).result == [call]


async def test_a_simulated_carrier_of_the_demo_takes_a_call_and_sends_its_sound_back(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour())
    call = await place(daemon, await daemon.add(hostname), ANSWER)
    assert (call.outcome, call.codec, call.rtp.audio) == (CallOutcome.ANSWERED, "PCMU", "sound")
    assert [each.text for each in call.ladder if each.way == "out"] == ["INVITE", "ACK", "BYE"]


async def test_ringing_is_hung_up_and_is_an_event_and_a_line_of_the_audit_log(daemon: RunningDaemon) -> None:
    async with running_phone(Mood.RINGS) as phone:
        provider = await daemon.add(phone.hostname, "Acme EU")
        call = await place(daemon, provider, RING)
        assert phone.methods == ["INVITE", "CANCEL", "ACK"]
    assert (call.outcome, call.code, call.talk_ms) == (CallOutcome.RINGING, 487, None)
    (ended,) = await announced(daemon, EventType.TEST_CALL_ENDED, provider.id, at_least=1)
    assert (ended.data["call_id"], ended.data["outcome"]) == (call.id, "ringing")
    entry = (await daemon.client.audit()).result[0]
    assert (entry.action, entry.outcome, entry.name) == ("test_call.begin", Outcome.BEGUN, "Acme EU")
    assert entry.after == {"test_call": call.id, "destination": NUMBER, "mode": "ring"}


async def test_the_steps_are_told_as_they_happen_to_who_asks(daemon: RunningDaemon, phone: Phone) -> None:
    provider = await daemon.add(phone.hostname)
    types = (EventType.TEST_CALL_STEP,)
    async with daemon.client.events(types=types, provider_id=provider.id) as stream:
        events = aiter(stream)
        assert (await anext(events)).type is EventType.HELLO
        call = await place(daemon, provider, ANSWER)
        told = []
        while len(told) < len(call.ladder):
            data = (await anext(events)).data
            assert isinstance(data, CallTestStep)
            assert data.call_id == call.id
            told.append(data.step)
    assert told == call.ladder


async def test_without_allowed_destinations_there_are_no_calls(phone: Phone) -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        provider = await daemon.add(phone.hostname)
        assert await refused(daemon, provider, RING) == (409, "TEST_CALLS_OFF")
    assert phone.methods == []


@pytest.mark.parametrize(
    ("number", "prefix", "reason"),
    [
        ("+15450100", "", "DESTINATION_NOT_ALLOWED"),
        ("911", "", "DESTINATION_EMERGENCY"),
        ("112", "", "DESTINATION_EMERGENCY"),
        ("+1911", "", "DESTINATION_EMERGENCY"),
        ("11", "9", "DESTINATION_EMERGENCY"),
        ("+19005551234", "", "DESTINATION_PREMIUM"),
        ("+979123456789", "", "DESTINATION_PREMIUM"),
    ],
)
async def test_some_numbers_are_never_called_and_the_refusal_is_in_the_audit_log(
    number: str, prefix: str, reason: str, phone: Phone
) -> None:
    allow = ["+1555*", "911", "112", "+1911", "11", "+1900*", "+979*"]
    async with temporary_folder() as folder, calling(folder, allow=allow) as daemon:
        provider = await daemon.add(phone.hostname, tech_prefix=prefix)
        request = CallTestRequest(destination=number)
        assert await refused(daemon, provider, request) == (422, reason)
        entry = (await daemon.client.audit()).result[0]
    assert (entry.action, entry.outcome) == ("test_call.begin", Outcome.REFUSED)
    assert reason in entry.message
    assert phone.methods == []


async def test_the_hours_calls_are_counted_also_after_a_restart() -> None:
    async with temporary_folder() as folder, running_phone(Mood.BUSY) as phone:
        async with calling(folder, max_per_hour=2) as daemon:
            provider = await daemon.add(phone.hostname)
            assert (await place(daemon, provider, RING)).outcome is CallOutcome.BUSY
        async with calling(folder, max_per_hour=2) as daemon:
            assert (await place(daemon, provider, RING)).outcome is CallOutcome.BUSY
            with pytest.raises(ApiError) as error:
                await place(daemon, provider, RING)
        assert (error.value.http_code, error.value.body.reason) == (429, "TEST_CALL_BUDGET")
        assert len(phone.requests) == 4  # two INVITEs and their ACKs


async def test_the_days_seconds_are_those_that_were_talked(phone: Phone) -> None:
    async with temporary_folder() as folder, calling(folder, max_seconds_per_day=3) as daemon:
        provider = await daemon.add(phone.hostname)
        long = ANSWER.model_copy(update={"max_duration_s": 4})
        assert await refused(daemon, provider, long) == (429, "TEST_CALL_BUDGET")
        assert (
            await place(daemon, provider, ANSWER)
        ).outcome is CallOutcome.ANSWERED  # takes 2 s: rounded up
        two = ANSWER.model_copy(update={"max_duration_s": 2})
        assert await refused(daemon, provider, two) == (429, "TEST_CALL_BUDGET")
        assert (await place(daemon, provider, RING)).outcome is CallOutcome.RINGING  # takes none


async def test_one_call_at_a_time_and_it_can_be_hung_up(daemon: RunningDaemon) -> None:
    async with running_phone(Mood.RINGS) as phone:
        provider = await daemon.add(phone.hostname)
        placing = asyncio.create_task(place(daemon, provider, ANSWER))
        await invited(phone)
        running = await the_call(daemon, provider)
        assert await refused(daemon, provider, RING) == (409, "TEST_CALL_RUNNING")
        cancelled = await daemon.client.test_calls.cancel(provider.id, running.id)
        assert cancelled.outcome is CallOutcome.CANCELLED
        assert await placing == cancelled
        assert phone.methods == ["INVITE", "CANCEL", "ACK"]
        with pytest.raises(ApiError) as error:
            await daemon.client.test_calls.cancel(provider.id, running.id)
        assert (error.value.http_code, error.value.body.reason) == (409, "TEST_CALL_OVER")
        with pytest.raises(ApiError) as error:
            await daemon.client.test_calls.get(provider.id, "none")
        assert error.value.http_code == 404


async def test_a_repeated_request_has_the_first_result(daemon: RunningDaemon, phone: Phone) -> None:
    provider = await daemon.add(phone.hostname)
    calls = daemon.client.test_calls
    first = await calls.place(provider.id, RING, idempotency_key="once")
    assert await calls.place(provider.id, RING, idempotency_key="once") == first
    assert phone.methods.count("INVITE") == 1
    with pytest.raises(ApiError) as error:
        await calls.place(provider.id, ANSWER, idempotency_key="once")
    assert error.value.body.reason == "IDEMPOTENCY_KEY_REUSED"
    other = await daemon.add(phone.hostname, "another")
    with pytest.raises(ApiError) as error:
        await calls.place(other.id, RING, idempotency_key="once")
    assert error.value.body.reason == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize(("mood", "farewell"), [(Mood.RINGS, "CANCEL"), (Mood.ANSWERS, "BYE")])
async def test_a_daemon_that_stops_hangs_up_first(mood: Mood, farewell: str) -> None:
    long = CallTestRequest(destination=NUMBER, mode=CallMode.ANSWER, max_duration_s=60)
    async with temporary_folder() as folder, running_phone(mood) as phone:
        async with AsyncExitStack() as stack:
            async with calling(folder) as daemon:
                waiting = await stack.enter_async_context(Client(daemon.socket))
                provider = await daemon.add(phone.hostname)
                placing = asyncio.create_task(waiting.test_calls.place(provider.id, long))
                await invited(phone)
                await the_call(daemon, provider)
            call = await placing
        assert phone.methods[0] == "INVITE"
        assert farewell in phone.methods
        assert call.outcome is CallOutcome.CANCELLED
        async with calling(folder) as daemon:
            (kept,) = (await daemon.client.test_calls.page(provider.id)).result
        assert kept == call


async def test_nobody_has_to_wait_for_a_call(daemon: RunningDaemon, phone: Phone) -> None:
    provider = await daemon.add(phone.hostname)
    async with Client(daemon.socket) as impatient:
        placing = asyncio.create_task(impatient.test_calls.place(provider.id, ANSWER))
        await invited(phone)
        placing.cancel()
        await asyncio.wait({placing})

    async def newest() -> CallTest:
        return (await daemon.client.test_calls.page(provider.id)).result[0]

    call = await eventually(newest, lambda each: each.outcome is not CallOutcome.RUNNING)
    assert call.outcome is CallOutcome.ANSWERED
    assert phone.methods[-1] == "BYE"


async def test_a_login_is_given_used_and_forgotten_and_its_password_is_nowhere(phone: Phone) -> None:
    secret = "correct horse battery"
    async with temporary_folder() as folder:
        async with calling(folder) as daemon:
            provider = await daemon.add(phone.hostname)
            calls = daemon.client.test_calls
            assert (await calls.login(provider.id)).source == "none"
            wanted = SipLoginRequest.model_validate({"username": "alice", "password": secret})
            given = await calls.put_login(provider.id, wanted)
            assert (given.username, given.source) == ("alice", "api")
            assert await calls.login(provider.id) == given
        async with calling(folder) as daemon:
            calls = daemon.client.test_calls
            await place(daemon, provider, RING)
            assert "<sip:alice@" in phone.requests[0].required("From")
            again = SipLoginRequest.model_validate({"username": "bob", "password": secret})
            assert (await calls.put_login(provider.id, again)).username == "bob"
            assert (await calls.delete_login(provider.id)).username == "bob"
            assert (await calls.login(provider.id)).source == "none"
            with pytest.raises(ApiError) as error:
                await calls.delete_login(provider.id)
            assert error.value.body.reason == "SIP_LOGIN_NOT_FOUND"
            log = (await daemon.client.audit(page_size=1000)).model_dump_json()
            assert "sip_login.put" in log
            assert secret not in log
            assert (await daemon.client.keyring()).keys == 0
        assert secret.encode() not in (folder / "state" / "provd.db").read_bytes()


async def test_a_bad_login_is_refused_without_being_repeated(daemon: RunningDaemon, phone: Phone) -> None:
    provider = await daemon.add(phone.hostname)
    path = f"/v1.0/providers/{provider.id}/sip-login"
    answer = await daemon.http.put(path, json={"username": "alice", "password": "se\ncret"})
    assert answer.status_code == 400
    assert "cret" not in answer.text.replace("printable", "")


async def test_a_peer_that_is_not_there_is_told_at_once(daemon: RunningDaemon) -> None:
    provider = await daemon.add("127.0.0.1:9")
    call = await place(daemon, provider, ANSWER)
    assert call.outcome is CallOutcome.FAILED
    assert "refused" in call.cause_text
    assert call.rtp.audio == "none"


async def test_a_name_that_leads_nowhere_is_told(daemon: RunningDaemon) -> None:
    provider = await daemon.add("nowhere.invalid")
    call = await place(daemon, provider, RING)
    assert (call.outcome, call.ladder) == (CallOutcome.FAILED, [])
    assert "leads nowhere" in call.cause_text


async def test_silence_and_trying_alone_are_timeouts() -> None:
    async with (
        temporary_folder() as folder,
        calling(folder, ring_s=1) as daemon,
        running_phone(Mood.TRIES) as trying,
        running_phone(Mood.SILENT) as silent,
    ):
        provider = await daemon.add(trying.hostname)
        assert (await place(daemon, provider, RING)).outcome is CallOutcome.TIMEOUT
        assert trying.methods == ["INVITE", "CANCEL", "ACK"]
        provider = await daemon.add(silent.hostname, "another")
        assert (await place(daemon, provider, RING)).outcome is CallOutcome.TIMEOUT
        assert silent.methods == ["INVITE"]
