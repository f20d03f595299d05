"""The columns of the fleet table: what each shows, and how they share the width there is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from provd.schema.provider import Provider
from provtui import figures
from provtui.condition import Condition, condition_of, state_label
from provtui.notes import notes_of
from provtui.ordering import SortBy
from provtui.sparkline import LOST, NOT_YET, spark
from provtui.text import clean, fit

Run = tuple[str, str]
"""Text, and the component class of its ink; the empty string is the ordinary ink."""

Cell = tuple[Run, ...]
_PLAIN, _FAINT, _LOST = "", "ink--faint", "ink--lost"


@dataclass(frozen=True, slots=True)
class Column:
    """One column, at least ``least`` cells wide. ``draw`` gives runs that fill exactly the given width.

    ``rank`` is its place among the columns that are there only when there is room, 1 being the first to be
    taken; 0: it is always there.
    """

    title: str
    least: int
    draw: Callable[[Provider, float, int], Cell]
    rank: int = 0
    right: bool = False
    sort: SortBy | None = None


@dataclass(frozen=True, slots=True)
class Growth:
    """A wish for more width: up to ``cells``, or when ``whole`` all of it or nothing."""

    title: str
    cells: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A column at its place: ``x`` cells from the left edge, ``width`` cells wide."""

    column: Column
    x: int
    width: int


def lay_out(
    columns: Sequence[Column], growth: Sequence[Growth], cells: int, *, first: int
) -> tuple[Placed, ...]:
    """Share ``cells`` among ``columns``, beginning at ``first``, with one cell between them.

    Those with a rank are taken by it while there is room beside all the others; what is left goes
    to the wishes in ``growth``, in their order. Columns that do not fit at all are left out from the right.
    """
    room = cells - first
    chosen = [column for column in columns if not column.rank]
    for column in sorted((c for c in columns if c.rank), key=lambda column: column.rank):
        if _least([*chosen, column]) <= room:
            chosen.append(column)
    while chosen and _least(chosen) > room:
        chosen.pop()
    widths = {column.title: column.least for column in chosen}
    spare = room - _least(chosen)
    for wish in growth:
        wanted = wish.cells - widths.get(wish.title, wish.cells)
        extra = min(wanted, spare)
        if extra == wanted or not wish.whole:
            widths[wish.title] = widths.get(wish.title, 0) + extra
            spare -= extra
    placed, x = [], first
    for column in columns:
        if column in chosen:
            placed.append(Placed(column, x, widths[column.title]))
            x += widths[column.title] + 1
    return tuple(placed)


def _least(columns: Sequence[Column]) -> int:
    return sum(column.least for column in columns) + len(columns) - 1


def _quiet(condition: Condition) -> str:
    """Give the ordinary ink, fainter for what a person has set aside."""
    return _FAINT if condition in (Condition.DISABLED, Condition.MAINTENANCE) else _PLAIN


def _state(provider: Provider, now: float, cells: int) -> Cell:
    condition = condition_of(provider)
    return ((fit(state_label(provider), cells), condition.ink),)


def _name(provider: Provider, now: float, cells: int) -> Cell:
    condition = condition_of(provider)
    ink = "ink--name" if condition.is_problem else _quiet(condition)
    return ((fit(clean(provider.name), cells), ink),)


def _hostname(provider: Provider, now: float, cells: int) -> Cell:
    return ((fit(clean(provider.hostname), cells), _FAINT),)


def _carrier(provider: Provider, now: float, cells: int) -> Cell:
    return ((fit(clean(provider.carrier), cells), _FAINT),)


def _rtt(provider: Provider, now: float, cells: int) -> Cell:
    text = figures.rtt_text(provider.health.rtt_ms)
    ink = _FAINT if text == figures.DASH else _quiet(condition_of(provider))
    return ((fit(text, cells, right=True), ink),)


def _spark(provider: Provider, now: float, cells: int) -> Cell:
    drawn = spark(provider.health.recent, cells)
    return spark_runs(drawn) if provider.enabled else ((drawn, Condition.DISABLED.ink),)


