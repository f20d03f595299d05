"""Which entries of a log are listed: those that pass the filter, newest first."""

from typing import Any

from provd.schema.audit import AuditEntry, Outcome
from provd.schema.events import EventType
from provtui.event_words import EventLine
from provtui.filters import Filter, FilterError, Test, read_filter
from provtui.listing import Listing, R
from provtui.log_state import Number
from provtui.text import clean

EVENT_HINT = "words  type=  provider="
"""What can be written into a filter of events."""

AUDIT_HINT = "words  user=  action=  of=  outcome="
"""What can be written into a filter of the audit log."""


class LogListing(Listing[R]):
    """Entries by their numbers, the highest first."""

    def __init__(self, number: Number[R]) -> None:
        super().__init__()
        self._number = number

    def key(self, record: R) -> tuple[Any, ...]:
        """Give its place."""
        return (-self._number(record),)


def parse_event_filter(text: str) -> Filter[EventLine]:
    """Read a filter expression about events.

    A bare word is looked for in what happened and to whom. ``type`` takes the beginning of a type's name or
    of what comes after its dot, ``provider`` a part of the name. Raises FilterError.
    """
    return read_filter(text, _event_word, {"type": _type, "provider": _subject})


def parse_audit_filter(text: str) -> Filter[AuditEntry]:
    """Read a filter expression about the audit log.

    A bare word is looked for in the whole line, and in the values of before and after. ``user`` takes a name
    or a uid, ``action`` the beginning of one, ``of`` a part of the record's name or its id, ``outcome`` the
    beginning of one. Raises FilterError.
    """
    keys = {"user": _user, "action": _action, "of": _of, "outcome": _outcome}
    return read_filter(text, _audit_word, keys)


def _event_word(word: str) -> Test[EventLine]:
    return lambda line: word in f"{line.type} {line.subject} {line.words}".casefold()


def _type(beginnings: list[str]) -> Test[EventLine]:
    names = [kind.value for kind in EventType if kind.durable]
    for each in beginnings:
        if not any(_begins(name, each) for name in names):
            raise FilterError(f"no type {each!r}: there are {', '.join(names)}")
    return lambda line: any(_begins(line.type.value, each) for each in beginnings)


def _begins(name: str, beginning: str) -> bool:
    return name.startswith(beginning) or name.partition(".")[2].startswith(beginning)


def _subject(parts: list[str]) -> Test[EventLine]:
    return lambda line: any(part in line.subject.casefold() for part in parts)


def _audit_word(word: str) -> Test[AuditEntry]:
    def test(entry: AuditEntry) -> bool:
        texts = (entry.action, entry.name, entry.user, entry.message, entry.before or "", entry.after or "")
        return any(word in clean(str(text)).casefold() for text in texts)

    return test


def _user(names: list[str]) -> Test[AuditEntry]:
    return lambda entry: entry.user.casefold() in names or str(entry.uid) in names


def _action(beginnings: list[str]) -> Test[AuditEntry]:
    return lambda entry: any(_begins(entry.action, each) for each in beginnings)


def _of(parts: list[str]) -> Test[AuditEntry]:
    return lambda entry: any(
        part in clean(entry.name).casefold() or part == entry.object_id for part in parts
    )


def _outcome(beginnings: list[str]) -> Test[AuditEntry]:
    known = [outcome.value for outcome in Outcome]
    for each in beginnings:
        if not any(name.startswith(each) for name in known):
            raise FilterError(f"no outcome {each!r}: use {', '.join(known)}")
    return lambda entry: any(entry.outcome.value.startswith(each) for each in beginnings)
