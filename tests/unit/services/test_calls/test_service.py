"""The use cases of test calls on a real store, with calls that nobody places."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from provd.agent.calling.caller import Handle
from provd.agent.calling.placing import End, OnRung, Placed, Wanted
from provd.probe.settings import ProbeSettings
from provd.schema.events import EventType
from provd.schema.provider import Provider, ProviderCreate
from provd.schema.test_calls import CallMode, CallOutcome, CallTest, CallTestRequest, SipLoginRequest
from provd.schema.timestamps import to_timestamp
from provd.services.errors import ServiceError
from provd.services.hub import EventHub
from provd.services.precondition import Precondition
from provd.services.probe_settings import SettingsMaker
from provd.services.test_calls.logins import KEPT_OF_DELETED_S, LoginBook
from provd.services.test_calls.results import UNKNOWN
from provd.services.test_calls.rules import Rules
from provd.services.test_calls.service import CallTestService
from provd.sip.digest import Login
from provd.store import setups as stored_setups
from provd.store import test_calls as stored
from provd.store.tables import CallTestRow, SetupRow
from tests.fakes.daemon import eventually
from tests.fakes.setups import ACTOR, Setups, running_setups

ALLOWED = Rules(allow=("+1555*",))
RING = CallTestRequest(destination="+15550100")
ANSWER = CallTestRequest(destination="+15550100", mode=CallMode.ANSWER, max_duration_s=10)


class Nobody:
    """Places no calls; each has the outcome that it is given. ``held`` keeps it from ending."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []
        self.outcome = Placed(End.ANSWERED, 200, talk_ms=1500.0)
        self.held: asyncio.Event | None = None
        self.error: Exception | None = None

    async def place(self, wanted: Wanted, handle: Handle, on_rung: OnRung) -> Placed:
        self.wanted.append(wanted)
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
        return Placed(End.CANCELLED) if handle.cancelled else self.outcome

    async def stop(self) -> None:
        if self.held is not None:
            self.held.set()


