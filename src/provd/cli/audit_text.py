"""The audit log as text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from provd.cli.output import columns, facts
from provd.schema.audit import AuditEntry, Outcome
from provd.schema.revision import Revision


def audit_words(entry: AuditEntry) -> str:
    """Who did what to which, in one line."""
    what = f"{entry.action} {entry.name}".strip()
    ending = {Outcome.DONE: "", Outcome.BEGUN: ", begun", Outcome.REFUSED: ", refused"}[entry.outcome]
    return f"{what} by {entry.user}{ending}" + (f": {entry.message}" if entry.message else "")


def audit_table(entries: Sequence[AuditEntry]) -> str:
    """Entries, one a line."""
    rows = [
        (
            str(each.seq),
            each.at[:19],
            each.user,
            each.action,
            each.name,
            str(each.revision or ""),
            each.outcome.value,
            each.message or ", ".join(_changed_names(each)),
        )
        for each in entries
    ]
    return columns(("NUMBER", "TIME", "USER", "ACTION", "OF", "REVISION", "OUTCOME", "WHAT"), rows)


def audit_facts(entry: AuditEntry) -> str:
    """One entry in full."""
    who = f"{entry.user} (uid {entry.uid}), {entry.role or 'no role'}"
    told = [
        ("number", str(entry.seq)),
        ("time", entry.at),
        ("who", f"{who}, process {entry.pid}" if entry.pid else who),
        ("action", f"{entry.action} ({entry.method})" if entry.method else entry.action),
        ("of", f"{entry.kind} {entry.object_id} {entry.name}".strip()),
        *([("revision", str(entry.revision))] if entry.revision else []),
        ("outcome", f"{entry.outcome.value}: {entry.message}" if entry.message else entry.outcome.value),
        ("request", entry.request_id or "none"),
        *((f"- {name}", _value(entry.before, name)) for name in entry.before or {}),
        *((f"+ {name}", _value(entry.after, name)) for name in entry.after or {}),
        ("hash", entry.hash),
    ]
    return facts(told)


def revision_table(revisions: Sequence[Revision]) -> str:
    """What a record was, newest first: each revision, and how its fields differ from those before it."""
    earlier: list[Revision | None] = [*revisions[1:], None]
    rows = [
        (str(each.revision), each.at[:19], each.user or "-", each.action or "-", _difference(each, before))
        for each, before in zip(revisions, earlier, strict=True)
    ]
    return columns(("REVISION", "SINCE", "BY", "ACTION", "WHAT"), rows)


def _difference(now: Revision, before: Revision | None) -> str:
    if before is None:
        return ""
    return ", ".join(
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in now.fields.items()
        if before.fields.get(name) != value
    )


def _changed_names(entry: AuditEntry) -> list[str]:
    return list(entry.after or {}) if entry.before is not None and entry.after is not None else []


def _value(fields: Mapping[str, Any] | None, name: str) -> str:
    return json.dumps((fields or {}).get(name), ensure_ascii=False)
