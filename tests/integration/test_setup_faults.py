"""Whatever goes wrong at whichever call: a whole provider, or nothing left, or a journal that says what."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from provd.schema.provider import Provider
from provd.schema.setup import Setup, SetupRequest, SetupState, StepState
from provd.services.errors import ServiceError
from provd.services.precondition import Precondition
from provd.store import setups as stored
from tests.fakes.carriers.cases import CASES, Case
from tests.fakes.carriers.faulty import FAULTS, ONE_OF_EACH, Fault, FaultyTransport
from tests.fakes.setups import ACTOR, Setups, running_setups

ALIKE = ("telnyx-credential", "telnyx-fqdn", "bandwidth-legacy")
"""Kinds whose calls are like those of another kind of their carrier: one fault of each sort is tried."""
LONG = ("twilio-everything",)
"""Kinds with so many calls that no fault is tried here; tests/unit/carriers has their requests fail.

With EVERY_FAULT set, as ``make ordeal`` does, each fault is tried at each call of every kind.
"""


def faults_for(case: Case) -> tuple[Fault, ...]:
    if os.environ.get("EVERY_FAULT"):
        return FAULTS
    return () if case.name in LONG else ONE_OF_EACH if case.name in ALIKE else FAULTS


each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_case_and_fault = pytest.mark.parametrize(
    ("case", "fault"), [(case, fault) for case in CASES for fault in faults_for(case)], ids=str
)


_calls: dict[str, tuple[int, int]] = {}


async def calls_of(case: Case, transport: FaultyTransport, setups: Setups) -> tuple[int, int]:
    """How many calls a setup of this kind takes, and its undoing; counted once."""
    if case.name not in _calls:
        transport.begin()
        provider = await setups.service.start(case.request(), ACTOR, None)
        forward = len(transport.calls)
        transport.begin()
        await setups.trunks.deprovision(provider.id, ACTOR, Precondition())
        _calls[case.name] = forward, len(transport.calls)
    return _calls[case.name]


async def assert_nothing_is_left(transport: FaultyTransport, setups: Setups) -> None:
    assert transport.fake.made == []  # type: ignore[attr-defined]
    assert await setups.store.read(stored.count_credentials) == 0


async def assert_the_journal_tells_all(setup_id: str, transport: FaultyTransport, setups: Setups) -> None:
    """Whatever is at the carrier is in the journal: by its id, or as a step whose end is not known."""
    setup = await setups.service.get(setup_id)
    assert setup.state is SetupState.LEFT
    left = [step for step in setup.steps if step.state is StepState.LEFT]
    assert left
    assert all(step.note for step in left)
    known = {step.carrier_id for step in left}
    unknown = [thing for thing in transport.fake.made if identity(thing) not in known]  # type: ignore[attr-defined]
    assert len(unknown) <= sum(not step.carrier_id for step in left)


def identity(thing: dict[str, object]) -> str:
    thing = {**thing, **dict(thing.get("peer") or {})}  # type: ignore[call-overload]
    names = ("id", "sid", "voiceConfigurationPackageId", "Id", "PeerId")
    return str(next(thing[name] for name in names if name in thing))


@pytest.fixture
async def at_work(case: Case, tmp_path: Path) -> AsyncIterator[tuple[FaultyTransport, Setups]]:
    transport = FaultyTransport(case.fake())
    async with running_setups(tmp_path, {case.carrier.name: case.carrier}, transport) as setups:
        yield transport, setups


@each_case
async def test_every_call_and_answer_is_as_the_carrier_specifies(case: Case, tmp_path: Path) -> None:
    transport = FaultyTransport(case.fake(), case.specifications)
    async with running_setups(tmp_path, {case.carrier.name: case.carrier}, transport) as setups:
        provider = await setups.service.start(case.request(), ACTOR, None)
        assert (await setups.trunks.verify(provider.id)).ok
        gone = await setups.trunks.deprovision(provider.id, ACTOR, Precondition())
        assert gone.deprovisioned is not None
        assert gone.deprovisioned.left == []
        await assert_nothing_is_left(transport, setups)


async def attempt(setups: Setups, request: SetupRequest) -> tuple[Provider | None, str]:
    """The provider, or None and why there is none."""
    try:
        return await setups.service.start(request, ACTOR, None), ""
    except ServiceError as error:
        return None, str(error)


@each_case_and_fault
async def test_a_setup_ends_whole_or_leaves_nothing_unknown(
    case: Case, fault: Fault, at_work: tuple[FaultyTransport, Setups]
) -> None:
    transport, setups = at_work
    forward, _ = await calls_of(case, transport, setups)
    for at in range(1, forward + 1):
        transport.begin(fault, at)
        request = case.request(f"Ours {at}")
        provider, said = await attempt(setups, request)
        if provider is None:
            assert case.carrier.title in said
            assert not any(secret in said for secret in case.secrets)
            setup = (await setups.service.list(1, "")).result[0]
            assert setup.error
            transport.begin()  # from here on all goes well
            if setup.state is SetupState.LEFT:
                await assert_the_journal_tells_all(setup.id, transport, setups)
                if at % 2:
                    resumed = await setups.service.resume(setup.id, ACTOR)
                    transport.begin()
                    assert (await setups.trunks.verify(resumed.id)).ok
                    await setups.trunks.deprovision(resumed.id, ACTOR, Precondition())
                else:
                    assert (await setups.service.rollback(setup.id, ACTOR)).state is SetupState.UNDONE
            else:
                assert setup.state is SetupState.UNDONE
        else:
            transport.begin()
            assert (await setups.trunks.verify(provider.id)).findings == []
            gone = await setups.trunks.deprovision(provider.id, ACTOR, Precondition())
            assert gone.deprovisioned is not None
            assert gone.deprovisioned.left == []
        await assert_nothing_is_left(transport, setups)


@each_case_and_fault
async def test_an_undoing_ends_or_leaves_nothing_unknown(
    case: Case, fault: Fault, at_work: tuple[FaultyTransport, Setups]
) -> None:
    transport, setups = at_work
    _, back = await calls_of(case, transport, setups)
    for at in range(1, back + 1):
        transport.begin()
        provider = await setups.service.start(case.request(f"Ours {at}"), ACTOR, None)
        setup_id = (await setups.trunks.setup(provider.id)).id
        transport.begin(fault, at)
        gone = await setups.trunks.deprovision(provider.id, ACTOR, Precondition())
        transport.begin()
        assert gone.deprovisioned is not None
        if gone.deprovisioned.state is not SetupState.UNDONE:
            await assert_the_journal_tells_all(setup_id, transport, setups)
            assert {step.step for step in gone.deprovisioned.left} == {
                step.step
                for step in (await setups.service.get(setup_id)).steps
                if step.state is StepState.LEFT
            }
            assert (await setups.service.rollback(setup_id, ACTOR)).state is SetupState.UNDONE
        await assert_nothing_is_left(transport, setups)


@pytest.mark.parametrize("acts", [False, True], ids=["before it acted", "after it acted"])
@each_case
async def test_a_setup_that_was_cut_off_is_finished_at_the_next_start(
    case: Case, acts: bool, tmp_path: Path
) -> None:
    transport = FaultyTransport(case.fake())
    carriers = {case.carrier.name: case.carrier}
    async with running_setups(tmp_path, carriers, transport) as setups:
        forward, _ = await calls_of(case, transport, setups)
    for at in range(1, forward + 1):
        cut = asyncio.Event()

        async def hang(request: httpx.Request, at: int = at, cut: asyncio.Event = cut) -> None:
            if len(transport.calls) == at:
                if acts:
                    transport.fake.handle(request)
                cut.set()
                await asyncio.Event().wait()

        transport.begin()
        transport.before = hang
        async with running_setups(tmp_path, carriers, transport) as setups:
            waiting = asyncio.create_task(setups.service.start(case.request(f"Ours {at}"), ACTOR, None))
            await cut.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
        transport.before = None
        transport.begin()
        async with running_setups(tmp_path, carriers, transport) as setups:
            setup = await settled(setups)
            if setup.state is SetupState.DONE:
                assert setup.provider_id is not None
                assert (await setups.trunks.verify(setup.provider_id)).findings == []
                await setups.trunks.deprovision(setup.provider_id, ACTOR, Precondition())
            await assert_nothing_is_left(transport, setups)
            assert (await setups.service.get(setup.id)).state is SetupState.UNDONE


async def settled(setups: Setups) -> Setup:
    """The newest setup, once nothing is to be done about it."""
    async with asyncio.timeout(20):
        while True:
            setup = (await setups.service.list(1, "")).result[0]
            if setup.state in (SetupState.DONE, SetupState.UNDONE) and setup.id not in setups.runs.tasks:
                return setup
            await asyncio.sleep(0.005)
