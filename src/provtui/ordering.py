"""The orders in which the fleet can be shown."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from provd.schema.provider import Provider
from provtui.condition import condition_of
from provtui.text import clean

_Key = Callable[[Provider], Any]


class SortBy(Enum):
    """What to sort by; the value is the heading of the column it goes with."""

    STATE = "STATE"
    NAME = "NAME"
    HOSTNAME = "HOSTNAME"
    CARRIER = "CARRIER"
    RTT = "RTT"
    LOSS = "LOSS"
    AVAILABILITY = "AVAIL"
    CODE = "CODE"
    AGE = "AGE"
    SINCE = "SINCE"


@dataclass(frozen=True, slots=True)
class Order:
    """A sort order. The natural direction is what an operator wants first: the worst, the newest, a to z."""

    by: SortBy = SortBy.STATE
    reverse: bool = False

    def then(self, by: SortBy) -> "Order":
        """Choose ``by``; choosing the same again reverses it."""
        return Order(by, not self.reverse if by is self.by else False)

    def key(self, provider: Provider) -> tuple[Any, ...]:
        """Give what ``provider`` is sorted by; equal ones go by name, then id.

        Those without a figure to sort by come last in either direction.
        """
        missing = self.by in _MISSING and _MISSING[self.by](provider)
        return (missing is not self.reverse, _KEYS[self.by](provider), provider.name.casefold(), provider.id)


def _state(provider: Provider) -> int:
    return condition_of(provider).severity


def _newest(timestamp: str | None) -> int:
    # API timestamps have one width and only digits between fixed marks, so their digits order as they do
    return 0 if timestamp is None else -int("".join(c for c in timestamp if c.isdigit()))


_KEYS: dict[SortBy, _Key] = {
    SortBy.STATE: _state,
    SortBy.NAME: lambda provider: clean(provider.name).casefold(),
    SortBy.HOSTNAME: lambda provider: provider.hostname.casefold(),
    SortBy.CARRIER: lambda provider: provider.carrier.casefold(),
    SortBy.RTT: lambda provider: -(provider.health.rtt_ms or 0.0),
    SortBy.LOSS: lambda provider: -(provider.health.loss_pct or 0.0),
    SortBy.AVAILABILITY: lambda provider: provider.health.availability_24h_pct or 0.0,
    SortBy.CODE: lambda provider: -(provider.health.code or 0),
    SortBy.AGE: lambda provider: provider.health_checked_at or "",
    SortBy.SINCE: lambda provider: _newest(provider.health.since),
}

_MISSING: dict[SortBy, Callable[[Provider], bool]] = {
    SortBy.CARRIER: lambda provider: not provider.carrier,
    SortBy.RTT: lambda provider: provider.health.rtt_ms is None,
    SortBy.LOSS: lambda provider: provider.health.loss_pct is None,
    SortBy.AVAILABILITY: lambda provider: provider.health.availability_24h_pct is None,
    SortBy.AGE: lambda provider: provider.health_checked_at is None,
    SortBy.SINCE: lambda provider: provider.health.since is None,
}
