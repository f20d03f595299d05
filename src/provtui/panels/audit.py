"""Entries of the audit log as text."""

from textual.content import Content

from provd.schema.audit import AuditEntry, Outcome
from provtui.panels.difference import difference_lines
from provtui.panels.parts import heading, hung
from provtui.text import clean
from provtui.widgets.log_columns import changed_words

_LABEL = 10


def entry_words(entry: AuditEntry) -> Content:
    """Write who did what to which: ``provider.update Acme by mara (uid 1000)``."""
    ink = ".ink--unhealthy" if entry.outcome is Outcome.REFUSED else ".ink--name"
    who = f" by {clean(entry.user)} (uid {entry.uid}{f', process {entry.pid}' if entry.pid else ''})"
    refused = ", refused" if entry.outcome is Outcome.REFUSED else ""
    return Content.assemble((f"{entry.action} {clean(entry.name)}".strip(), ink), who, refused)


def entry_summary(entry: AuditEntry, cells: int) -> Content:
    """Write an entry in three lines: who did what, when, and what differs."""
    when = f" {entry.seq}  {entry.at[:19]} UTC" + (f"  revision {entry.revision}" if entry.revision else "")
    said = hung((" ", ""), changed_words(entry), cells)[:1]
    return Content("\n").join([entry_words(entry), Content.styled(when, ".ink--faint"), *said])


def entry_panel(entry: AuditEntry, cells: int) -> Content:
    """Write all of an entry, with what was before and after."""
    role = entry.role or "no role"
    facts = [
        ("when", f"{entry.at} UTC"),
        ("who", f"{entry.user} (uid {entry.uid}), {role}"),
        ("process", str(entry.pid) if entry.pid else "provd itself went on"),
        ("what", f"{entry.action} ({entry.method})" if entry.method else entry.action),
        ("of", f"{entry.name} {entry.object_id}".strip()),
        ("revision", str(entry.revision) if entry.revision else ""),
        ("outcome", f"{entry.outcome}: {entry.message}" if entry.message else entry.outcome.value),
        ("request", entry.request_id),
        ("hash", entry.hash),
    ]
    lines = [
        line
        for label, value in facts
        if value
        for line in hung((f"{label:<{_LABEL}}", ".ink--faint"), value, cells)
    ]
    changed = difference_lines(entry.before, entry.after, cells)
    if changed:
        lines += [Content(""), heading(_changed(entry)), *changed]
    return Content("\n").join(lines)


def _changed(entry: AuditEntry) -> str:
    if entry.before is None:
        return "What was added"
    return "What was there" if entry.after is None else "What was changed"
