"""The command ``provctl``: everything that scripts and people do with a running daemon."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from provd.cli import (
    alert_commands,
    alert_rule_commands,
    audit_commands,
    health_commands,
    maintenance_commands,
    provider_commands,
    redirect_commands,
    revision_commands,
    route_commands,
    setup_commands,
    test_call_commands,
)
from provd.cli.apply.command import apply
from provd.cli.calls import commands as calls_commands
from provd.cli.event_lines import event_line, logged_line
from provd.cli.export_command import export_providers
from provd.cli.failures import EXIT_CODES_HELP, ExitCode
from provd.cli.import_command import import_providers
from provd.cli.kamailio import commands as kamailio_commands
from provd.cli.output import Output, columns, facts, say, show
from provd.cli.session import OutputOption, ProviderArgument, Session, find_provider, session_of
from provd.cli.setup_text import carrier_table, keyring_facts
from provd.cli.target_table import check_table
from provd.cli.undo_command import undo
from provd.client import Client, find_socket
from provd.schema.events import EventPage, EventType
from provd.schema.health import Cause, CheckReport
from provd.schema.status import AlertsStatus, RedirectStatus
from provd.version import __version__

app = typer.Typer(
    help="Look at SIP carriers and manage them, through the daemon's socket.",
    epilog=EXIT_CODES_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(provider_commands.app, name="providers")
app.add_typer(maintenance_commands.app, name="maintenance")
app.add_typer(route_commands.app, name="routes")
app.command(epilog="Example: provctl resolve +442071838750")(route_commands.resolve)
app.command(epilog="Example: provctl dial 'Acme EU' +442071838750")(route_commands.dial)
app.command(epilog="Example: provctl redirects -o json")(redirect_commands.redirects)
app.add_typer(setup_commands.app, name="setup")
app.add_typer(kamailio_commands.app, name="sync")
keyring_app = typer.Typer(help="Where carriers' keys are kept.", no_args_is_help=True)
app.add_typer(keyring_app, name="keyring")
app.command(epilog="Example: provctl health 'Acme EU'")(health_commands.health)
app.command(epilog="Example: provctl history 'Acme EU' --since 7d --points 84")(health_commands.history)
app.command(epilog="Example: provctl trace 'Acme EU' --follow")(health_commands.trace)
app.command("import", epilog="Example: provctl import carriers.csv --dry-run")(import_providers)
app.command("export", epilog="Example: provctl export --format kamailio -f dispatcher.list")(export_providers)
app.command(epilog="Example: provctl apply carriers/ --dry-run")(apply)
app.command("test-call", epilog="Example: provctl test-call 'Acme EU' +442071838750 --mode answer")(
    test_call_commands.place_test_call
)
app.command("test-calls", epilog="Example: provctl test-calls 'Acme EU'")(test_call_commands.list_test_calls)
app.command("sip-login", epilog="Example: provctl sip-login 'Acme EU' --set")(test_call_commands.sip_login)
alert_commands.app.add_typer(alert_rule_commands.app, name="rule")
app.add_typer(alert_commands.app, name="alerts")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(calls_commands.app, name="calls")
app.command(epilog="Example: provctl undo")(undo)
provider_commands.app.command("revisions", epilog="Example: provctl providers revisions 'Acme EU'")(
    revision_commands.provider_revisions
)
provider_commands.app.command("restore", epilog="Example: provctl providers restore 'Acme EU' 3")(
    revision_commands.restore_provider
)
route_commands.app.command("revisions", epilog="Example: provctl routes revisions 'UK first'")(
    revision_commands.route_revisions
)
route_commands.app.command("restore", epilog="Example: provctl routes restore 'UK first' 3")(
    revision_commands.restore_route
)


def main() -> None:
    """Run the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # what the terminal can't show becomes a question mark
    if not all(_is_text(argument) for argument in sys.argv):
        print("provctl: an argument is not valid UTF-8", file=sys.stderr)
        sys.exit(ExitCode.USAGE)
    app(prog_name="provctl")


