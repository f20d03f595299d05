"""``provctl import``."""

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from provd.cli.failures import ExitCode, complain, fail
from provd.cli.output import show
from provd.cli.session import OutputOption, session_of
from provd.cli.upload import Progress, chunks, counted, size_of
from provd.client import Client
from provd.schema.transfer import ImportReport


class Format(StrEnum):
    """The forms of a file with providers."""

    NDJSON = "ndjson"
    CSV = "csv"
    JSON = "json"


_TYPES = {Format.NDJSON: "application/x-ndjson", Format.CSV: "text/csv", Format.JSON: "application/json"}
_ENDINGS = {".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON, ".csv": Format.CSV, ".json": Format.JSON}
_STDIN = "-"


def import_providers(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; - is standard input.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="Else by the file's ending; for - it is ndjson.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of it.")] = False,
    output: OutputOption = None,
) -> None:
    """Add and change many providers at once. Exits 3 when some lines were left out; the others are kept.

    Each line has the fields of a provider. With the id of one that exists it changes what it names, else it
    needs name and hostname. ndjson: a JSON object a line. csv: the first line names the columns, like
    name,hostname,tags,probe.interval_s. json: an array, or what GET /v1.0/providers answers.
    """
    media_type = _TYPES[form or _by_ending(file)]
    descriptor = _open(file)
    progress = Progress(size_of(descriptor), lambda words: print(f"provctl: {words}", file=sys.stderr))

    async def work(client: Client) -> ImportReport:
        content = counted(chunks(descriptor), progress.sent)
        return await client.import_providers(content, media_type, dry_run=dry_run)

    session = session_of(context)
    try:
        report = session.run(work)
    except OSError as error:
        fail(ExitCode.USAGE, f"{file} can't be read: {error.strerror or error}")
    show(session.form(output), report, _summary(report))
    if report.failed_total:
        _complain(report)
        raise typer.Exit(ExitCode.REFUSED)


def _by_ending(file: str) -> Format:
    if file == _STDIN:
        return Format.NDJSON
    _, ending = os.path.splitext(file)  # noqa: PTH122  # "-" and "." are names like any other here
    found = _ENDINGS.get(ending.lower())
    if found is None:
        fail(
            ExitCode.USAGE,
            f"{file!r} does not end in {', '.join(_ENDINGS)}: say what it is with --format",
        )
    return found


def _open(file: str) -> int:
    if file == _STDIN:
        return sys.stdin.fileno()
    try:
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        fail(ExitCode.USAGE, f"{file} can't be read: {error.strerror}")


def _summary(report: ImportReport) -> str:
    said = (
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.failed_total} failed"
    )
    return f"{said} (a dry run: nothing was changed)" if report.dry_run else said


def _complain(report: ImportReport) -> None:
    lines = [f"line {each.line}: {each.message}" for each in report.failed]
    more = report.failed_total - len(lines)
    if more:
        lines.append(f"and {more} more")
    left_out = "would be left out" if report.dry_run else "were left out"
    complain(f"{report.failed_total} {'line' if report.failed_total == 1 else 'lines'} {left_out}", lines)
