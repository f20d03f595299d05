"""How calls went: what ``POST /v1.0/calls`` takes and answers, and the figures over a time."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from provd.schema.history import Instant
from provd.schema.model import Model
from provd.schema.timestamps import Timestamp

MAX_FAILURES_SHOWN = 10_000


class Direction(StrEnum):
    """Which way a call went: out through the provider, or in from it."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


Milliseconds = Annotated[float, Field(ge=0, le=86_400_000)]


class CallRecord(Model):
    """One call as it went. What is not known is left out, or null."""

    model_config = ConfigDict(extra="forbid")

    provider: Annotated[
        str,
        Field(min_length=1, max_length=255, description="its id, its name, or provd-ID as exports name it"),
    ]
    code: Annotated[int, Field(ge=200, le=699, description="the final SIP status code")]
    id: Annotated[
        str | None,
        Field(min_length=1, max_length=255, description="yours: of each provider it is taken once"),
    ] = None
    at: Annotated[Instant | None, Field(description="when it began; without it, now")] = None
    direction: Direction = Direction.OUTBOUND
    destination: Annotated[
        str, Field(max_length=255, description="the number called, with + for its country")
    ] = ""
    pdd_ms: Annotated[Milliseconds | None, Field(description="until it rang, or was refused")] = None
    setup_ms: Annotated[Milliseconds | None, Field(description="until it was answered")] = None
    duration_s: Annotated[
        float | None, Field(ge=0, le=31_536_000, description="from the answer to the end")
    ] = None
    codec: Annotated[str, Field(max_length=64)] = ""
    mos: Annotated[float | None, Field(ge=1, le=5)] = None
    loss_pct: Annotated[float | None, Field(ge=0, le=100)] = None


class FailedCall(Model):
    """A record that was left out, and why: its line in NDJSON from 1, or its index in an array from 0."""

    line: int | None = None
    index: int | None = None
    message: str


class CallReport(Model):
    """What became of call records. ``failed`` shows the first ten thousand, ``failed_total`` counts all."""

    created: int = 0
    duplicates: int = Field(default=0, description="those whose id was taken before")
    failed: list[FailedCall] = []
    failed_total: int = 0


class CodeCount(Model):
    """How many calls ended with a code."""

    code: int
    count: int


class CallTotals(Model):
    """Figures over some calls; what is not known is null."""

    attempts: int = 0
    answered: int = 0
    effective: int = Field(default=0, description="answered, busy, no answer, or refused by the called party")
    asr_pct: float | None = Field(default=None, description="answered of attempts")
    ner_pct: float | None = Field(default=None, description="effective of attempts (ITU-T E.425)")
    acd_s: float | None = Field(default=None, description="the mean duration of answered calls")
    minutes: float = Field(default=0.0, description="of answered calls together")
    pdd_p50_ms: float | None = None
    pdd_p95_ms: float | None = None
    setup_mean_ms: float | None = None
    mos_mean: float | None = None
    loss_mean_pct: float | None = None


class CallDetail(CallTotals):
    """The same, with what calls ended with."""

    classes: dict[str, int] = Field(default={}, description="calls by 2xx, 3xx, 4xx, 5xx, 6xx")
    codes: list[CodeCount] = Field(default=[], description="the most frequent first, at most 20")


class CountryCalls(CallTotals):
    """The figures of the calls to one country."""

    country: str = Field(description="ISO 3166, like GB; empty where the number does not tell")


class CallTrend(Model):
    """The present figures less those of a week before; null where one of them is not known."""

    attempts: int
    asr_pct: float | None = None
    ner_pct: float | None = None
    acd_s: float | None = None
    pdd_p50_ms: float | None = None
    pdd_p95_ms: float | None = None
    mos_mean: float | None = None


class CallStats(Model):
    """A provider's calls over a time, by when they began."""

    model_config = ConfigDict(populate_by_name=True)

    provider_id: str
    from_: Timestamp = Field(serialization_alias="from", validation_alias="from")
    to: Timestamp
    direction: Direction
    country: str | None = Field(default=None, description="null: all of them")
    calls: CallDetail
    week_before: CallDetail = Field(description="the same time a week earlier")
    trend: CallTrend
    countries: list[CountryCalls] = Field(description="the most calls first, at most 300")
