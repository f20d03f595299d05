"""Logs as tables: one line an entry, newest first."""

from provd.schema.audit import AuditEntry
from provtui.event_words import EventLine
from provtui.log_listing import LogListing
from provtui.widgets.log_columns import (
    AUDIT_COLUMNS,
    AUDIT_GROWTH,
    EVENT_COLUMNS,
    EVENT_COLUMNS_OF_ONE,
    EVENT_GROWTH,
    EVENT_GROWTH_OF_ONE,
    REVISION_COLUMNS,
    REVISION_GROWTH,
    RevisionLine,
)
from provtui.widgets.record_table import RecordTable


class EventTable(RecordTable[EventLine]):
    """Lists events; ``of_one``: all are of the same provider."""

    def __init__(self, *, of_one: bool = False, id: str | None = None) -> None:  # noqa: A002
        columns = EVENT_COLUMNS_OF_ONE if of_one else EVENT_COLUMNS
        growth = EVENT_GROWTH_OF_ONE if of_one else EVENT_GROWTH
        super().__init__(LogListing(event_number), columns, growth, id=id)


class AuditTable(RecordTable[AuditEntry]):
    """Lists entries of the audit log."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(LogListing(audit_number), AUDIT_COLUMNS, AUDIT_GROWTH, id=id)


class RevisionTable(RecordTable[RevisionLine]):
    """Lists revisions of one record."""

    def __init__(self) -> None:
        super().__init__(LogListing(revision_number), REVISION_COLUMNS, REVISION_GROWTH)


def event_number(line: EventLine) -> int:
    """Give the number of an event."""
    return line.seq


def audit_number(entry: AuditEntry) -> int:
    """Give the number of an entry."""
    return entry.seq


def revision_number(line: RevisionLine) -> int:
    """Give the number of a revision."""
    return line.revision.revision
