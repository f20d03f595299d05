"""``provctl import``."""

import os
import sys
from typing import Annotated

import typer

from provd.cli.api_words import in_commands
from provd.cli.failures import ExitCode, complain, fail
from provd.cli.output import printable, show
from provd.cli.session import OutputOption, session_of
from provd.client import Client
from provd.client.files import ENDINGS, format_of
from provd.client.upload import Progress, chunks, counted, size_of
from provd.schema.transfer import Became, ExportFormat, FailedLine, ImportReport, LineChange

_STDIN = "-"


def import_providers(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file; - is standard input.")],
    form: Annotated[
        ExportFormat | None, typer.Option("--format", help="Else by the file's ending; for - it is ndjson.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of it.")] = False,
    output: OutputOption = None,
) -> None:
    """Add and change many providers and routes at once.

    Exits 3 when some lines were left out; the others are kept. A dry run says what would become of each line.

    Each line has the fields of a provider. With the id of one that exists it changes what it names, else it
    needs name and hostname. ndjson: a JSON object a line. csv: the first line names the columns, like
    name,hostname,tags,probe.interval_s. json: an array, or what GET /v1.0/providers answers.
    kamailio, opensips, asterisk, freeswitch: their own files; what has no place here is said.
    """
    read_as = form or _by_ending(file)
    descriptor = _open(file)
    progress = Progress(size_of(descriptor), lambda words: print(f"provctl: {words}", file=sys.stderr))

    async def work(client: Client) -> ImportReport:
        content = counted(chunks(descriptor), progress.sent)
        return await client.import_providers(content, form=read_as.value, dry_run=dry_run)

    session = session_of(context)
    try:
        report = session.run(work)
    except OSError as error:
        fail(ExitCode.USAGE, f"{file} can't be read: {error.strerror or error}")
    lines = [_change(each) for each in report.changes]
    show(session.form(output), report, "\n".join([*map(printable, lines), _summary(report)]))
    if report.warnings_total:
        _tell(report.warnings, report.warnings_total, "not carried over")
    if report.failed_total:
        _complain(report)
        raise typer.Exit(ExitCode.REFUSED)


def _by_ending(file: str) -> ExportFormat:
    if file == _STDIN:
        return ExportFormat.NDJSON
    found = format_of(file)
    if found is None:
        fail(
            ExitCode.USAGE,
            f"{file!r} does not end in {', '.join(ENDINGS)}: say what it is with --format",
        )
    return found


def _open(file: str) -> int:
    if file == _STDIN:
        return sys.stdin.fileno()
    try:
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        fail(ExitCode.USAGE, f"{file} can't be read: {error.strerror}")


def _change(change: LineChange) -> str:
    said = f"line {change.line}: {change.became.value} {change.kind} {change.name!r}"
    if change.became is not Became.UPDATED:
        return said
    return f"{said}: {', '.join(f'{e.field} {e.before!r} -> {e.after!r}' for e in change.fields)}"


def _summary(report: ImportReport) -> str:
    said = (
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.failed_total} failed"
    )
    routes = report.routes
    if routes.created + routes.updated + routes.unchanged:
        said += f"; routes: {routes.created} created, {routes.updated} updated, {routes.unchanged} unchanged"
    return f"{said} (a dry run: nothing was changed)" if report.dry_run else said


def _complain(report: ImportReport) -> None:
    were = "was" if report.failed_total == 1 else "were"
    _tell(report.failed, report.failed_total, f"{'would be' if report.dry_run else were} left out")


def _tell(shown: list[FailedLine], total: int, what: str) -> None:
    lines = [f"line {each.line}: {in_commands(each.message)}" for each in shown]
    more = total - len(lines)
    if more:
        lines.append(f"and {more} more")
    complain(f"{total} {'line' if total == 1 else 'lines'} {what}", lines)
