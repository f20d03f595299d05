"""What goes on by itself after a setup: trying again what is left, looking for drift, forgetting keys."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from provd.carriers import registry
from provd.carriers.telnyx.carrier import Telnyx
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.schema.events import EventType
from provd.schema.setup import SetupState
from provd.services.errors import ServiceError
from provd.services.precondition import Precondition
from provd.store import setups as stored
from tests.fakes.carriers.cases import TELNYX, TELNYX_KEY
from tests.fakes.carriers.faulty import FAULTS, FaultyTransport
from tests.fakes.daemon import eventually
from tests.fakes.setups import ACTOR, Setups, running_setups

IP = TELNYX[0]
OUTAGE = next(fault for fault in FAULTS if fault.name == "503 for ever")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.stands: Callable[[], bool] = lambda: False

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Pass the time, a quarter of a minute at least, unless it stands still; and let others work."""
        if not self.stands():
            self.now += max(seconds, 15.0)
        await asyncio.sleep(0.001)


@asynccontextmanager
async def at_work(folder: Path, transport: FaultyTransport, **how: Any) -> AsyncIterator[Setups]:
    async with running_setups(folder, {"telnyx": Telnyx()}, transport, **how) as setups:
        yield setups


async def until(true: Callable[[], bool]) -> None:
    async def ask() -> bool:
        return true()

    await eventually(ask, bool)


async def test_what_is_left_is_tried_again_more_and_more_seldom(tmp_path: Path) -> None:
    account = FakeTelnyx(TELNYX_KEY)
    transport, clock = FaultyTransport(account), Clock()
    async with at_work(tmp_path, transport, clock=clock, sleep=clock.sleep) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)
        transport.begin(OUTAGE, 2)  # the numbers are still told
        await setups.trunks.deprovision(provider.id, ACTOR, Precondition())
        setup = (await setups.service.list(1, "")).result[0]
        clock.stands = lambda: setup.id in setups.runs.tasks
        tried: list[float] = []

        async def note(_request: object) -> None:
            if not tried or clock.now > tried[-1]:
                tried.append(clock.now)

        transport.begin(OUTAGE, 1)
        transport.before = note
        await until(lambda: len(tried) > 5)
        waits = [later - earlier for earlier, later in pairwise(tried)]
        assert waits[0] >= 60
        assert all(later >= 1.8 * earlier for earlier, later in pairwise(waits))
        transport.begin()
        setup = (await setups.service.list(1, "")).result[0]
        await eventually(lambda: setups.service.get(setup.id), lambda setup: setup.state is SetupState.UNDONE)
        assert account.made == []


async def test_a_trunk_is_looked_at_once_a_day_and_drift_is_told_once(tmp_path: Path) -> None:
    account = FakeTelnyx(TELNYX_KEY)
    transport = FaultyTransport(account)
    async with at_work(tmp_path, transport) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)
        setup_id = (await setups.trunks.setup(provider.id)).id
        account.shelves["ip_connections"].things[provider.metadata["telnyx_connection_id"]]["active"] = False
        for _ in range(2):
            await _was_verified_long_ago(setups, setup_id)
            looking = asyncio.create_task(setups.trunks.run())
            await eventually(lambda: _verified_at(setups, setup_id), lambda at: at > "2026-01-01")
            looking.cancel()
            await asyncio.wait([looking])
        told = [each for each in setups.events if each.type == EventType.PROVIDER_DRIFT]
        assert len(told) == 1
        (finding,) = json.loads(told[0].data)["findings"]
        assert (finding["kind"], finding["field"], finding["expected"], finding["found"]) == (
            "changed",
            "active",
            True,
            False,
        )


async def _verified_at(setups: Setups, setup_id: str) -> str:
    found = await setups.store.read(stored.get, setup_id)
    assert found is not None
    return found.setup.verified_at or ""


