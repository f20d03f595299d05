"""``provctl alerts``."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import SecretStr, ValidationError

from provd.cli.alert_text import (
    alert_facts,
    alert_table,
    channel_table,
    delivery_table,
    outcome_words,
    rule_table,
)
from provd.cli.failures import ExitCode, fail
from provd.cli.output import printable, show
from provd.cli.session import OutputOption, find_provider, session_of
from provd.client import Client
from provd.schema.alerts import (
    Alert,
    AlertPage,
    AlertState,
    ChannelRequest,
    ChannelTest,
    ChannelWithSecret,
    DeliveryState,
    Severity,
)

app = typer.Typer(help="What is wrong, the rules that say so, and where it is told.", no_args_is_help=True)
channel_app = typer.Typer(help="Make and delete channels.", no_args_is_help=True)
app.add_typer(channel_app, name="channel")

AlertArgument = Annotated[
    str, typer.Argument(metavar="ALERT", help="Its id, or how it begins, as the list has it.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, '-', '_' and '.'.")]
Limit = Annotated[int, typer.Option("-n", min=1, max=1000, help="How many, the newest first.")]
On = Annotated[
    bool | None, typer.Option("--on/--off", show_default=False, help="Off: keep it, but have it do nothing.")
]
UNRESOLVED = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


@app.command("list", epilog="Example: provctl alerts list --severity critical")
def list_alerts(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    state: Annotated[AlertState | None, typer.Option(help="Only those in this state.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only those of this severity.")] = None,
    rule: Annotated[str, typer.Option(help="Only those of this rule.")] = "",
    provider: Annotated[str, typer.Option(help="Only those about this provider, by name or id.")] = "",
    limit: Limit = 100,
    output: OutputOption = None,
) -> None:
    """List what is wrong now, newest first. Exits 1 when there is an alert that nobody has acknowledged."""
    states = (state,) if state is not None else () if every else UNRESOLVED

    async def work(client: Client) -> AlertPage:
        filters = {"rule": rule, "provider_id": ""}
        if severity is not None:
            filters["severity"] = severity.value
        if provider:
            filters["provider_id"] = (await find_provider(client, provider)).id
        return await client.alerts.page(states=states, page_size=limit, filters=filters)

    session = session_of(context)
    found = session.run(work).result
    show(session.form(output), found, alert_table(found) if found else "nothing is wrong")
    if any(each.state is AlertState.OPEN for each in found):
        raise typer.Exit(ExitCode.BAD_NEWS)


@app.command("show", epilog="Example: provctl alerts show 3f2a9c1e")
def show_alert(context: typer.Context, alert: AlertArgument, output: OutputOption = None) -> None:
    """Show one alert: its providers, why, what to do, and what happened to it."""

    async def work(client: Client) -> Alert:
        return await client.alerts.get(await _alert_id(client, alert))

    session = session_of(context)
    found = session.run(work)
    show(session.form(output), found, alert_facts(found))


@app.command("ack", epilog="Example: provctl alerts ack 3f2a9c1e --note 'called the carrier'")
def acknowledge(
    context: typer.Context,
    alerts: Annotated[list[str], typer.Argument(metavar="ALERT...", help="Ids, or how they begin.")],
    note: Annotated[str, typer.Option(help="For others to read.")] = "",
    output: OutputOption = None,
) -> None:
    """Take care of alerts: nobody is reminded of them, and they do not escalate."""

    async def work(client: Client) -> list[Alert]:
        ids = [await _alert_id(client, each) for each in alerts]
        return [await client.alerts.acknowledge(each, note) for each in ids]

    session = session_of(context)
    done = session.run(work)
    show(session.form(output), done, alert_table(done))


@app.command("deliveries", epilog="Example: provctl alerts deliveries --state waiting")
def list_deliveries(
    context: typer.Context,
    state: Annotated[DeliveryState | None, typer.Option(help="Only those in this state.")] = None,
    channel: Annotated[str, typer.Option(help="Only those to this channel.")] = "",
    limit: Limit = 50,
    output: OutputOption = None,
) -> None:
    """List messages to channels, newest first: what went, what waits and why, what was given up."""
    filters = {"state": state.value} if state is not None else {}
    if channel:
        filters["channel"] = channel
    session = session_of(context)
    found = session.run(lambda client: client.alerts.deliveries(page_size=limit, filters=filters)).result
    show(session.form(output), found, delivery_table(found))


@app.command("rules", epilog="Example: provctl alerts rules -o yaml")
def list_rules(context: typer.Context, output: OutputOption = None) -> None:
    """List the rules that raise alerts."""
    session = session_of(context)
    found = session.run(lambda client: client.alerts.rules()).result
    show(session.form(output), found, rule_table(found))


@app.command("channels", epilog="Example: provctl alerts channels")
def list_channels(context: typer.Context, output: OutputOption = None) -> None:
    """List where alerts are told, and how each channel does."""
    session = session_of(context)
    found = session.run(lambda client: client.alerts.channels()).result
    show(session.form(output), found, channel_table(found))


@channel_app.command(
    "set", epilog="Example: provctl alerts channel set ops --kind apprise --min-severity warning"
)
def set_channel(
    context: typer.Context,
    name: Name,
    kind: Annotated[
        Literal["apprise", "webhook"] | None,
        typer.Option(help="What its address is of; of a new channel: apprise."),
    ] = None,
    url_file: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="A file with the address, - for standard input; else it is asked for."
        ),
    ] = "",
    keep: Annotated[bool, typer.Option("--keep-url", help="Leave the address that it has.")] = False,
    min_severity: Annotated[
        Severity | None, typer.Option(help="Nothing milder is told there; of a new channel: info.")
    ] = None,
    on: On = None,
    output: OutputOption = None,
) -> None:
    """Make a channel, or change one. Its address goes into the keyring, so it is never an argument.

    An Apprise address is like mailto://user:password@example.com?to=ops@example.com; a webhook's is https.
    With --keep-url what is not given stays as it is: "provctl alerts channel set ops --keep-url --off".
    """
    url = None if keep else SecretStr(_url(url_file))
    options = {"kind": kind, "url": url, "min_severity": min_severity, "enabled": on}
    given = {field: value for field, value in options.items() if value is not None}

    async def work(client: Client) -> ChannelWithSecret:
        before = await client.alerts.channel(name) if keep else None
        ours = before is not None and before.origin == "api"  # provd refuses to change another
        kept = before.model_dump(include={"kind", "min_severity", "enabled"}) if before and ours else {}
        try:
            wanted = ChannelRequest.model_validate({"kind": "apprise", **kept, **given})
        except ValidationError as error:
            fail(ExitCode.USAGE, f"the address {error.errors()[0]['msg']}")
        return await client.alerts.put_channel(
            name, wanted, revision=None if before is None else before.revision
        )

    session = session_of(context)
    made = session.run(work)
    table = channel_table([made])
    if made.secret is not None:
        table += f"\nsigning secret, shown this once: {made.secret}"
    show(session.form(output), made, table)


@channel_app.command("delete", epilog="Example: provctl alerts channel delete ops")
def delete_channel(context: typer.Context, name: Name, output: OutputOption = None) -> None:
    """Delete a channel, and its address from the keyring. What waits for it is given up."""
    session = session_of(context)
    gone = session.run(lambda client: client.alerts.delete_channel(name))
    show(session.form(output), gone, f"the channel {printable(gone.name)} is deleted")


@app.command("test", epilog="Example: provctl alerts test ops")
def send_tests(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[CHANNEL]...", help="Without any: all.")
    ] = None,
    output: OutputOption = None,
) -> None:
    """Send a test message now, and tell what became of it. Exits 1 when one did not go."""

    async def work(client: Client) -> list[ChannelTest]:
        every = [each.name for each in (await client.alerts.channels()).result if each.enabled]
        return [await client.alerts.test_channel(each) for each in names or every]

    session = session_of(context)
    tested = session.run(work)
    show(session.form(output), tested, "\n".join(printable(outcome_words(each)) for each in tested))
    if not all(each.sent for each in tested):
        raise typer.Exit(ExitCode.BAD_NEWS)


def _url(file: str) -> str:
    if not file:
        if not sys.stdin.isatty():
            fail(
                ExitCode.USAGE,
                "there is no terminal to ask for the address at: give it with --url-file FILE, or - for "
                "standard input",
            )
        asked: str = typer.prompt("Address (not shown)", hide_input=True, err=True)
        return asked.strip()
    try:
        return (sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")).strip()
    except (OSError, UnicodeDecodeError) as error:
        fail(ExitCode.USAGE, f"--url-file: {file} can't be read: {error}")


async def _alert_id(client: Client, wanted: str) -> str:
    """An alert's id by how it begins; exits when there is none, or more than one."""
    if len(wanted) == 36:
        return wanted
    token, found = "", list[str]()
    while wanted:
        page = await client.alerts.page(page_size=1000, page_token=token)
        found += [each.id for each in page.result if each.id.startswith(wanted.lower())]
        token = page.next_page_token
        if not token:
            break
    if not found:
        fail(
            ExitCode.NOT_FOUND, f"there is no alert {printable(wanted)!r}: provctl alerts list --all has them"
        )
    if len(found) > 1:
        fail(
            ExitCode.CONFLICT, f"{printable(wanted)!r} fits {len(found)} alerts: give more of it", found[:10]
        )
    return found[0]
