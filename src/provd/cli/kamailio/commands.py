"""``provctl sync``: what provd has measured, in the engines that carry the calls."""

from pathlib import Path
from typing import Annotated

import typer

from provd.cli.failures import ExitCode, complain, fail
from provd.cli.kamailio.carrying import Outcome, carry_over, follow
from provd.cli.kamailio.report import as_data, change_line, comparison_table, missing_line
from provd.cli.kamailio.rpc import Rpc, RpcError, open_rpc
from provd.cli.output import printable, say, show
from provd.cli.session import OutputOption, session_of
from provd.client import Client, DaemonUnavailable

app = typer.Typer(help="Have other programs know what provd has measured.", no_args_is_help=True)


@app.callback()
def sync() -> None:
    """Have other programs know what provd has measured."""


@app.command(epilog="Example: provctl sync kamailio --dry-run")
def kamailio(
    context: typer.Context,
    rpc: Annotated[
        Path,
        typer.Option(
            readable=False,  # one writes there; who may not is told by the attempt
            help="Its RPC socket or FIFO: dgram_socket or fifo_name of the module jsonrpcs.",
        ),
    ] = Path("/run/kamailio/kamailio_rpc.sock"),
    replies: Annotated[
        Path, typer.Option(help="For a FIFO: where it answers, fifo_reply_dir of the module jsonrpcs.")
    ] = Path("/tmp"),  # noqa: S108  # Kamailio's own default
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show where its belief and ours differ; exit 1 if they do.")
    ] = False,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on, as health changes.")] = False,
    output: OutputOption = None,
) -> None:
    """Set the states of a running Kamailio's destinations (module dispatcher) from the health of providers.

    healthy: active. unhealthy: inactive. disabled or in maintenance: disabled. A provider that has not been
    checked yet is left as it is, and so is a destination that is none of ours: ours have the provider's id
    as their duid, as "provctl export --format kamailio" writes it. While provd suspects its own network
    nothing is changed.

    Kamailio's own pings may set a destination active again: without ds_ping_interval provd alone decides.
    """
    session = session_of(context)
    if following and dry_run:
        fail(ExitCode.USAGE, "--follow sets what differs, --dry-run sets nothing: give one of them")

    def opened() -> Rpc:
        return open_rpc(rpc, replies)

    async def once(client: Client) -> Outcome:
        return await carry_over(client, opened(), dry_run=dry_run)

    async def for_ever(client: Client) -> None:
        await follow(client, opened, _tell, complain)
        raise DaemonUnavailable("provd ended its event stream: it is stopping or restarting")

    if following:
        session.follow(for_ever)
        return
    try:
        compared, absent = session.run(once)
    except RpcError as error:
        fail(ExitCode.UNAVAILABLE, str(error))
    show(session.form(output), as_data(compared, absent), comparison_table(compared, dry_run=dry_run))
    if absent:
        complain(missing_line(absent))
    if dry_run and any(each.differs for each in compared):
        raise typer.Exit(ExitCode.BAD_NEWS)


def _tell(outcome: Outcome) -> None:
    for each in outcome[0]:
        if each.differs:
            say(printable(change_line(each)))