def spark_runs(drawn: str) -> Cell:
    """Split a drawn sparkline into runs of one ink: answers, lost answers, and checks that have not been."""
    runs: list[Run] = []
    for character in drawn:
        ink = {LOST: _LOST, NOT_YET: _FAINT}.get(character, "ink--spark")
        if runs and runs[-1][1] == ink:
            runs[-1] = (runs[-1][0] + character, ink)
        else:
            runs.append((character, ink))
    return tuple(runs)


def _loss(provider: Provider, now: float, cells: int) -> Cell:
    loss = provider.health.loss_pct
    ink = _LOST if loss and provider.enabled else _FAINT
    return ((fit(figures.percent_text(loss), cells, right=True), ink),)


def _availability(provider: Provider, now: float, cells: int) -> Cell:
    share = provider.health.availability_24h_pct
    return ((fit(figures.availability_text(share), cells, right=True), _FAINT),)


def _notes(provider: Provider, now: float, cells: int) -> Cell:
    notes = notes_of(provider)
    if not notes:
        return ((" " * cells, _PLAIN),)
    text = " ".join(note.word for note in notes)
    if len(text) > cells:
        text = notes[0].word + "+"
    return ((fit(text, cells), notes[0].ink),)


def _code(provider: Provider, now: float, cells: int) -> Cell:
    health = provider.health
    text = figures.answer_text(health.code, health.cause)
    if health.code is not None and health.reason and cells > 12:
        text = f"{text} {clean(health.reason)}"
    condition = condition_of(provider)
    loud = condition in (Condition.UNHEALTHY, Condition.SUSPECT)
    return ((fit(text, cells), condition.ink if loud else _FAINT),)


def _age(provider: Provider, now: float, cells: int) -> Cell:
    age = figures.age_text(figures.seconds_since(provider.health_checked_at, now))
    return ((fit(age, cells, right=True), _FAINT),)


def _since(provider: Provider, now: float, cells: int) -> Cell:
    since = provider.health.since
    text = figures.duration_text(figures.seconds_since(since, now))
    if since is not None and cells >= 18:
        text = f"{text:<6} {figures.clock_text(since, now)}"
    ink = _PLAIN if condition_of(provider).is_problem else _FAINT
    return ((fit(text, cells), ink),)


COLUMNS = (
    Column("STATE", 11, _state, sort=SortBy.STATE),
    Column("NAME", 12, _name, sort=SortBy.NAME),
    Column("HOSTNAME", 14, _hostname, sort=SortBy.HOSTNAME),
    Column("CARRIER", 9, _carrier, rank=3, sort=SortBy.CARRIER),
    Column("RTT", 6, _rtt, right=True, sort=SortBy.RTT),
    Column("CHECKS", 8, _spark),
    Column("LOSS", 5, _loss, rank=2, right=True, sort=SortBy.LOSS),
    Column("AVAIL", 6, _availability, rank=4, right=True, sort=SortBy.AVAILABILITY),
    Column("CODE", 8, _code, sort=SortBy.CODE),
    Column("NOTES", 6, _notes),
    Column("AGE", 4, _age, rank=1, right=True, sort=SortBy.AGE),
    Column("SINCE", 6, _since, sort=SortBy.SINCE),
)
"""The fleet table's columns, left to right."""

GROWTH = (
    Growth("NAME", 14),
    Growth("HOSTNAME", 18),
    Growth("NAME", 18),
    Growth("HOSTNAME", 20),
    Growth("NOTES", 11, whole=True),
    Growth("CHECKS", 15),
    Growth("HOSTNAME", 24),
    Growth("SINCE", 18, whole=True),
    Growth("CHECKS", 30),
    Growth("CODE", 24, whole=True),
    Growth("NAME", 28),
    Growth("CARRIER", 14),
    Growth("HOSTNAME", 36),
    Growth("NAME", 40),
)
"""Where more width is worth most, first to last."""
