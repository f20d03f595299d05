"""What the in-memory daemon knows of carriers and setups: one carrier, whose account is never asked."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provd.carriers.telnyx.models import TelnyxCredentials, TelnyxSettings
from provd.schema.carriers import Account, CarrierInfo
from provd.schema.events import EventType
from provd.schema.setup import (
    Deprovisioned,
    Finding,
    PlannedCall,
    PlannedProvider,
    Setup,
    SetupChangedEvent,
    SetupPlan,
    SetupRequest,
    SetupState,
    SetupStep,
    SetupStepEvent,
    StepState,
    Verification,
)
from provd.schema.timestamps import to_timestamp

KEY = "KEY0123456789abcdefKEY0"
Emit = Callable[[EventType, Any], None]
_BASE = "https://api.telnyx.com/v2"
_BY_HAND = "Buy or move phone numbers to the connection in Telnyx's portal, for calls to you."


def telnyx() -> CarrierInfo:
    return CarrierInfo(
        name="telnyx",
        title="Telnyx",
        summary="SIP trunks by IP address, user name or host name",
        credentials=TelnyxCredentials.model_json_schema(),
        settings=TelnyxSettings.model_json_schema(),
    )


def a_plan(name: str) -> SetupPlan:
    label = f"{name} p4f2a"
    profile = {"name": label, "enabled": True, "whitelisted_destinations": ["CA", "US"]}
    connection = {
        "connection_name": label,
        "active": True,
        "inbound": {"ani_number_format": "+E.164", "dnis_number_format": "+e164", "sip_region": "US"},
        "outbound": {"outbound_voice_profile_id": {"$id": "profile"}},
        "transport_protocol": "UDP",
    }
    ip = {"ip_address": "203.0.113.10", "port": 5060, "connection_id": {"$id": "connection"}}
    calls = (
        ("profile", "Create the outbound voice profile", "outbound_voice_profiles", profile),
        ("connection", "Create the IP connection", "ip_connections", connection),
        ("ip_1", "Register our address 203.0.113.10:5060", "ips", ip),
    )
    return SetupPlan(
        carrier="telnyx",
        calls=[
            PlannedCall(step=step, title=title, method="POST", url=f"{_BASE}/{path}", body=body)  # type: ignore[arg-type]
            for step, title, path, body in calls
        ],
        provider=PlannedProvider(
            name=name, hostname="sip.telnyx.com", transport="udp", tech_prefix="", carrier="telnyx"
        ),
        by_hand=[_BY_HAND],
    )


def a_setup(
    name: str = "Acme",
    *,
    state: SetupState = SetupState.DONE,
    steps: StepState = StepState.DONE,
    note: str = "",
    provider_id: str | None = None,
    at: float = 0.0,
    error: str = "",
) -> Setup:
    """Make the journal of a setup; ``note`` is on its first step."""
    ids = ("2944757397136082899", "2944757397136082900", "00000000-0000-0000-28dd-8f2a2d3b1a15")
    return Setup(
        id="set-" + "-".join(name.lower().split()),
        carrier="telnyx",
        name=name,
        state=state,
        provider_id=provider_id,
        steps=[
            SetupStep(
                step=call.step,
                title=call.title,
                state=steps,
                carrier_id="" if steps is StepState.PLANNED else ids[number],
                note="" if number else note,
            )
            for number, call in enumerate(a_plan(name).calls)
        ],
        error=error,
        by_hand=[_BY_HAND],
        by="mara",
        key_ends="KEY0",
        key_verified_at=to_timestamp(at),
        tm_create=to_timestamp(at),
        tm_update=to_timestamp(at),
    )


@dataclass
class FakeSetups:
    """``keys`` are those that the carrier takes. ``fail_at`` is the step at which the next setups fail, with
    the carrier's words ``says``; ``stuck`` what can then not be undone, and why. ``gate`` holds a setup up
    before its second step, ``carriers_gate`` the answer which carriers there are. ``findings`` and
    ``numbers`` are what a comparison finds."""

    now: float
    emit: Emit
    carriers: list[CarrierInfo] = field(default_factory=lambda: [telnyx()])
    keys: set[str] = field(default_factory=lambda: {KEY})
    by_id: dict[str, Setup] = field(default_factory=dict)
    requests: list[SetupRequest] = field(default_factory=list)
    fail_at: str = ""
    says: str = "Telnyx refused to create the IP connection: The name is taken, code 10012"
    stuck: Mapping[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    carriers_gate: asyncio.Event | None = None
    findings: list[Finding] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def account(self, credentials: Mapping[str, Any]) -> Account | None:
        """Whose key it is; None: nobody's."""
        if credentials.get("api_key") not in self.keys:
            return None
        return Account(balance="300.00", currency="USD", notes=[])

    async def run(self, wanted: SetupRequest, provider_id: str) -> str:
        """Take a setup to its end; the error that it ended with."""
        journal = a_setup(wanted.name, state=SetupState.RUNNING, steps=StepState.PLANNED, at=self.now)
        self.put(journal.model_copy(update={"id": str(wanted.setup_id)}))
        for number, step in enumerate(journal.steps):
            if number == 1 and self.gate is not None:
                await self.gate.wait()
            self.step(str(wanted.setup_id), step.step, StepState.INTENDED)
            if step.step == self.fail_at:
                self._undo(str(wanted.setup_id), number)
                return self.says
            self.step(str(wanted.setup_id), step.step, StepState.DONE)
        done = self.by_id[str(wanted.setup_id)]
        self.put(done.model_copy(update={"state": SetupState.DONE, "provider_id": provider_id}))
        return ""

    def step(self, setup_id: str, name: str, state: StepState, note: str = "") -> None:
        """Have a step go on."""
        held = self.by_id[setup_id]
        number = next(n for n, step in enumerate(held.steps) if step.step == name)
        steps = list(held.steps)
        steps[number] = steps[number].model_copy(update={"state": state, "note": note})
        self.by_id[setup_id] = held.model_copy(update={"steps": steps})
        event = SetupStepEvent(
            setup_id=setup_id,
            at=to_timestamp(self.now),
            carrier=held.carrier,
            name=held.name,
            number=number + 1,
            steps=len(steps),
            step=name,
            title=steps[number].title,
            state=state,
            note=note,
        )
        self.emit(EventType.SETUP_STEP, event)

    def put(self, setup: Setup) -> Setup:
        """Hold a setup, and tell its state."""
        self.by_id[setup.id] = setup
        event = SetupChangedEvent(
            setup_id=setup.id,
            at=to_timestamp(self.now),
            carrier=setup.carrier,
            name=setup.name,
            state=setup.state,
            error=setup.error,
            provider_id=setup.provider_id,
        )
        self.emit(EventType.SETUP_CHANGED, event)
        return setup

    def of_provider(self, provider_id: str) -> Setup | None:
        return next((s for s in self.by_id.values() if s.provider_id == provider_id), None)

    def undo(self, setup_id: str) -> Setup:
        """Undo a setup."""
        self._undo(setup_id, len(self.by_id[setup_id].steps) - 1)
        return self.by_id[setup_id]

    def deprovision(self, setup: Setup) -> Deprovisioned:
        after = self.undo(setup.id)
        return Deprovisioned(
            state=after.state,
            removed=[step for step in after.steps if step.state is StepState.UNDONE],
            left=[step for step in after.steps if step.state is StepState.LEFT],
        )

    def verification(self, setup: Setup) -> Verification:
        return Verification(
            provider_id=setup.provider_id or "",
            setup_id=setup.id,
            at=to_timestamp(self.now),
            ok=not self.findings,
            findings=self.findings,
            numbers=self.numbers,
            account=Account(balance="287.40", currency="USD"),
        )

    def _undo(self, setup_id: str, last: int) -> None:
        held = self.by_id[setup_id]
        self.put(held.model_copy(update={"state": SetupState.UNDOING, "error": self.says}))
        for step in reversed(held.steps[: last + 1]):
            why = self.stuck.get(step.step, "")
            self.step(setup_id, step.step, StepState.LEFT if why else StepState.UNDONE, why)
        state = SetupState.LEFT if self.stuck else SetupState.UNDONE
        self.put(self.by_id[setup_id].model_copy(update={"state": state}))
