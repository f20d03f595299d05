"""Setting a trunk up at a carrier: the request, the plan, the journal, and what became of it since."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from provd.schema.carriers import Account
from provd.schema.fields import Detail, Name
from provd.schema.model import Model
from provd.schema.provider import Provider, Transport
from provd.schema.timestamps import Timestamp


class SetupState(StrEnum):
    """How far a setup is. ``undone``: nothing of it is at the carrier. ``left``: something is, that could
    not be removed; its steps say what and why, and it is tried again."""

    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    LEFT = "left"


class StepState(StrEnum):
    """How far a step is. ``intended``: begun, and its end not known yet. ``left``: it could not be undone."""

    PLANNED = "planned"
    INTENDED = "intended"
    DONE = "done"
    UNDONE = "undone"
    LEFT = "left"


class SetupRequest(Model):
    """What ``POST /providers/setup`` takes. ``setup_id`` is the caller's own id for the run, by which its
    events are known."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    carrier: Annotated[str, Field(min_length=1, max_length=64, examples=["telnyx"])]
    name: Name
    detail: Detail = ""
    credentials: dict[str, JsonValue] = Field(repr=False, examples=[{"api_key": "KEY0123456789abcdef"}])
    settings: dict[str, JsonValue] = {}
    setup_id: UUID | None = None


class PlannedCall(Model):
    """A call that would be made. ``{step}`` and ``{"$id": step}`` stand for ids that are not known before,
    ``{"$secret": name}`` for a credential."""

    step: str
    title: str
    method: str
    url: str
    body: dict[str, JsonValue]


class PlannedProvider(Model):
    """The provider that would be added."""

    name: str
    hostname: str
    transport: Transport
    tech_prefix: str
    carrier: str


class SetupPlan(Model):
    """What a setup would do. ``by_hand`` is left for the operator to do at the carrier."""

    carrier: str
    calls: list[PlannedCall]
    provider: PlannedProvider
    by_hand: list[str]


class SetupStep(Model):
    """A step as the journal has it; ``note`` says what is to be known about it."""

    step: str
    title: str
    state: StepState
    carrier_id: str = ""
    note: str = ""


class Finding(Model):
    """A difference between the carrier and the journal. ``foreign`` things are on the trunk, and not ours."""

    step: str
    kind: Literal["missing", "changed", "foreign"]
    carrier_id: str
    field: str = ""
    expected: JsonValue = None
    found: JsonValue = None
    message: str


class Setup(Model):
    """The journal of one run. ``key_ends`` are the last characters of the key that it has in the keyring."""

    id: str
    carrier: str
    name: str
    state: SetupState
    provider_id: str | None
    steps: list[SetupStep]
    error: str = ""
    by_hand: list[str] = []
    by: str
    key_ends: str = ""
    key_verified_at: Timestamp | None = None
    compared_at: Timestamp | None = Field(default=None, description="when the carrier was last compared")
    drift: list[Finding] = Field(default=[], description="what differed then")
    tm_create: Timestamp
    tm_update: Timestamp


class SetupPage(Model):
    """One page of setups, newest first."""

    result: list[Setup]
    next_page_token: str


class Verification(Model):
    """The carrier compared with the journal, now."""

    provider_id: str
    setup_id: str
    at: Timestamp
    ok: bool
    findings: list[Finding]
    numbers: list[str] = Field(description="phone numbers on the trunk")
    account: Account | None = Field(description="null where the carrier tells no balance")


class CredentialsRequest(Model):
    """What ``PUT /providers/{id}/carrier/credentials`` takes."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    credentials: dict[str, JsonValue] = Field(repr=False)


class Deprovisioned(Model):
    """What became of a trunk: its journal afterwards. In state ``left`` the steps say what is still there,
    and why."""

    state: SetupState
    removed: list[SetupStep]
    left: list[SetupStep]


class DeletedProvider(Provider):
    """A deleted provider; with ``?deprovision=true`` also what was removed at the carrier."""

    deprovisioned: Deprovisioned | None = None


class KeyringReport(Model):
    """Where carriers' keys are kept, and whether that works: an entry was written, read and removed."""

    backend: str
    description: str
    usable: bool
    error: str = ""
    keys: int = Field(description="how many carriers' keys it holds for us")


class SetupStepEvent(Model):
    """A step of a setup went on: it is number ``number`` of ``steps``."""

    setup_id: str
    at: Timestamp
    carrier: str
    name: str
    number: int
    steps: int
    step: str
    title: str
    state: StepState
    note: str = ""


class SetupChangedEvent(Model):
    """A setup began, ended, or is being undone."""

    setup_id: str
    at: Timestamp
    carrier: str
    name: str
    state: SetupState
    error: str = ""
    provider_id: str | None = None


class DriftEvent(Model):
    """What a carrier has differs from what was set up there; or, with no findings, no longer does."""

    provider_id: str
    name: str
    at: Timestamp
    findings: list[Finding]
