"""What the audit log tells of setups: who began, went on, undid, replaced the key; and no key in it."""

import json
from pathlib import Path

import pytest

from provd.carriers.telnyx.carrier import Telnyx
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.schema.audit import AuditEntry, Outcome
from provd.schema.setup import SetupState
from provd.services.actor import Actor
from provd.services.audit import AuditService
from provd.services.errors import ServiceError
from provd.services.precondition import Precondition
from provd.services.revisions import RevisionService
from provd.store.audit import AuditFilter
from tests.fakes.carriers.cases import TELNYX, TELNYX_KEY
from tests.fakes.carriers.faulty import FAULTS, FaultyTransport
from tests.fakes.setups import Setups, running_setups

IP = TELNYX[0]
OUTAGE = next(fault for fault in FAULTS if fault.name == "503 for ever")
MARA = Actor(1000, "mara", 77, "admin", "POST", "r-1")
IVO = Actor(1001, "ivo", 78, "admin", "POST", "r-2")


async def entries(setups: Setups) -> list[AuditEntry]:
    """Oldest first; the key is in none."""
    page = await AuditService(setups.store, None).list(AuditFilter(), 1000, "")
    assert TELNYX_KEY not in page.model_dump_json()
    assert TELNYX_KEY not in json.dumps([event.data for event in setups.events])
    return page.result[::-1]


def told(found: list[AuditEntry]) -> list[tuple[str, str, Outcome]]:
    return [(each.action, each.user, each.outcome) for each in found]


async def test_a_setup_and_its_end_are_told_with_who_asked(tmp_path: Path) -> None:
    transport = FaultyTransport(FakeTelnyx(TELNYX_KEY))
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport) as setups:
        provider = await setups.service.start(IP.request(), MARA, None)
        await setups.trunks.rotate(provider.id, IP.request().credentials, IVO)
        await setups.trunks.deprovision(provider.id, IVO, Precondition())
        found = await entries(setups)
    assert told(found) == [
        ("setup.begin", "mara", Outcome.BEGUN),
        ("provider.create", "mara", Outcome.DONE),
        ("setup.credentials", "ivo", Outcome.DONE),
        ("provider.deprovision", "ivo", Outcome.DONE),
    ]
    assert [each.kind for each in found] == ["setup", "provider", "setup", "provider"]
    assert found[0].after == {"carrier": "telnyx", "provider_id": None}
    assert {each.pid for each in found} == {77, 78}


async def test_rolling_back_and_going_on_are_told_and_trying_again_by_itself_is_not(tmp_path: Path) -> None:
    transport = FaultyTransport(FakeTelnyx(TELNYX_KEY))
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport) as setups:
        transport.begin(OUTAGE, 4)
        with pytest.raises(ServiceError):
            await setups.service.start(IP.request(), MARA, None)
        setup = (await setups.service.list(1, "")).result[0]
        assert setup.state is SetupState.LEFT
        with pytest.raises(ServiceError):
            await setups.service.resume(setup.id, IVO)
        transport.begin()
        assert (await setups.service.rollback(setup.id, IVO)).state is SetupState.UNDONE
        found = await entries(setups)
    assert told(found) == [
        ("setup.begin", "mara", Outcome.BEGUN),
        ("setup.resume", "ivo", Outcome.BEGUN),
        ("setup.rollback", "ivo", Outcome.BEGUN),
    ]


async def test_a_provider_whose_trunk_was_removed_is_not_restored(tmp_path: Path) -> None:
    transport = FaultyTransport(FakeTelnyx(TELNYX_KEY))
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport) as setups:
        provider = await setups.service.start(IP.request(), MARA, None)
        await setups.trunks.deprovision(provider.id, MARA, Precondition())
        revisions = RevisionService(setups.store, setups.providers, setups.routes)
        with pytest.raises(ServiceError, match="set it up again"):
            await revisions.restore_provider(provider.id, 1, MARA, Precondition())
