"""Setting a trunk up over the socket, with a simulated carrier behind real HTTP."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from provd.client import ApiError
from provd.demo.carriers.server import serving
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.schema.events import EventType
from provd.schema.setup import SetupRequest, SetupState, StepState
from provd.schema.transfer import ExportFormat
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

KEY = "KEY0123456789abcdefghij"
GATEWAYS = ["203.0.113.10:5060", "198.51.100.20:5070"]


class SlowTelnyx(FakeTelnyx):
    """A Telnyx that waits with creating connections until it is let, and can refuse to delete."""

    title = "Telnyx"

    def __init__(self) -> None:
        super().__init__(KEY)
        self.refuses: dict[tuple[str, str], httpx.Response] = {}
        self.asked: list[str] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        for (method, part), answer in self.refuses.items():
            if request.method == method and part in request.url.path:
                return answer
        return super().handle(request)


@asynccontextmanager
async def at_telnyx(
    account: FakeTelnyx, folder: Path, *, gateways: list[str] = GATEWAYS, **sections: Any
) -> AsyncIterator[RunningDaemon]:
    async with (
        serving({"telnyx": account}) as address,
        running_daemon(
            folder,
            platform={"sip_gateways": gateways},
            carriers={"telnyx": {"base_url": f"{address}/telnyx"}},
            **{"keyring": {"backend": "file"}, **sections},
        ) as daemon,
    ):
        yield daemon


@pytest.fixture
def account() -> SlowTelnyx:
    return SlowTelnyx()


@pytest.fixture
async def daemon(account: SlowTelnyx) -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, at_telnyx(account, folder) as daemon:
        yield daemon


def wanted(name: str = "Ours", **fields: Any) -> SetupRequest:
    return SetupRequest(carrier="telnyx", name=name, credentials={"api_key": KEY}, **fields)


async def post(daemon: RunningDaemon, body: dict[str, Any], **headers: str) -> httpx.Response:
    whole = {"carrier": "telnyx", "name": "Ours", "credentials": {"api_key": KEY}, **body}
    return await daemon.http.post("/v1.0/providers/setup", json=whole, headers=headers)


def error_of(response: httpx.Response) -> dict[str, Any]:
    return dict(response.json()["error"])


async def test_a_setup_tells_each_step_under_the_callers_id(daemon: RunningDaemon) -> None:
    setup_id = uuid4()
    async with daemon.client.events(types=(EventType.SETUP_STEP, EventType.SETUP_CHANGED)) as stream:
        await anext(stream)
        provider = await daemon.client.set_up(wanted(setup_id=setup_id))
        told = []
        async for event in stream:
            told.append(event.data.model_dump())
            if told[-1]["state"] == SetupState.DONE and "provider_id" in told[-1]:
                break
    assert {each["setup_id"] for each in told} == {str(setup_id)}
    steps = [(each["step"], each["state"]) for each in told if "step" in each]
    expected = ["profile", "connection", "ip_1", "ip_2", "ip_order"]
    assert steps == [(step, state) for step in expected for state in (StepState.INTENDED, StepState.DONE)]
    assert told[-1]["provider_id"] == provider.id
    journal = await daemon.client.setup(str(setup_id))
    assert journal.provider_id == provider.id
    assert (await daemon.client.setup_of(provider.id)) == journal
    assert journal.key_ends == KEY[-4:]


async def test_a_plan_makes_nothing_and_asks_nobody(daemon: RunningDaemon, account: SlowTelnyx) -> None:
    plan = await daemon.client.plan_setup(wanted())
    assert [call.step for call in plan.calls] == ["profile", "connection", "ip_1", "ip_2", "ip_order"]
    assert plan.provider.hostname == "sip.telnyx.com"
    assert account.asked == []
    assert (await daemon.client.setups()).result == []


@pytest.mark.parametrize("body", [{}, {"setup_id": str(uuid4())}], ids=["", "with an id of the caller's"])
async def test_the_same_setup_twice_makes_one_trunk(
    daemon: RunningDaemon, account: SlowTelnyx, body: dict[str, Any]
) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = await asyncio.gather(post(daemon, body, **key), post(daemon, body, **key))
    third = await post(daemon, body, **key)
    assert first.status_code == second.status_code == third.status_code == 200
    assert first.json()["id"] == second.json()["id"] == third.json()["id"]
    assert len(account.made) == 4
    other = await post(daemon, {"name": "Another"}, **key)
    assert (other.status_code, error_of(other)["reason"]) == (409, "IDEMPOTENCY_KEY_REUSED")


async def test_a_setup_goes_on_when_its_caller_has_gone(daemon: RunningDaemon, account: SlowTelnyx) -> None:
    setup_id = str(uuid4())
    waiting = asyncio.create_task(post(daemon, {"setup_id": setup_id}))
    await eventually(lambda: _count(account), lambda asked: asked > 0)
    waiting.cancel()
    done = await eventually(
        lambda: daemon.client.setup(setup_id), lambda setup: setup.state is SetupState.DONE
    )
    assert done.provider_id is not None
    assert (await daemon.client.provider(done.provider_id)).carrier == "telnyx"


async def _count(account: SlowTelnyx) -> int:
    return len(account.asked)


@pytest.mark.parametrize(
    ("code", "headers", "status", "reason"),
    [
        (401, {}, 422, "CARRIER_CREDENTIALS_REJECTED"),
        (403, {}, 422, "CARRIER_CREDENTIALS_REJECTED"),
        (422, {}, 422, "CARRIER_REJECTED_REQUEST"),
        (429, {"Retry-After": "77"}, 429, "CARRIER_LIMITS_US"),
        (500, {}, 502, "CARRIER_FAILED"),
    ],
)
async def test_what_the_carrier_refuses_is_told_with_the_step(
    daemon: RunningDaemon,
    account: SlowTelnyx,
    code: int,
    headers: dict[str, str],
    status: int,
    reason: str,
) -> None:
    account.refuses[("POST", "ip_connections")] = httpx.Response(
        code, json={"errors": [{"title": "Its own words"}]}, headers=headers
    )
    response = await post(daemon, {})
    error = error_of(response)
    assert (response.status_code, error["reason"]) == (status, reason)
    assert "Telnyx" in error["message"]
    assert "create the IP connection" in error["message"]
    assert "Its own words" in error["message"]
    assert "Nothing was left at the carrier." in error["message"]
    assert response.headers.get("retry-after") == headers.get("Retry-After")
    assert account.made == []
    assert (await daemon.client.keyring()).keys == 0


async def test_a_carrier_that_is_not_there_is_a_504() -> None:
    async with (
        temporary_folder() as folder,
        running_daemon(
            folder,
            platform={"sip_gateways": GATEWAYS},
            carriers={"telnyx": {"base_url": "http://127.0.0.1:9"}},
            keyring={"backend": "file"},
        ) as daemon,
    ):
        response = await post(daemon, {})
        assert response.status_code == 504
        assert "can't be reached" in error_of(response)["message"]


async def test_without_gateways_it_says_where_to_put_them(account: SlowTelnyx) -> None:
    async with temporary_folder() as folder, at_telnyx(account, folder, gateways=[]) as daemon:
        response = await post(daemon, {})
        assert (response.status_code, error_of(response)["status"]) == (409, "FAILED_PRECONDITION")
        assert "sip_gateways" in error_of(response)["message"]
        assert (await post(daemon, {"settings": {"gateways": ["203.0.113.9"]}})).status_code == 200


async def test_a_keyring_that_does_not_work_is_a_503_before_anything_is_made(account: SlowTelnyx) -> None:
    async with (
        temporary_folder() as folder,
        at_telnyx(account, folder, keyring={"backend": "keyring.backends.fail.Keyring"}) as daemon,
    ):
        response = await post(daemon, {})
        assert (response.status_code, error_of(response)["reason"]) == (503, "KEYRING_UNAVAILABLE")
        assert account.made == []
        assert not any(asked.startswith("POST") for asked in account.asked)
        assert (await daemon.client.keyring()).usable is False


GOOD = "203.0.113.7"


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"carrier": "telnix"}, "carrier", "telnyx"),
        ({"carrier": ""}, "carrier", "at least 1"),
        ({"name": ""}, "name", "empty"),
        ({"name": "x" * 256}, "name", "255"),
        ({"name": "a\nb"}, "name", "control character"),
        ({"credentials": {}}, "credentials.api_key", "missing"),
        ({"credentials": {"api_key": "KEY with spaces"}}, "credentials.api_key", "spaces"),
        ({"credentials": {"api_key": "KEY\nmore"}}, "credentials.api_key", "line ends"),
        ({"credentials": {"api_key": "KEY\u00e9\u4e2d"}}, "credentials.api_key", "ASCII"),
        ({"credentials": {"api_key": "K" * 10_240}}, "credentials.api_key", "10240 characters"),
        ({"credentials": {"api_key": ""}}, "credentials.api_key", "empty"),
        ({"credentials": {"api_key": 7}}, "credentials.api_key", "string"),
        ({"credentials": {"apikey": KEY}}, "credentials.apikey", "did you mean api_key"),
        ({"settings": {"regin": "us"}}, "settings.regin", "did you mean region"),
        ({"settings": {"region": "mars"}}, "settings.region", "'us'"),
        ({"settings": {"whitelisted_destinations": ["USA"]}}, "settings.whitelisted_destinations", "ISO"),
        ({"settings": {"gateways": ["10.1.2.3"]}}, "settings.gateways", "not public"),
        ({"settings": {"gateways": ["127.0.0.1"]}}, "settings.gateways", "not public"),
        ({"settings": {"gateways": ["100.64.0.1"]}}, "settings.gateways", "not public"),
        ({"settings": {"gateways": ["fe80::1"]}}, "settings.gateways", "fe80"),
        ({"settings": {"gateways": [GOOD, f"{GOOD}:5060"]}}, "settings.gateways", "twice"),
        ({"settings": {"gateways": ["203.0.113.0/24"]}}, "settings.gateways", "network"),
        ({"settings": {"gateways": ["sbc.example.com"]}}, "settings.gateways", "name"),
        ({"settings": {"gateways": ["[2001:db8::1]"]}}, "settings.gateways", "IPv4"),
        ({"settings": {"gateways": [f"{GOOD}:70000"]}}, "settings.gateways", "port"),
        ({"settings": {"connection": "credential"}}, "credentials.sip_username", "missing"),
        ({"settings": {"connection": "fqdn"}}, "settings.fqdns", "empty"),
        ({"setup_id": "not a uuid"}, "setup_id", "UUID"),
        ({"sttings": {}}, "sttings", "did you mean settings"),
    ],
)
async def test_bad_input_is_refused_before_the_first_call(
    daemon: RunningDaemon, account: SlowTelnyx, body: dict[str, Any], field: str, words: str
) -> None:
    response = await post(daemon, body)
    error = error_of(response)
    assert (response.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert field in {each["field"] for each in error["details"]}
    assert words.lower() in json.dumps(error, ensure_ascii=False).lower()
    assert KEY not in response.text
    assert account.asked == []
    assert (await daemon.client.setups()).result == []


async def test_a_key_is_replaced_once_the_new_one_is_proved(
    daemon: RunningDaemon, account: SlowTelnyx
) -> None:
    provider = await daemon.client.set_up(wanted())
    new = "KEYnew-key-of-this-account-9876"
    with pytest.raises(ApiError, match="did not accept the key"):
        await daemon.client.replace_credentials(provider.id, {"api_key": new})
    assert (await daemon.client.verify_carrier(provider.id)).ok
    account.keys = {KEY, new}
    assert (await daemon.client.replace_credentials(provider.id, {"api_key": new})).key_ends == "9876"
    account.keys = {new}
    assert (await daemon.client.verify_carrier(provider.id)).ok
    assert (await daemon.client.keyring()).keys == 1


async def test_a_key_of_another_account_is_not_taken(daemon: RunningDaemon, account: SlowTelnyx) -> None:
    provider = await daemon.client.set_up(wanted())
    theirs, account.shelves = account.shelves, FakeTelnyx(KEY).shelves
    with pytest.raises(ApiError, match="its account has nothing of this trunk"):
        await daemon.client.replace_credentials(provider.id, {"api_key": KEY})
    account.shelves = theirs
    assert (await daemon.client.verify_carrier(provider.id)).ok


async def test_what_was_changed_at_the_carrier_is_found_and_announced(
    daemon: RunningDaemon, account: SlowTelnyx
) -> None:
    provider = await daemon.client.set_up(wanted())
    metadata = provider.metadata
    connection = account.shelves["ip_connections"].things[metadata["telnyx_connection_id"]]
    connection["active"] = False
    del account.shelves["ips"].things[metadata["telnyx_ip_ids"][0]]
    account.shelves["ips"].things["theirs"] = {
        "id": "theirs",
        "ip_address": "192.0.2.66",
        "port": 5060,
        "connection_id": connection["id"],
    }
    async with daemon.client.events(types=(EventType.PROVIDER_DRIFT,)) as stream:
        await anext(stream)
        found = await daemon.client.verify_carrier(provider.id)
        announced = await anext(stream)
    assert not found.ok
    assert {(each.kind, each.step, each.field) for each in found.findings} == {
        ("changed", "connection", "active"),
        ("missing", "ip_1", ""),
        ("foreign", "ip_1", ""),
    }
    assert announced.data.model_dump()["provider_id"] == provider.id
    journal = await daemon.client.setup_of(provider.id)
    assert (journal.drift, journal.compared_at) == (found.findings, found.at)
    gone = await daemon.client.delete_provider(provider.id, deprovision=True)
    assert gone.deprovisioned is not None
    assert gone.deprovisioned.left == []


async def test_a_trunk_with_numbers_is_left_and_says_why(daemon: RunningDaemon, account: SlowTelnyx) -> None:
    provider = await daemon.client.set_up(wanted())
    account.numbers["+15551230001"] = provider.metadata["telnyx_connection_id"]
    assert (await daemon.client.verify_carrier(provider.id)).numbers == ["+15551230001"]
    gone = await daemon.client.delete_provider(provider.id, deprovision=True)
    assert gone.deprovisioned is not None
    assert gone.deprovisioned.state is SetupState.LEFT
    assert gone.deprovisioned.removed == []
    assert all("+15551230001" in step.note for step in gone.deprovisioned.left)
    assert len(account.made) == 4
    setup = (await daemon.client.setups()).result[0]
    account.numbers.clear()
    assert (await daemon.client.roll_back_setup(setup.id)).state is SetupState.UNDONE
    assert account.made == []


async def test_a_provider_added_by_hand_has_no_trunk(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", enabled=False)
    for call in (
        daemon.client.setup_of(added.id),
        daemon.client.verify_carrier(added.id),
        daemon.client.replace_credentials(added.id, {"api_key": KEY}),
        daemon.client.delete_provider(added.id, deprovision=True),
    ):
        with pytest.raises(ApiError, match="added by hand"):
            await call
    assert (await daemon.client.provider(added.id)).id == added.id


async def test_a_setup_is_gone_on_with_or_rolled_back_only_when_there_is_something_to_do(
    daemon: RunningDaemon,
) -> None:
    provider = await daemon.client.set_up(wanted())
    setup = await daemon.client.setup_of(provider.id)
    with pytest.raises(ApiError, match="made its provider already"):
        await daemon.client.resume_setup(setup.id)
    with pytest.raises(ApiError, match="deprovision=true"):
        await daemon.client.roll_back_setup(setup.id)
    await daemon.client.delete_provider(provider.id)
    assert (await daemon.client.roll_back_setup(setup.id)).state is SetupState.UNDONE
    with pytest.raises(ApiError, match="no setup"):
        await daemon.client.setup(str(uuid4()))


async def test_the_key_is_nowhere_but_in_the_keyring(
    account: SlowTelnyx, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sip_password = "Sehr-geheim-0815"
    secrets = (KEY, sip_password)
    heard = ""
    async with temporary_folder() as folder:
        async with at_telnyx(account, folder) as daemon, daemon.http.stream("GET", "/v1.0/events") as stream:
            credentials = {"api_key": KEY, "sip_username": "acme1", "sip_password": sip_password}
            body = {"credentials": credentials, "settings": {"connection": "credential"}}
            answers = [await post(daemon, body)]
            provider_id = answers[0].json()["id"]
            answers.append(await daemon.http.post(f"/v1.0/providers/{provider_id}/carrier/verify"))
            echo = {"errors": [{"title": f"bad key {KEY} for {sip_password}"}]}
            account.refuses[("POST", "credential_connections")] = httpx.Response(422, json=echo)
            answers.append(await post(daemon, body))
            account.refuses.clear()
            wrong = {**body, "credentials": {**credentials, "api_key": f"{KEY} {KEY}"}}
            answers.append(await post(daemon, wrong))
            listed = ("setups", "events/log", "providers", "status", "carriers", "keyring")
            answers += [await daemon.http.get(f"/v1.0/{path}") for path in listed]
            answers += [await daemon.http.get(f"/v1.0/export?format={each.value}") for each in ExportFormat]
            async for text in stream.aiter_text():
                heard += text
                if heard.count("event: setup.changed") >= 4:
                    break
        kept = [path for path in folder.rglob("*") if path.is_file()]
        assert kept
        for path in kept:
            content = path.read_bytes()
            assert not [each for each in secrets if each.encode() in content], path
    assert [answer.status_code for answer in answers[:4]] == [200, 200, 422, 400]
    for answer in answers:
        assert not [each for each in secrets if each in answer.text]
    assert not [each for each in secrets if each in heard]
    assert not [each for each in secrets if each in caplog.text]


async def test_a_trunk_whose_key_was_lost_takes_a_new_one(account: SlowTelnyx) -> None:
    async with temporary_folder() as folder:
        async with at_telnyx(account, folder) as daemon:
            provider = await daemon.client.set_up(wanted())
        for name in ("keyring.json", "master.key"):
            (folder / "state" / name).unlink()
        async with at_telnyx(account, folder) as daemon:
            with pytest.raises(ApiError):
                await daemon.client.verify_carrier(provider.id)
            await daemon.client.replace_credentials(provider.id, {"api_key": KEY})
            assert (await daemon.client.verify_carrier(provider.id)).ok
            assert (await daemon.client.keyring()).keys == 1
