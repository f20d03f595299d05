"""``provctl health``, ``history`` and ``trace``: what is known of one provider's checks."""

import time
from typing import Annotated

import typer

from provd.cli.event_lines import event_line
from provd.cli.failures import ExitCode, fail
from provd.cli.health_text import health_text
from provd.cli.history_text import history_text
from provd.cli.output import Output, as_json, say, show
from provd.cli.session import OutputOption, ProviderArgument, find_provider, session_of
from provd.cli.times import moment
from provd.cli.trace_text import exchange_text
from provd.client import Client
from provd.schema.events import EventType
from provd.schema.history import MAX_POINTS, History, ProviderHealth
from provd.schema.provider import Provider
from provd.schema.trace import TracedExchange


def health(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """Show a provider's health: availability, each target with its stages, the last changes of status."""

    async def work(client: Client) -> tuple[Provider, ProviderHealth]:
        found = await find_provider(client, provider)
        return found, await client.health(found.id)

    session = session_of(context)
    found, report = session.run(work)
    show(session.form(output), report, health_text(found, report))


def history(
    context: typer.Context,
    provider: ProviderArgument,
    since: Annotated[str, typer.Option(help="How long ago (90m, 24h, 7d), or a time in UTC.")] = "24h",
    until: Annotated[str, typer.Option(help="The same for the end; else now.")] = "",
    points: Annotated[int, typer.Option(min=1, max=MAX_POINTS, help="How many at the most.")] = 48,
    target: Annotated[str, typer.Option(help="Only this address, like 192.0.2.1:5060.")] = "",
    output: OutputOption = None,
) -> None:
    """Show a provider's checks over a time: round-trip times, loss, how much of it it was healthy."""
    now = time.time()
    start, end = _moment("--since", since, now), _moment("--until", until or "0s", now)

    async def work(client: Client) -> tuple[Provider, History]:
        found = await find_provider(client, provider)
        shown = await client.history(found.id, since=start, until=end, points=points, target=target)
        return found, shown

    session = session_of(context)
    found, shown = session.run(work)
    show(session.form(output), shown, history_text(found.name, shown))


def trace(
    context: typer.Context,
    provider: ProviderArgument,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with every check from now on, until Ctrl+C.")
    ] = False,
    output: OutputOption = None,
) -> None:
    """Show the SIP of a provider's last checks as it was sent and received, the latest below.

    Kept are the checks that changed its status, those that somebody asked for (provctl check), and those
    that were followed. With --follow and -o json each exchange is one line.
    """
    session = session_of(context)
    form = session.form(output)
    if follow:
        session.follow(lambda client: _follow(client, provider, form))
        return

    async def work(client: Client) -> list[TracedExchange]:
        return (await client.trace((await find_provider(client, provider)).id)).result[::-1]

    kept = session.run(work)
    text = "\n\n".join(map(exchange_text, kept))
    show(form, kept, text or "no exchange is kept: provctl check makes one, --follow shows those to come")


async def _follow(client: Client, provider: str, form: Output) -> None:
    provider_id = (await find_provider(client, provider)).id
    kept: set[tuple[str, str | None]] = set()
    async with client.events(types=(EventType.HEALTH_TRACE,), provider_id=provider_id) as stream:
        async for event in stream:
            if event.type is EventType.HELLO:  # from here on nothing is missed: show what was before
                for each in (await client.trace(provider_id)).result[::-1]:
                    kept.add((each.at, each.target))
                    _say(each, form)
            elif isinstance(event.data, TracedExchange):
                if (event.data.at, event.data.target) not in kept:
                    _say(event.data, form)
            elif line := event_line(event, form):
                say(line)


def _say(exchange: TracedExchange, form: Output) -> None:
    if form is Output.TABLE:
        say(exchange_text(exchange) + "\n")
    elif form is Output.JSON:
        say(as_json(exchange.model_dump(mode="json")))
    else:
        say("---")
        show(form, exchange, "")


def _moment(option: str, text: str, now: float) -> str:
    try:
        return moment(text, now, past=True)
    except ValueError as error:
        fail(ExitCode.USAGE, f"{option}: {error}")
