"""``provctl calls import`` and ``provctl calls stats``."""

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from provd.calls.readers.registry import CallFormat
from provd.cli.calls import aside, progress
from provd.cli.calls.importing import Counts, Importer, Wanted
from provd.cli.calls.text import import_summary, stats_text
from provd.cli.failures import ExitCode, fail
from provd.cli.output import say
from provd.cli.output import show as show_as
from provd.cli.session import OutputOption, ProviderArgument, find_provider, session_of
from provd.cli.times import moment, span_s
from provd.client import Client
from provd.schema.calls import CallStats, Direction
from provd.schema.provider import Provider

app = typer.Typer(help="How calls went: import records of them, and see figures.", no_args_is_help=True)


@app.command(
    "import",
    epilog="Example: provctl calls import Master.csv --format asterisk-csv --follow",
)
def import_calls(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files.")],
    form: Annotated[CallFormat, typer.Option("--format", help="Whose records they have.")],
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is written from now on, until Ctrl+C.")
    ] = False,
    provider: Annotated[
        str, typer.Option(help="Of which provider all calls are; else what the file says.")
    ] = "",
    e164: Annotated[
        bool, typer.Option("--e164", help="Numbers without a + begin with their country's calling code.")
    ] = False,
    beside: Annotated[
        Path | None,
        typer.Option(
            "--keep-in",
            help="The folder for what is kept beside FILE, else FILE's own; made if it is missing.",
        ),
    ] = None,
) -> None:
    """Import call records of Asterisk, FreeSWITCH or Kamailio.

    It goes on where it ended before, also when the file was rotated meanwhile: FILE.provd-import keeps where.
    Lines that can't be taken are set aside in FILE.rejected, each with its number and the reason; then it
    exits 3. A call that comes again is counted once. Times without a zone are this machine's (TZ).
    """
    if follow and len(files) > 1:
        fail(ExitCode.USAGE, "--follow takes one file: run a command for each")
    _make_room(files, beside)
    session = session_of(context)
    counts, kept = Counts(), [aside.SetAside(_beside(file, beside, aside.SUFFIX)) for file in files]

    async def work(client: Client) -> None:
        named = (await find_provider(client, provider)).id if provider else ""
        wanted = Wanted(form, named, e164)
        for file, rejected in zip(files, kept, strict=True):
            place = _beside(file, beside, progress.SUFFIX)
            importer = Importer(client, file, wanted, counts, place, rejected, bits=len(files) > 1)
            try:
                await (importer.follow() if follow else importer.once())
            except OSError as error:
                fail(ExitCode.USAGE, f"{error.filename or file}: {error.strerror or error}")

    try:
        (session.follow if follow else session.run)(work)
    finally:
        count = sum(each.count for each in kept)
        say(import_summary(counts, count, [str(each.path) for each in kept if each.count]))
    if count:
        raise typer.Exit(ExitCode.REFUSED)


@app.command(epilog="Example: provctl calls stats 'Acme EU' --window 7d --country GB")
def stats(
    context: typer.Context,
    provider: ProviderArgument,
    window: Annotated[str, typer.Option(help="How long, until now: 15m, 24h, 7d.")] = "24h",
    until: Annotated[
        str, typer.Option(help="Until when, else now: a span before now, or a time in UTC.")
    ] = "",
    country: Annotated[str, typer.Option(help="Only calls to this one, like GB; unknown: to none.")] = "",
    direction: Annotated[Direction, typer.Option(help="Which way the calls went.")] = Direction.OUTBOUND,
    output: OutputOption = None,
) -> None:
    """Show how a provider's calls went: answered, effective, post-dial delay; beside a week before."""
    now = time.time()
    try:
        end = moment(until or "0s", now, past=True)
        start = moment(f"{round(span_s(window))}s", datetime.fromisoformat(f"{end}Z").timestamp(), past=True)
    except ValueError as error:
        fail(ExitCode.USAGE, f"--window or --until: {error}")
    chosen = country if country == "unknown" else country.upper()

    async def work(client: Client) -> tuple[Provider, CallStats]:
        found = await find_provider(client, provider)
        return found, await client.call_stats(
            found.id, since=start, until=end, direction=direction.value, country=chosen
        )

    session = session_of(context)
    found, shown = session.run(work)
    show_as(session.form(output), shown, stats_text(found.name, shown))


def _make_room(files: list[Path], folder: Path | None) -> None:
    """Exits when what is kept could not be: before calls are sent whose place would then be forgotten."""
    try:
        if folder is not None:
            folder.mkdir(exist_ok=True)
    except OSError as error:
        fail(ExitCode.USAGE, f"--keep-in {folder} can't be made: {error.strerror}")
    for each in [file.parent for file in files] if folder is None else [folder]:
        if each.is_dir() and not os.access(each, os.W_OK | os.X_OK):
            fail(
                ExitCode.USAGE, f"you may not write in {each}: name a folder for what is kept with --keep-in"
            )


def _beside(file: Path, folder: Path | None, suffix: str) -> Path:
    return (file.parent if folder is None else folder) / f"{file.name}{suffix}"
