"""The columns of the tables of events and of the audit log."""

from dataclasses import dataclass

from provd.schema.audit import AuditEntry, Outcome
from provd.schema.revision import Revision
from provtui import figures
from provtui.event_words import EventLine
from provtui.text import clean, crop, fit
from provtui.widgets.column_layout import Cell, Column, Growth

_PLAIN, _FAINT = "", "ink--faint"
_SOON_S = 20 * 3600
_OUTCOMES = {
    Outcome.DONE: ("✓ done", _FAINT),
    Outcome.BEGUN: ("◌ begun", _FAINT),
    Outcome.REFUSED: ("✗ refused", "ink--unhealthy"),
}


def _when(at: str, now: float, cells: int) -> Cell:
    """Write when it was, in UTC: the time to the second, or the day too when that is not within 20 hours."""
    soon = (figures.seconds_since(at, now) or 0.0) < _SOON_S
    return ((fit(at[11:19] if soon else at[5:16], cells), _FAINT),)


def _event_when(line: EventLine, now: float, cells: int) -> Cell:
    return _when(line.at, now, cells)


def _event_type(line: EventLine, now: float, cells: int) -> Cell:
    return ((fit(line.type.value, cells), _FAINT),)


def _event_subject(line: EventLine, now: float, cells: int) -> Cell:
    return ((fit(line.subject, cells), "ink--name" if line.ink == "ink--unhealthy" else _PLAIN),)


def _event_words(line: EventLine, now: float, cells: int) -> Cell:
    return ((fit(line.words, cells), line.ink),)


_WHEN = Column("WHEN", 11, _event_when)
_WHAT = Column("WHAT HAPPENED", 24, _event_words)

EVENT_COLUMNS: tuple[Column[EventLine], ...] = (
    _WHEN,
    Column("TYPE", 14, _event_type),
    Column("OF", 14, _event_subject),
    _WHAT,
)
"""Those of all events, left to right."""

EVENT_GROWTH = (
    Growth("OF", 16),
    Growth("WHAT HAPPENED", 34),
    Growth("TYPE", 22, whole=True),
    Growth("OF", 28),
    Growth("WHAT HAPPENED", 90),
    Growth("OF", 50),
    Growth("WHAT HAPPENED", 240),
)
"""Where more width is worth most, first to last."""

EVENT_COLUMNS_OF_ONE: tuple[Column[EventLine], ...] = (_WHEN, Column("TYPE", 21, _event_type), _WHAT)
"""Those of one provider's events."""

EVENT_GROWTH_OF_ONE = (Growth("WHAT HAPPENED", 240),)


def changed_words(entry: AuditEntry) -> str:
    """Write why it was refused, or what differs: the names of fields, and of the first its values."""
    if entry.message:
        return clean(entry.message)
    before, after = entry.before or {}, entry.after or {}
    if entry.before is None or entry.after is None:
        return ""
    names = list(after)
    if len(names) == 1:
        return clean(f"{names[0]}: {_value(before.get(names[0]))} → {_value(after[names[0]])}")
    return clean(", ".join(names))


def _value(value: object) -> str:
    if value is None:
        return "none"
    return crop(clean(value if isinstance(value, str) and value else repr(value)), 40)


def _audit_when(entry: AuditEntry, now: float, cells: int) -> Cell:
    return _when(entry.at, now, cells)


def _number(entry: AuditEntry, now: float, cells: int) -> Cell:
    return ((fit(str(entry.seq), cells, right=True), _FAINT),)


def _user(entry: AuditEntry, now: float, cells: int) -> Cell:
    return ((fit(clean(entry.user), cells), _PLAIN),)


def _action(entry: AuditEntry, now: float, cells: int) -> Cell:
    return ((fit(clean(entry.action), cells), _PLAIN),)


def _of(entry: AuditEntry, now: float, cells: int) -> Cell:
    return ((fit(clean(entry.name), cells), _PLAIN),)


def _outcome(entry: AuditEntry, now: float, cells: int) -> Cell:
    text, ink = _OUTCOMES[entry.outcome]
    return ((fit(text, cells), ink),)


def _changed(entry: AuditEntry, now: float, cells: int) -> Cell:
    return ((fit(changed_words(entry), cells), _FAINT),)


AUDIT_COLUMNS: tuple[Column[AuditEntry], ...] = (
    Column("NUMBER", 6, _number, rank=1, right=True),
    Column("WHEN", 11, _audit_when),
    Column("WHO", 8, _user),
    Column("ACTION", 15, _action),
    Column("OF", 13, _of),
    Column("OUTCOME", 9, _outcome),
    Column("WHAT", 10, _changed),
)
"""Left to right."""

AUDIT_GROWTH = (
    Growth("ACTION", 17),
    Growth("WHAT", 30),
    Growth("OF", 28),
    Growth("WHO", 14),
    Growth("ACTION", 21),
    Growth("WHAT", 60),
    Growth("OF", 50),
    Growth("WHO", 24),
    Growth("WHAT", 240),
)
"""Where more width is worth most, first to last."""


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A revision, and the names of the fields in which it differs from the one before."""

    revision: Revision
    changed: tuple[str, ...]


def _revision_number(line: RevisionLine, now: float, cells: int) -> Cell:
    return ((fit(str(line.revision.revision), cells, right=True), "ink--name"),)


def _revision_since(line: RevisionLine, now: float, cells: int) -> Cell:
    return ((fit(line.revision.at[:16], cells), _FAINT),)


def _revision_user(line: RevisionLine, now: float, cells: int) -> Cell:
    return ((fit(clean(line.revision.user) or figures.DASH, cells), _PLAIN),)


def _revision_action(line: RevisionLine, now: float, cells: int) -> Cell:
    return ((fit(line.revision.action.partition(".")[2] or figures.DASH, cells), _FAINT),)


def _revision_changed(line: RevisionLine, now: float, cells: int) -> Cell:
    return ((fit(clean(", ".join(line.changed)), cells), _PLAIN),)


REVISION_COLUMNS: tuple[Column[RevisionLine], ...] = (
    Column("REVISION", 8, _revision_number, right=True),
    Column("SINCE, UTC", 16, _revision_since),
    Column("BY", 8, _revision_user),
    Column("HOW", 8, _revision_action),
    Column("WHAT", 10, _revision_changed),
)
"""Left to right."""

REVISION_GROWTH = (
    Growth("WHAT", 30),
    Growth("BY", 16),
    Growth("WHAT", 80),
    Growth("BY", 24),
    Growth("WHAT", 200),
)
"""Where more width is worth most, first to last."""
