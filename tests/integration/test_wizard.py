"""What the wizard does, against a private daemon and the demo's simulated carriers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from textual.message import Message

from provd.client import ApiError, Client
from provd.demo.carriers.accounts import TELNYX_KEY
from provd.schema.health import HealthStatus
from provd.schema.setup import SetupRequest, SetupState, SetupStepEvent, StepState
from provtui import setup_progress
from provtui.feed import Feed
from provtui.local import private_daemon
from provtui.session import Session
from provtui.setup_calls import (
    CarriersRead,
    FirstChecked,
    Journalled,
    Made,
    NotMade,
    NotTaken,
    Planned,
    Proved,
    SetupCalls,
    WentOn,
)
from tests.fakes.daemon import eventually

pytestmark = pytest.mark.xdist_group("demo")  # the carriers' APIs have one address on a machine
CARRIER = "telnyx-demo"


class Wizard:
    """The calls of the wizard, and what they posted."""

    def __init__(self, socket: Path) -> None:
        self.posted: list[Message] = []
        self.client = Client(socket)
        feed = Feed(lambda: self.client, self.posted.append)
        self.calls = SetupCalls(Session(feed, lambda: 0.0, 1.0), self.posted.append)

    def of(self, kind: type[Message]) -> list[Message]:
        return [each for each in self.posted if isinstance(each, kind)]

    def request(self, name: str, **fields: object) -> SetupRequest:
        given = {"carrier": CARRIER, "credentials": {"api_key": TELNYX_KEY}, "setup_id": uuid4()}
        return SetupRequest.model_validate({**given, "name": name, **fields})


@pytest.fixture
async def wizard(tmp_path: Path) -> AsyncIterator[Wizard]:
    async with private_daemon(tmp_path / "s", tmp_path / "state") as children:
        await children.start_demo()
        running = Wizard(tmp_path / "s")
        try:
            yield running
        finally:
            await running.client.close()


async def test_it_goes_from_a_key_to_a_healthy_provider_and_back(wizard: Wizard) -> None:
    await wizard.calls.carriers()
    (read,) = wizard.of(CarriersRead)
    assert isinstance(read, CarriersRead)
    assert {"telnyx", CARRIER} <= {each.name for each in read.carriers}

    await wizard.calls.prove(CARRIER, {"api_key": "KEY-of-nobody-0123456789"})
    (refused,) = wizard.of(NotTaken)
    assert isinstance(refused, NotTaken)
    assert "Telnyx (simulated) did not accept the key" in str(refused.error)
    await wizard.calls.prove(CARRIER, {"api_key": TELNYX_KEY})
    assert wizard.of(Proved)

    wanted = wizard.request(f"Practice {uuid4().hex[:6]}")
    await wizard.calls.plan(wanted)
    (planned,) = wizard.of(Planned)
    assert isinstance(planned, Planned)
    progress = setup_progress.planned(planned.plan)

    await wizard.calls.set_up(wanted)
    for message in wizard.of(WentOn):
        assert isinstance(message, WentOn)
        progress = setup_progress.after(progress, message.event)
    states = [m.event.state for m in wizard.of(WentOn) if isinstance(m.event, SetupStepEvent)]  # type: ignore[attr-defined]
    assert StepState.INTENDED in states
    (made,), (journal,) = wizard.of(Made), wizard.of(Journalled)
    assert isinstance(made, Made)
    assert isinstance(journal, Journalled)
    assert [step.step for step in progress.steps] == [step.step for step in journal.setup.steps]
    assert {step.state for step in journal.setup.steps} == {StepState.DONE}
    (checked,) = wizard.of(FirstChecked)
    assert isinstance(checked, FirstChecked)
    assert checked.error == ""
    await eventually(
        lambda: wizard.client.provider(made.provider.id),
        lambda provider: provider.health_status is HealthStatus.HEALTHY,
    )

    found = await wizard.client.verify_carrier(made.provider.id)
    assert found.ok
    deleted = await wizard.client.delete_provider(made.provider.id, deprovision=True)
    assert deleted.deprovisioned is not None
    assert deleted.deprovisioned.state is SetupState.UNDONE


async def test_a_refused_setting_names_its_field(wizard: Wizard) -> None:
    await wizard.calls.plan(wizard.request("Practice", settings={"connection": "credential"}))
    (refused,) = wizard.of(NotTaken)
    assert isinstance(refused, NotTaken)
    assert isinstance(refused.error, ApiError)
    assert {each.field for each in refused.error.details} == {
        "credentials.sip_username",
        "credentials.sip_password",
    }


async def test_a_setup_with_a_key_that_is_refused_is_not_made(wizard: Wizard) -> None:
    wanted = wizard.request("Practice", credentials={"api_key": "KEY-of-nobody-0123456789"})
    async with asyncio.timeout(30):
        await wizard.calls.set_up(wanted)
    (failed,) = wizard.of(NotMade)
    assert isinstance(failed, NotMade)
    assert "did not accept the key" in failed.error
    assert not wizard.of(Made)