async def _was_verified_long_ago(setups: Setups, setup_id: str) -> None:
    async with setups.store.write() as transaction:
        found = await transaction.run(stored.get, setup_id)
        assert found is not None
        found.setup.verified_at = "2020-01-01 00:00:00.000000"


async def test_a_key_that_no_setup_has_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    transport = FaultyTransport(FakeTelnyx(TELNYX_KEY))
    async with at_work(tmp_path, transport) as setups:
        ref = await setups.keys.put("a setup that a crash cut off", {"api_key": "lost-and-found-key"}, "")
        assert await setups.vault.get(ref)
    async with at_work(tmp_path, transport) as setups:

        async def kept() -> int:
            return await setups.store.read(stored.count_credentials)

        await eventually(kept, lambda count: count == 0)
        assert json.loads((tmp_path / "keyring.json").read_text())["entries"] == {}


async def test_a_key_in_another_keyring_is_not_looked_for_in_this_one(tmp_path: Path) -> None:
    transport = FaultyTransport(FakeTelnyx(TELNYX_KEY))
    async with at_work(tmp_path, transport) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)
        async with setups.store.write() as transaction:
            found = await transaction.run(stored.of_provider, provider.id)
            assert found is not None
            assert found.credential is not None
            found.credential.backend = "secret-service"
        with pytest.raises(ServiceError, match='set backend = "secret-service" under \\[keyring\\]'):
            await setups.trunks.verify(provider.id)
        with pytest.raises(ServiceError, match="secret-service"):
            await setups.trunks.deprovision(provider.id, ACTOR, Precondition())
        assert (await setups.providers.get(provider.id)).id == provider.id


async def test_countries_that_the_carrier_refuses_are_dropped_and_told(tmp_path: Path) -> None:
    account = FakeTelnyx(TELNYX_KEY)
    account.refused_countries = {"CU", "KP"}
    request = IP.request().model_copy(
        update={"settings": {"whitelisted_destinations": ["US", "KP", "DE", "CU"]}}
    )
    async with at_work(tmp_path, FaultyTransport(account)) as setups:
        provider = await setups.service.start(request, ACTOR, None)
        (profile,) = account.shelves["outbound_voice_profiles"].things.values()
        assert profile["whitelisted_destinations"] == ["DE", "US"]
        journal = await setups.trunks.setup(provider.id)
        assert journal.steps[0].note == "Telnyx refused the destinations CU, KP: calls there are blocked"
        assert (await setups.trunks.verify(provider.id)).ok


async def test_a_carrier_that_refuses_ever_more_countries_is_not_asked_for_ever(tmp_path: Path) -> None:
    account = FakeTelnyx(TELNYX_KEY)
    wanted = ["DE", "FR", "GB", "IT", "US"]
    transport = FaultyTransport(account)
    async with at_work(tmp_path, transport) as setups:

        async def refuse_one_more(_request: object) -> None:
            posts = sum(each.method == "POST" for each in transport.calls)
            account.refused_countries = set(wanted[:posts])

        transport.before = refuse_one_more
        request = IP.request().model_copy(update={"settings": {"whitelisted_destinations": wanted}})
        with pytest.raises(ServiceError, match="following countries"):
            await setups.service.start(request, ACTOR, None)
        assert sum(each.method == "POST" for each in transport.calls) == 4
        assert account.made == []


class Acme(Telnyx):
    name = "acme"
    title = "Acme"


class Impostor(Telnyx):
    pass


def test_a_third_partys_carrier_comes_by_its_entry_point(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offered = [
        EntryPoint("acme", f"{__name__}:Acme", registry.GROUP),
        EntryPoint("telnyx", f"{__name__}:Impostor", registry.GROUP),
        EntryPoint("gone", "no_such_module:Carrier", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: offered if group == registry.GROUP else [])
    known = registry.known_carriers()
    assert list(known) == ["telnyx", "twilio", "bandwidth", "acme"]
    assert type(known["telnyx"]) is Telnyx
    assert "there is a carrier telnyx already" in caplog.text
    assert "no_such_module" in caplog.text