class SlowLogins(LoginBook):
    """Gives no login before it is ``let``."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def login_of(self, provider_id: str) -> Login | None:
        self.asked.set()
        await self.let.wait()
        return await super().login_of(provider_id)


class Watched:
    """What the service asks of those who watch providers."""

    settings = SettingsMaker(ProbeSettings())

    def watch_of(self, row: object) -> None:
        return None


class Calls:
    def __init__(self, setups: Setups, service: CallTestService, logins: LoginBook, nobody: Nobody) -> None:
        self.setups, self.service, self.logins, self.nobody = setups, service, logins, nobody

    async def provider(self, name: str = "Acme", **fields: Any) -> Provider:
        new = ProviderCreate(name=name, hostname="192.0.2.1", **fields)
        return await self.setups.providers.create(new, ACTOR)

    async def place(self, provider: Provider, request: CallTestRequest = RING) -> CallTest:
        return await self.service.place(provider.id, request, ACTOR)


@asynccontextmanager
async def calls(
    folder: Path, rules: Rules = ALLOWED, book: type[LoginBook] = LoginBook
) -> AsyncIterator[Calls]:
    async with running_setups(
        folder, {}, httpx.MockTransport(lambda _request: httpx.Response(404))
    ) as setups:
        nobody = Nobody()
        logins = book(setups.store, setups.keys, setups.providers)
        service = CallTestService(
            setups.store, EventHub(0), setups.providers, cast(Any, Watched()), logins, nobody, "provd"
        )
        service.rules = rules
        yield Calls(setups, service, logins, nobody)


def told(value: Callable[[], Any]) -> Callable[[], Any]:
    async def ask() -> Any:
        return value()

    return ask


async def test_the_result_is_told_to_who_counts_calls_unless_it_was_cancelled(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        counted: list[tuple[str, CallOutcome]] = []
        made.service.on_result = lambda row, result: counted.append((row.name, result.outcome))
        provider = await made.provider()
        await made.place(provider)
        made.nobody.outcome = Placed(End.CANCELLED)
        await made.place(provider)
    assert counted == [("Acme", CallOutcome.ANSWERED)]


async def test_a_call_that_goes_wrong_within_has_an_end_and_frees_the_provider(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        made.nobody.error = RuntimeError("a mistake of ours")
        first = await made.place(provider)
        assert first.outcome is CallOutcome.FAILED
        assert "RuntimeError" in first.cause_text
        made.nobody.error = None
        assert (await made.place(provider)).outcome is CallOutcome.ANSWERED


async def test_calls_of_different_providers_go_on_together(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        made.nobody.held = asyncio.Event()
        providers = [await made.provider(name) for name in ("one", "two")]
        placing = [asyncio.create_task(made.place(each)) for each in providers]
        await eventually(told(lambda: len(made.nobody.wanted)), lambda count: count == 2)
        made.nobody.held.set()
        assert {(await each).outcome for each in placing} == {CallOutcome.ANSWERED}


async def test_a_running_call_reserves_its_seconds(tmp_path: Path) -> None:
    rules = Rules(allow=("+1555*",), max_seconds_per_day=15)
    async with calls(tmp_path, rules) as made:
        made.nobody.held = asyncio.Event()
        one, two = await made.provider("one"), await made.provider("two")
        placing = asyncio.create_task(made.place(one, ANSWER))
        await eventually(told(lambda: len(made.nobody.wanted)), bool)
        with pytest.raises(ServiceError) as refused:
            await made.place(two, ANSWER)
        assert refused.value.reason == "TEST_CALL_BUDGET"
        assert refused.value.retry_after_s is not None
        made.nobody.held.set()
        await placing
        assert (await made.place(two, ANSWER)).outcome is CallOutcome.ANSWERED


@pytest.mark.parametrize("other_s", [-2 * 3600.0, 10 * 365 * 86400.0], ids=["ago", "of a clock set ahead"])
async def test_calls_of_another_hour_are_not_counted(tmp_path: Path, other_s: float) -> None:
    async with calls(tmp_path, Rules(allow=("+1555*",), max_per_hour=1)) as made:
        provider = await made.provider()
        first = await made.place(provider)
        with pytest.raises(ServiceError):
            await made.place(provider)
        async with made.setups.store.write() as transaction:
            row = await transaction.run(stored.get, provider.id, first.id)
            assert row is not None
            row.tm_create = to_timestamp(time.time() + other_s)
        assert (await made.place(provider)).outcome is CallOutcome.ANSWERED


async def test_a_repetition_waits_for_the_first_and_has_its_result(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        made.nobody.held = asyncio.Event()
        first = asyncio.create_task(made.service.place(provider.id, RING, ACTOR, "key"))
        await eventually(told(lambda: len(made.nobody.wanted)), bool)
        again = asyncio.create_task(made.service.place(provider.id, RING, ACTOR, "key"))
        with pytest.raises(ServiceError) as refused:
            await made.service.place(provider.id, RING, ACTOR, "another key")
        assert refused.value.reason == "TEST_CALL_RUNNING"
        made.nobody.held.set()
        assert await first == await again
        assert len(made.nobody.wanted) == 1


async def test_a_repetition_waits_for_the_first_also_while_that_reads_its_login(tmp_path: Path) -> None:
    async with calls(tmp_path, book=SlowLogins) as made:
        assert isinstance(made.logins, SlowLogins)
        provider = await made.provider()
        first = asyncio.create_task(made.service.place(provider.id, RING, ACTOR, "key"))
        await made.logins.asked.wait()
        again = asyncio.create_task(made.service.place(provider.id, RING, ACTOR, "key"))
        with pytest.raises(ServiceError) as refused:
            await made.service.place(provider.id, RING, ACTOR, "another key")
        assert refused.value.reason == "TEST_CALL_RUNNING"
        made.logins.let.set()
        assert await first == await again
        assert len(made.nobody.wanted) == 1


async def test_one_key_for_two_calls_at_once_loses_no_result(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        made.nobody.held = asyncio.Event()
        one, two = await made.provider("one"), await made.provider("two")
        placing = [
            asyncio.create_task(made.service.place(each.id, RING, ACTOR, "key")) for each in (one, two)
        ]
        await eventually(told(lambda: len(made.nobody.wanted)), lambda count: count == 2)
        made.nobody.held.set()
        for each in placing:
            result = await each
            kept = await made.service.get(result.provider_id, result.id)
            assert kept.outcome is CallOutcome.ANSWERED


async def test_while_the_daemon_stops_no_call_begins(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        made.nobody.held = asyncio.Event()
        placing = asyncio.create_task(made.place(provider))
        await eventually(told(lambda: len(made.nobody.wanted)), bool)
        await made.service.stop()
        assert (await placing).outcome is CallOutcome.CANCELLED
        with pytest.raises(ServiceError) as refused:
            await made.place(provider)
        assert refused.value.reason == "STOPPING"


async def test_a_call_that_a_killed_daemon_left_gets_an_end_and_old_ones_are_forgotten(
    tmp_path: Path,
) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        kept = await made.place(provider)
        left = kept.model_copy(update={"id": "left", "outcome": CallOutcome.RUNNING})
        old = kept.model_copy(update={"id": "old", "tm_create": to_timestamp(0.0)})
        async with made.setups.store.write() as transaction:
            for each in (left, old):
                transaction.session.add(
                    CallTestRow(
                        id=each.id,
                        provider_id=provider.id,
                        uid=0,
                        outcome=each.outcome.value,
                        seconds=10.0,
                        result=each.model_dump(mode="json"),
                        tm_create=each.tm_create,
                    )
                )
        keeping = asyncio.create_task(made.service.run())

        async def listed() -> dict[str, CallOutcome]:
            page = await made.service.page(provider.id, 100, "")
            return {each.id: each.outcome for each in page.result}

        wanted = {kept.id: CallOutcome.ANSWERED, "left": CallOutcome.FAILED}
        await eventually(listed, lambda found: found == wanted)
        assert (await made.service.get(provider.id, "left")).cause_text == UNKNOWN
        keeping.cancel()
        await asyncio.wait({keeping})


async def test_pages_go_on_where_the_one_before_ended(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        placed = [(await made.place(provider)).id for _ in range(5)]
        found: list[str] = []
        token = ""
        while True:
            page = await made.service.page(provider.id, 2, token)
            found += [each.id for each in page.result]
            token = page.next_page_token
            if not token:
                break
        assert found == placed[::-1]


async def test_how_a_provider_is_checked_is_how_it_is_called(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider(
            transport="tls", probe={"tls_verify": False, "tls_sni": "sbc.example.com", "bind": "127.0.0.1:0"}
        )
        await made.place(provider)
        (wanted,) = made.nobody.wanted
    assert (wanted.verify, wanted.server_name, wanted.bind) == (False, "sbc.example.com", ("127.0.0.1", 0))
    assert wanted.uri == "sip:+15550100@192.0.2.1;transport=tls"


async def test_a_login_of_a_setup_is_used_unless_another_is_given(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        ref = await made.setups.keys.put(
            "s", {"api_key": "k", "sip_username": "of setup", "sip_password": "x"}, ""
        )
        async with made.setups.store.write() as transaction:
            transaction.session.add(_setup_of(provider, ref))
        assert (await made.logins.get(provider.id)).source == "setup"
        await made.place(provider)
        assert made.nobody.wanted[-1].login == Login("of setup", "x")
        assert made.nobody.wanted[-1].user == "of%20setup"
        await made.logins.put(
            provider.id, SipLoginRequest.model_validate({"username": "a", "password": "b"}), ACTOR
        )
        await made.place(provider)
        assert made.nobody.wanted[-1].login == Login("a", "b")


async def test_a_login_is_not_swept_away_while_its_provider_is_there_and_goes_some_time_after(
    tmp_path: Path,
) -> None:
    async with calls(tmp_path) as made:
        provider = await made.provider()
        await made.logins.put(
            provider.id, SipLoginRequest.model_validate({"username": "a", "password": "b"}), ACTOR
        )
        await made.setups.keys.sweep()
        await made.logins.forget_deleted(time.time())
        assert await made.logins.login_of(provider.id) == Login("a", "b")
        await made.setups.providers.delete(provider.id, ACTOR, Precondition())
        await made.logins.forget_deleted(time.time())
        assert await made.logins.login_of(provider.id) is not None
        await made.logins.forget_deleted(time.time() + KEPT_OF_DELETED_S + 60)
        assert await made.logins.login_of(provider.id) is None
        assert made.setups.store.read_now(stored_setups.unused_credentials) == []


async def test_the_end_of_a_call_is_an_event_that_stays(tmp_path: Path) -> None:
    async with calls(tmp_path) as made:
        call = await made.place(await made.provider())
        (event,) = [each for each in made.setups.events if each.type == EventType.TEST_CALL_ENDED]
    assert call.id in event.data


def _setup_of(provider: Provider, ref: str) -> SetupRow:
    now = to_timestamp(0.0)
    return SetupRow(
        id="s",
        uid=1000,
        by="alice",
        carrier="telnyx",
        name=provider.name,
        state="done",
        provider_id=provider.id,
        credential_ref=ref,
        tm_create=now,
        tm_update=now,
    )
