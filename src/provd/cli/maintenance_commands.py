"""``provctl maintenance``."""

import time
from typing import Annotated

import typer
from pydantic import ValidationError

from provd.cli.event_lines import maintenance_words
from provd.cli.failures import ExitCode, fail
from provd.cli.output import Output, printable, show
from provd.cli.session import OutputOption, ProviderArgument, Session, find_provider, session_of
from provd.cli.times import moment, span_s
from provd.client import Client
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.timestamps import to_timestamp

app = typer.Typer(
    help="Say that a provider is being worked on. It is checked all the same.", no_args_is_help=True
)


@app.command("set", epilog="Example: provctl maintenance set 'Acme EU' --for 2h --reason 'new SBC'")
def set_maintenance(
    context: typer.Context,
    provider: ProviderArgument,
    lasting: Annotated[str, typer.Option("--for", help="How long, like 30m, 2h or 1d12h.")] = "",
    until: Annotated[str, typer.Option(help="Until when, like '2026-12-01 06:00' (UTC).")] = "",
    reason: Annotated[str, typer.Option(help="Why, for others to read.")] = "",
    output: OutputOption = None,
) -> None:
    """Put a provider into maintenance, or change what is in force. Without an end it lasts until ended."""
    if lasting and until:
        fail(ExitCode.USAGE, "give --for or --until, not both")
    try:
        wanted = MaintenanceRequest(until=_end(lasting, until), reason=reason)
    except ValidationError as error:
        fail(ExitCode.USAGE, f"--reason {error.errors()[0]['msg'].removeprefix('Value error, ')}")

    async def work(client: Client) -> Provider:
        return await client.set_maintenance((await find_provider(client, provider)).id, wanted)

    session = session_of(context)
    _show(session, output, session.run(work))


@app.command("end", epilog="Example: provctl maintenance end 'Acme EU'")
def end_maintenance(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """End a provider's maintenance."""

    async def work(client: Client) -> Provider:
        return await client.lift_maintenance((await find_provider(client, provider)).id)

    session = session_of(context)
    _show(session, output, session.run(work))


def _end(lasting: str, until: str) -> str | None:
    now = time.time()
    try:
        if lasting:
            return to_timestamp(now + span_s(lasting))
        return moment(until, now) if until else None
    except (ValueError, OverflowError) as error:
        fail(ExitCode.USAGE, f"--{'for' if lasting else 'until'}: {error}")


def _show(session: Session, output: Output | None, provider: Provider) -> None:
    maintenance = provider.maintenance
    words = (
        "not in maintenance" if maintenance is None else f"in maintenance {maintenance_words(maintenance)}"
    )
    show(session.form(output), provider, printable(f"{provider.name} is {words}"))
