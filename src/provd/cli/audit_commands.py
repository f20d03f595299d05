"""``provctl audit``."""

import time
from typing import Annotated

import typer

from provd.cli.audit_text import audit_facts, audit_table
from provd.cli.failures import ExitCode, fail
from provd.cli.output import printable, show
from provd.cli.revision_commands import Limit
from provd.cli.session import OutputOption, session_of
from provd.cli.times import moment
from provd.schema.audit import Outcome

app = typer.Typer(help="Who changed what, and who was refused.", no_args_is_help=True)


@app.command("list", epilog="Example: provctl audit list --user mara --since 7d")
def list_entries(
    context: typer.Context,
    q: Annotated[str, typer.Option("-q", help="In the name, and in what was before and after.")] = "",
    object_id: Annotated[str, typer.Option("--id", help="Only about the record with this id.")] = "",
    user: Annotated[str, typer.Option(help="Only what a user did, by name or uid.")] = "",
    action: Annotated[str, typer.Option(help="How the action begins, like provider. or route.delete")] = "",
    outcome: Annotated[Outcome | None, typer.Option(help="What became of it.")] = None,
    since: Annotated[str, typer.Option(help="Like 90m, 24h, 7d, or a time (UTC).")] = "",
    until: Annotated[str, typer.Option(help="The same.")] = "",
    limit: Limit = 50,
    output: OutputOption = None,
) -> None:
    """List the audit log, newest first."""
    given = {
        "q": q,
        "object_id": object_id,
        "user": user,
        "action": action,
        "outcome": "" if outcome is None else outcome.value,
        "from": _time("since", since),
        "to": _time("until", until),
    }
    filters = {name: value for name, value in given.items() if value}
    session = session_of(context)
    found = session.run(lambda client: client.audit(page_size=limit, filters=filters)).result
    show(session.form(output), found, audit_table(found))


@app.command("show", epilog="Example: provctl audit show 17")
def show_entry(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As the list has it.")],
    output: OutputOption = None,
) -> None:
    """Show one entry, with what was before and after."""
    session = session_of(context)
    found = session.run(lambda client: client.audit_entry(number))
    show(session.form(output), found, audit_facts(found))


@app.command("verify", epilog="Example: provctl audit verify || echo 'somebody was at the store'")
def verify(context: typer.Context, output: OutputOption = None) -> None:
    """Recompute the hashes of the whole log. Exits 1 when an entry was changed or taken out."""
    session = session_of(context)
    found = session.run(lambda client: client.verify_audit())
    told = found.message + (f"\nlast hash {found.last_hash}" if found.ok else "")
    show(session.form(output), found, "\n".join(map(printable, told.splitlines())))
    if not found.ok:
        raise typer.Exit(ExitCode.BAD_NEWS)


def _time(option: str, text: str) -> str:
    try:
        return moment(text, time.time(), past=True) if text else ""
    except ValueError as error:
        fail(ExitCode.USAGE, f"--{option}: {error}")