def _is_text(argument: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in argument)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"provctl {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    socket: Annotated[
        Path | None,
        typer.Option(
            readable=False, help="The daemon's socket; else PROVD_SOCKET, else /run/provd/provd.sock."
        ),
    ] = None,
    output: Annotated[Output, typer.Option("-o", "--output", help="table, json or yaml.")] = Output.TABLE,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that go before a command."""
    context.obj = Session(find_socket(socket), output)


@app.command(epilog="Example: provctl check 'Acme EU' || echo down")
def check(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """Check a provider now, and wait for the result. Exits 1 when a target does not answer."""

    async def work(client: Client) -> CheckReport:
        return await client.check_provider((await find_provider(client, provider)).id)

    session = session_of(context)
    report = session.run(work)
    show(session.form(output), report, check_table(report))
    if any(target.cause is not Cause.OK for target in report.targets):
        raise typer.Exit(ExitCode.BAD_NEWS)


@app.command(epilog="Example: provctl status -o json")
def status(context: typer.Context, output: OutputOption = None) -> None:
    """Show how the daemon does, and who it says you are."""
    session = session_of(context)
    found = session.run(lambda client: client.status())
    counts, monitor, store = found.providers, found.monitor, found.store
    providers = (
        f"{counts.healthy} healthy, {counts.unhealthy} unhealthy, {counts.unknown} unknown, "
        f"{counts.disabled} disabled"
    )
    network = (
        f"{monitor.connections} connections, {monitor.retransmits_total} retransmissions, "
        f"{monitor.strays_total} strays, {monitor.send_errors_total} send errors"
    )
    uplink = "suspect: everything failed at once, look at this machine's own network first"
    requests = f"{monitor.requests_answered_total} answered, {monitor.requests_ignored_total} ignored"
    text = facts(
        [
            ("provd", f"{found.version}, up {found.uptime_s:.0f} s, at {session.socket}"),
            ("you", f"{found.you.user} (uid {found.you.uid}): {found.you.role.value}"),
            ("providers", providers),
            ("checks", f"{monitor.checks_per_s:g} a second, {monitor.checks_total} in all"),
            ("network", network),
            *([("uplink", uplink)] if monitor.uplink_suspect else []),
            ("requests", f"{requests}, of those that peers sent us"),
            *([("redirects", _redirect_words(found.redirect))] if found.redirect.listening else []),
            ("timing", f"loop lag {found.loop_lag_ms:g} ms, checks {monitor.behind_ms:g} ms late"),
            ("store", store.error or f"{store.backend}, {store.pending} rows to write"),
            ("alerts", _alerts_words(found.alerts)),
            ("events", f"number {found.events.seq}, {found.events.subscribers} followers"),
        ]
    )
    show(session.form(output), found, text)


def _alerts_words(alerts: AlertsStatus) -> str:
    told = f"{alerts.open} open, {alerts.acknowledged} acknowledged"
    if alerts.waiting or alerts.failed:
        told += f"; {alerts.waiting} messages wait, {alerts.failed} were given up"
    return told


def _redirect_words(redirect: RedirectStatus) -> str:
    return (
        f"{redirect.redirects_total}, {redirect.refused_total} calls refused, "
        f"{redirect.dropped_total} requests from others dropped, at {', '.join(redirect.listening)}"
    )


@app.command(epilog="Example: provctl carriers -o json | jq '.[].settings'")
def carriers(context: typer.Context, output: OutputOption = None) -> None:
    """List the carriers that trunks can be set up at, and what each wants to know."""
    session = session_of(context)
    found = session.run(lambda client: client.carriers())
    show(session.form(output), found, carrier_table(found))


@keyring_app.command("status", epilog="Example: provctl keyring status")
def keyring_status(context: typer.Context, output: OutputOption = None) -> None:
    """Say which keyring is in use, and prove that it works. Exits 1 when it does not."""
    session = session_of(context)
    report = session.run(lambda client: client.keyring())
    show(session.form(output), report, keyring_facts(report))
    if not report.usable:
        raise typer.Exit(ExitCode.BAD_NEWS)


@app.command(epilog="Example: provctl events --follow --provider 'Acme EU'")
def events(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens now.")] = False,
    provider: Annotated[str, typer.Option(help="Only this provider's.")] = "",
    samples: Annotated[bool, typer.Option(help="With --follow: every result of a check too.")] = False,
    calls: Annotated[bool, typer.Option(help="With --follow: every call that is redirected too.")] = False,
    limit: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many past events.")] = 20,
    output: OutputOption = None,
) -> None:
    """Show past events, and follow new ones. With -o json each new event is one line."""
    session = session_of(context)
    form = session.form(output)

    async def past(client: Client) -> tuple[str, EventPage]:
        provider_id = (await find_provider(client, provider)).id if provider else ""
        return provider_id, await client.event_log(page_size=limit, provider_id=provider_id)

    provider_id, page = session.run(past)
    oldest_first = page.result[::-1]
    if not follow:
        table = columns(("NUMBER", "TIME", "EVENT", "WHAT"), [logged_line(each) for each in oldest_first])
        show(form, oldest_first, table)
        return
    unseen = None if provider_id else 0  # of a store that is new, the first may come while it is asked for
    last_seq = oldest_first[0].seq - 1 if oldest_first else unseen
    passing = {EventType.HEALTH_SAMPLE: samples, EventType.CALL_REDIRECTED: calls}
    wanted = tuple(kind for kind in EventType if kind.durable or passing.get(kind))

    async def live(client: Client) -> None:
        async with client.events(types=wanted, provider_id=provider_id, last_seq=last_seq) as stream:
            async for event in stream:
                line = event_line(event, form)
                if line:
                    say(line)

    session.follow(live)
