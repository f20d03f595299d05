"""``provctl providers``."""

import uuid
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from provd.cli.failures import ExitCode, fail
from provd.cli.output import printable, show
from provd.cli.provider_table import provider_facts, provider_table
from provd.cli.session import OutputOption, ProviderArgument, find_provider, session_of
from provd.client import Client
from provd.schema.health import HealthStatus
from provd.schema.provider import Provider, ProviderCreate, Transport

app = typer.Typer(help="List, show, add, edit and delete providers.", no_args_is_help=True)

Hostname = Annotated[str | None, typer.Option(help="DNS name, IPv4 or [IPv6], with an optional :port.")]
Detail = Annotated[str | None, typer.Option(help="A longer description.")]
Carrier = Annotated[str | None, typer.Option(help="The company whose trunk it is, like telnyx.")]
Codecs = Annotated[str | None, typer.Option(help="SDP encoding names with commas between them.")]
TransportOption = Annotated[Transport | None, typer.Option(help="How SIP is carried.")]
Prefix = Annotated[str | None, typer.Option(help="Put before the dialled number.")]
Postfix = Annotated[str | None, typer.Option(help="Put after the dialled number, or @host.")]
Header = Annotated[
    list[str] | None, typer.Option(help="A SIP header of every call, 'Name: value'; repeat for more.")
]
Tag = Annotated[list[str] | None, typer.Option(help="A tag; repeat for more.")]
Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is in use and checked.")]
Interval = Annotated[float | None, typer.Option(help="Seconds between two checks.")]
Timeout = Annotated[float | None, typer.Option(help="Seconds to wait for an answer.")]
Fall = Annotated[int | None, typer.Option(help="Failures in a row that make it unhealthy.")]
Rise = Annotated[int | None, typer.Option(help="Successes in a row that make it healthy again.")]


@app.command("list")
def list_providers(
    context: typer.Context,
    q: Annotated[str, typer.Option("-q", "--query", help="Text in name, hostname or detail.")] = "",
    health: Annotated[HealthStatus | None, typer.Option(help="Only those in this state.")] = None,
    carrier: Annotated[str, typer.Option(help="Only this carrier's.")] = "",
    tag: Annotated[str, typer.Option(help="Only those with this tag.")] = "",
    enabled: Annotated[bool | None, typer.Option("--enabled/--disabled", help="Only those.")] = None,
    output: OutputOption = None,
) -> None:
    """List providers, newest first."""
    wanted = {
        "q": q,
        "health_status": health.value if health else "",
        "carrier": carrier,
        "tag": tag,
        "enabled": "" if enabled is None else str(enabled).lower(),
    }
    session = session_of(context)
    filters = {name: value for name, value in wanted.items() if value}
    found = session.run(lambda client: client.all_providers(filters))
    show(session.form(output), found, provider_table(found))


@app.command("show")
def show_provider(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """Show everything about one provider."""
    session = session_of(context)
    found = session.run(lambda client: find_provider(client, provider))
    show(session.form(output), found, provider_facts(found))


@app.command("add")
def add_provider(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How people call it.")],
    hostname: Annotated[str, typer.Argument(help="DNS name, IPv4 or [IPv6], with an optional :port.")],
    detail: Detail = None,
    carrier: Carrier = None,
    codecs: Codecs = None,
    transport: TransportOption = None,
    prefix: Prefix = None,
    postfix: Postfix = None,
    header: Header = None,
    tag: Tag = None,
    enabled: Enabled = None,
    interval: Interval = None,
    timeout: Timeout = None,
    fall: Fall = None,
    rise: Rise = None,
    output: OutputOption = None,
) -> None:
    """Add a provider; its first check starts within a second."""
    fields = _fields(
        name=name,
        hostname=hostname,
        detail=detail,
        carrier=carrier,
        codecs=codecs,
        transport=transport,
        tech_prefix=prefix,
        tech_postfix=postfix,
        tech_headers=_headers(header),
        tags=tag,
        enabled=enabled,
        probe=_fields(interval_s=interval, timeout_s=timeout, fall=fall, rise=rise) or None,
    )
    try:
        new = ProviderCreate.model_validate(fields)
    except ValidationError as error:
        wrong = [f"{_where(each)}: {each['msg'].removeprefix('Value error, ')}" for each in error.errors()]
        fail(ExitCode.USAGE, "the provider can't be added like this", wrong)
    session = session_of(context)
    key = str(uuid.uuid4())
    added = session.run(lambda client: client.create_provider(new, idempotency_key=key))
    show(session.form(output), added, provider_facts(added))


@app.command("edit")
def edit_provider(
    context: typer.Context,
    provider: ProviderArgument,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    hostname: Hostname = None,
    detail: Detail = None,
    carrier: Carrier = None,
    codecs: Codecs = None,
    transport: TransportOption = None,
    prefix: Prefix = None,
    postfix: Postfix = None,
    header: Header = None,
    tag: Tag = None,
    enabled: Enabled = None,
    interval: Interval = None,
    timeout: Timeout = None,
    fall: Fall = None,
    rise: Rise = None,
    output: OutputOption = None,
) -> None:
    """Change the fields that are named. Headers and tags are replaced as a whole; '' clears them."""
    changes = _fields(
        name=name,
        hostname=hostname,
        detail=detail,
        carrier=carrier,
        codecs=codecs,
        transport=transport,
        tech_prefix=prefix,
        tech_postfix=postfix,
        tech_headers=_headers(header),
        tags=None if tag is None else [each for each in tag if each],
        enabled=enabled,
    )
    probe = _fields(interval_s=interval, timeout_s=timeout, fall=fall, rise=rise)
    if not changes and not probe:
        fail(ExitCode.USAGE, "nothing to change: name a field, see provctl providers edit --help")

    async def change(client: Client) -> Provider:
        before = await find_provider(client, provider)
        if probe:
            changes["probe"] = before.probe.model_dump() | probe
        return await client.patch_provider(before.id, changes, revision=before.revision)

    session = session_of(context)
    after = session.run(change)
    show(session.form(output), after, provider_facts(after))


@app.command("delete")
def delete_provider(
    context: typer.Context,
    provider: ProviderArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
) -> None:
    """Delete a provider."""
    session = session_of(context)
    found = session.run(lambda client: find_provider(client, provider))
    if not yes:
        named = f"{printable(found.name)} ({found.hostname}, {found.id})"
        typer.confirm(f"Delete {named}?", abort=True, err=True)
    gone = session.run(lambda client: client.delete_provider(found.id, revision=found.revision))
    show(session.form(output), gone, f"deleted {printable(gone.name)} ({gone.id})")


def _fields(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _headers(lines: list[str] | None) -> dict[str, str] | None:
    if lines is None:
        return None
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        if not colon:
            fail(ExitCode.USAGE, f"the header {line!r} has no colon: write 'Name: value'")
        if name.strip() in headers:
            fail(ExitCode.USAGE, f"the header {name.strip()!r} is given twice")
        headers[name.strip()] = value.strip()
    return headers


def _where(error: Any) -> str:
    return ".".join(str(part) for part in error["loc"])
