"""The columns of the fleet table."""

from provd.schema.provider import Provider
from provtui import figures
from provtui.condition import Condition, condition_of, state_label
from provtui.notes import notes_of
from provtui.sparkline import LOST, NOT_YET, spark
from provtui.text import clean, fit
from provtui.widgets.column_layout import Cell, Column, Growth, Run

_PLAIN, _FAINT, _LOST = "", "ink--faint", "ink--lost"


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


COLUMNS: tuple[Column[Provider], ...] = (
    Column("STATE", 11, _state),
    Column("NAME", 12, _name),
    Column("HOSTNAME", 13, _hostname, yields=True),
    Column("CARRIER", 9, _carrier, rank=3),
    Column("RTT", 6, _rtt, right=True),
    Column("CHECKS", 8, _spark),
    Column("LOSS", 5, _loss, rank=2, right=True),
    Column("AVAIL", 6, _availability, rank=4, right=True),
    Column("CODE", 8, _code),
    Column("NOTES", 6, _notes),
    Column("AGE", 4, _age, rank=1, right=True),
    Column("SINCE", 6, _since),
)
"""Left to right. Each heading that is one of ``ordering.SortBy`` can be sorted by."""

GROWTH = (
    Growth("HOSTNAME", 14),
    Growth("NAME", 14),
    Growth("HOSTNAME", 18),
    Growth("NAME", 18),
    Growth("HOSTNAME", 20),
    Growth("NOTES", 11, whole=True),
    Growth("CHECKS", 15),
    Growth("HOSTNAME", 24),
    Growth("SINCE", 18, whole=True),
    Growth("CHECKS", 30),
    Growth("NAME", 28),
    Growth("HOSTNAME", 36),
    Growth("NAME", 36),
    Growth("HOSTNAME", 44),
    Growth("CARRIER", 14),
    Growth("CODE", 24, whole=True),
    Growth("NAME", 60),
    Growth("HOSTNAME", 64),
)
"""Where more width is worth most, first to last."""
