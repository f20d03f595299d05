"""Test calls: what is asked for, and what became of each."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from provd.schema.model import Model
from provd.schema.timestamps import NEVER, Timestamp

MAX_SECONDS = 60
_KEYS = frozenset("0123456789*#ABCD")
_LONGEST_NAME = 128


class CallMode(StrEnum):
    """When provd hangs up: at the first sign of ringing, usually at no charge, or after the answer."""

    RING = "ring"
    ANSWER = "answer"


class CallOutcome(StrEnum):
    """What became of a test call."""

    RUNNING = "running"
    ANSWERED = "answered"
    RINGING = "ringing"
    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    TIMEOUT = "timeout"
    FAILED = "failed"
    CANCELLED = "cancelled"


def _digits(text: str) -> str:
    wrong = next((each for each in text.upper() if each not in _KEYS), None)
    if wrong is not None:
        raise ValueError(f"has {wrong!r}: phones have the keys 0-9, *, # and A-D")
    return text.upper()


def _login_word(text: str) -> str:
    if not text or not text.isprintable() or not text.isascii():
        raise ValueError("must be printable ASCII, and not empty: copy it from the carrier's portal")
    return text


def _password(value: SecretStr) -> SecretStr:
    return SecretStr(_login_word(value.get_secret_value()))


class CallTestRequest(Model):
    """What ``POST /providers/{id}/test-calls`` takes."""

    model_config = ConfigDict(extra="forbid")

    destination: Annotated[str, Field(max_length=255, examples=["+15550100"])]
    caller: Annotated[str, Field(max_length=255, description="who calls; empty: the login")] = ""
    mode: CallMode = CallMode.RING
    max_duration_s: Annotated[int, Field(ge=1, le=MAX_SECONDS, description="after the answer")] = 10
    dtmf: Annotated[
        str, Field(max_length=32, description="digits to send after the answer"), AfterValidator(_digits)
    ] = ""


class LadderStep(Model):
    """A message on the wire as its method, or code and phrase; or a note of provd's."""

    at_ms: float = Field(description="since the first INVITE")
    way: Literal["out", "in", "note"]
    text: str


class RtpReport(Model):
    """The sound. ``first_packet_ms`` counts from when the peer said where it hears."""

    sent: int = Field(default=0, description="packets")
    received: int = Field(default=0, description="packets, each counted once")
    loss_pct: float | None = Field(default=None, description="of what was to come; null without a packet")
    jitter_ms: float | None = Field(default=None, description="RFC 3550 A.8; null without a packet")
    first_packet_ms: float | None = None
    audio: Literal["sound", "silence", "none"] = "none"
    dtmf_sent: str = ""
    dtmf_heard: str = ""
    note: str = Field(default="", description="why there is no figure, if the sound's process failed")


class CallTest(Model):
    """A test call. ``pdd_ms`` runs from the first INVITE to the first sign of progress, ``setup_ms`` to the
    answer."""

    id: str
    provider_id: str
    provider: str = Field(description="the provider's name")
    by: str = Field(description="the user who asked for it")
    schedule: str = Field(default="", description="the schedule that it is of; empty when somebody asked")
    destination: str
    mode: CallMode
    outcome: CallOutcome = CallOutcome.RUNNING
    code: int | None = Field(default=None, description="of the last final response to the INVITE")
    reason: str | None = None
    cause_text: str = Field(default="", description="what that means, in words")
    pdd_ms: float | None = None
    setup_ms: float | None = None
    talk_ms: float | None = None
    codec: str | None = None
    address: str | None = Field(default=None, description="where the call went")
    rtp: RtpReport = RtpReport()
    ladder: list[LadderStep] = []
    tm_create: Timestamp
    tm_end: Timestamp = NEVER


class CallTestPage(Model):
    """One page of test calls, newest first; ``next_page_token`` is empty on the last."""

    result: list[CallTest]
    next_page_token: str


class CallTestStep(Model):
    """A step of a test call that is under way."""

    provider_id: str
    call_id: str
    at: Timestamp
    step: LadderStep


class CallTestEnded(Model):
    """A test call has ended; ``GET /providers/{id}/test-calls/{call_id}`` has all of it."""

    provider_id: str
    name: str
    at: Timestamp
    call_id: str
    by: str
    schedule: str = ""
    destination: str
    outcome: CallOutcome
    code: int | None = None
    pdd_ms: float | None = None
    loss_pct: float | None = None
    audio: Literal["sound", "silence", "none"] = "none"
    cause_text: str


class SipLoginRequest(Model):
    """What a provider asks for with 401 or 407. It goes into the keyring, and is never shown."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    username: Annotated[str, Field(max_length=_LONGEST_NAME), AfterValidator(_login_word)]
    password: Annotated[SecretStr, Field(max_length=512), AfterValidator(_password)]


class SipLogin(Model):
    """A login that test calls use; ``source`` is ``setup`` for one that setup made."""

    provider_id: str
    username: str = Field(default="", description="empty when there is none")
    source: Literal["api", "setup", "none"]
    tm_update: Timestamp = NEVER
