"""What the configuration allows: destinations, and a budget that outlives a restart."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from provd.routing.hazards import is_emergency, is_premium
from provd.routing.pattern import fits_any
from provd.schema.errors import ErrorStatus
from provd.schema.test_calls import CallMode, CallTestRequest
from provd.schema.timestamps import from_timestamp, to_timestamp
from provd.services.errors import ServiceError, conflict
from provd.store import test_calls as stored
from provd.store.engine import Transaction

HOUR_S, DAY_S = 3600.0, 86400.0
_AHEAD_S = 60.0


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule: which provider, by name or id, is called, and how often."""

    provider: str
    request: CallTestRequest
    every_s: float


@dataclass(frozen=True, slots=True)
class Rules:
    """``allow`` are numbers; one that ends in ``*`` stands for all that begin so. Without any, test calls are
    off. ``ring_s`` bounds the time to the answer, ``kept_s`` is how long results are kept."""

    allow: tuple[str, ...] = ()
    max_per_hour: int = 10
    max_seconds_per_day: int = 600
    ring_s: float = 60.0
    kept_s: float = 90 * DAY_S
    schedule: Mapping[str, Planned] = field(default_factory=dict)

    def check_destination(self, number: str, dialled: str) -> None:
        """Raise ServiceError for a number that may not be called; ``dialled`` is what the carrier is sent."""
        if not self.allow:
            raise conflict(
                "TEST_CALLS_OFF",
                "test calls are off: an admin allows destinations with allow under [test_calls] in provd's "
                "config, and reloads",
            )
        for each in (number, dialled):
            if is_emergency(each):
                raise _refused("DESTINATION_EMERGENCY", f"{each} is an emergency number: it is never called")
            if is_premium(each):
                raise _refused(
                    "DESTINATION_PREMIUM",
                    f"{each} costs extra, or does in some country: it is never called. Give an ordinary "
                    "number, with + and the country code",
                )
        if not fits_any(number, self.allow):
            raise _refused(
                "DESTINATION_NOT_ALLOWED",
                f"{number} is not among the destinations that [test_calls] allow has in provd's config",
            )

    async def check_budget(self, transaction: Transaction, seconds: float) -> None:
        """Raise ServiceError when the hour has had its calls, or the day its seconds."""
        now = time.time()
        until = to_timestamp(now + _AHEAD_S)  # those of a clock that was further ahead count for nothing
        hour = await transaction.run(stored.spent, to_timestamp(now - HOUR_S), until)
        if hour.calls >= self.max_per_hour:
            raise _exhausted(
                f"{hour.calls} test calls were begun within an hour, which is all that max_per_hour allows",
                hour.oldest,
                now,
                HOUR_S,
            )
        day = await transaction.run(stored.spent, to_timestamp(now - DAY_S), until)
        if day.seconds + seconds > self.max_seconds_per_day:
            raise _exhausted(
                f"test calls took {day.seconds:.0f} s within a day, and {seconds:.0f} s more are over what "
                f"max_seconds_per_day allows, {self.max_seconds_per_day} s",
                day.oldest,
                now,
                DAY_S,
            )


def reserved_s(request: CallTestRequest) -> float:
    """How much of the day's seconds a call may take: one that only rings takes none."""
    return float(request.max_duration_s) if request.mode is CallMode.ANSWER else 0.0


def _refused(reason: str, message: str) -> ServiceError:
    return ServiceError(ErrorStatus.UNPROCESSABLE, reason, message)


def _exhausted(message: str, oldest: str | None, now: float, span_s: float) -> ServiceError:
    wait_s = span_s if oldest is None else from_timestamp(oldest) + span_s - now
    return ServiceError(
        ErrorStatus.RESOURCE_EXHAUSTED, "TEST_CALL_BUDGET", message, retry_after_s=max(1, int(wait_s) + 1)
    )
