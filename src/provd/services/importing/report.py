"""Counting what becomes of the lines, and saying so."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from provd.schema.transfer import (
    MAX_FAILURES_SHOWN,
    MAX_UNCHANGED_SHOWN,
    Became,
    FailedLine,
    FieldChange,
    ImportReport,
    LineChange,
)


def fail(report: ImportReport, number: int, message: str) -> None:
    """Note that a line was left out."""
    report.failed_total += 1
    if len(report.failed) < MAX_FAILURES_SHOWN:
        report.failed.append(FailedLine(line=number, message=message))


def warn(report: ImportReport, number: int, message: str) -> None:
    """Note what of a line has no place here."""
    report.warnings_total += 1
    if len(report.warnings) < MAX_FAILURES_SHOWN:
        report.warnings.append(FailedLine(line=number, message=message))


def count(
    report: ImportReport,
    became: Became,
    number: int,
    record_id: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    *,
    route: bool,
) -> None:
    """Note what became of a record: ``before`` is what it was, None when there was none."""
    counts = report.routes if route else report
    setattr(counts, became.value, getattr(counts, became.value) + 1)
    if not report.dry_run or len(report.changes) >= MAX_FAILURES_SHOWN:
        return
    if became is Became.UNCHANGED and counts.unchanged > MAX_UNCHANGED_SHOWN:
        return  # so that there is room for what changes
    was = before or {}
    fields = [
        FieldChange(field=name, before=was.get(name), after=value)
        for name, value in after.items()
        if before is None or was.get(name) != value
    ]
    report.changes.append(
        LineChange(
            line=number,
            kind="route" if route else "provider",
            id=record_id,
            name=str(after.get("name") or was.get("name") or ""),
            became=became,
            fields=fields,
        )
    )


def words(error: ValidationError) -> str:
    """Say what is wrong with a record's fields."""
    said = []
    for each in error.errors():
        field = ".".join(str(part) for part in each["loc"] if part != "[key]") or "the line"
        message = {"missing": "is missing", "extra_forbidden": "is not a known field"}.get(
            each["type"], str(each["msg"]).removeprefix("Value error, ")
        )
        said.append(f"{field} {message[:1].lower()}{message[1:]}")
    return "; ".join(said)
