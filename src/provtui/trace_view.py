"""What the trace tab knows: the exchanges, which one is looked at, and whether they are followed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from provd.schema.trace import TracedExchange

KEPT = 200
"""How many exchanges are kept while following."""


class Follow(Enum):
    """Whether new exchanges are shown as they happen."""

    OFF = "off"
    OPENING = "opening"
    LIVE = "live"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class TraceView:
    """``exchanges`` are newest first; ``error`` says why they could not be read or followed."""

    exchanges: tuple[TracedExchange, ...] = ()
    chosen: int = 0
    read: bool = False
    follow: Follow = Follow.OFF
    error: str = ""

    @property
    def exchange(self) -> TracedExchange | None:
        """The one that is looked at."""
        return self.exchanges[self.chosen] if self.chosen < len(self.exchanges) else None


def took(view: TraceView, exchanges: Sequence[TracedExchange]) -> TraceView:
    """Take all exchanges as the daemon gave them, newest first."""
    found = tuple(exchanges)
    follow = Follow.LIVE if view.follow is Follow.OPENING else view.follow
    return replace(_choose_again(view, found), read=True, error="", follow=follow)


def added(view: TraceView, exchange: TracedExchange) -> TraceView:
    """Take one that has just happened, unless it is known; whoever looks at the newest goes on doing so."""
    if any(_identity(each) == _identity(exchange) for each in view.exchanges):
        return view
    return _choose_again(view, (exchange, *view.exchanges)[:KEPT])


def failed(view: TraceView, error: str) -> TraceView:
    """Note why reading or following ended; what was read stays."""
    follow = Follow.OFF if view.follow is Follow.OFF else Follow.LOST
    return replace(view, error=error, follow=follow)


def move(view: TraceView, where: str) -> TraceView:
    """Look at the exchange ``up``, ``down``, at the ``top`` or the ``bottom``."""
    last = max(0, len(view.exchanges) - 1)
    places = {"up": view.chosen - 1, "down": view.chosen + 1, "top": 0, "bottom": last}
    return choose(view, places.get(where, view.chosen))


def choose(view: TraceView, index: int) -> TraceView:
    """Look at the exchange at ``index``, or the nearest there is."""
    return replace(view, chosen=max(0, min(index, len(view.exchanges) - 1)))


def _choose_again(view: TraceView, exchanges: tuple[TracedExchange, ...]) -> TraceView:
    chosen = view.exchange
    places = (
        index
        for index, each in enumerate(exchanges)
        if chosen is not None and view.chosen and _identity(each) == _identity(chosen)
    )
    return replace(view, exchanges=exchanges, chosen=next(places, 0))


def _identity(exchange: TracedExchange) -> tuple[str, str | None]:
    return exchange.at, exchange.target
