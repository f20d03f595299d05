"""``provctl providers``."""

import uuid
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from provd.cli.api_words import in_commands
from provd.cli.asking import confirm
from provd.cli.failures import ExitCode, complain, fail
from provd.cli.output import Output, printable, show
from provd.cli.probe_options import changed
from provd.cli.provider_options import (
    Carrier,
    Codecs,
    Detail,
    Enabled,
    Fall,
    Header,
    Hostname,
    Interval,
    Postfix,
    Prefix,
    Probe,
    Rise,
    Tag,
    Timeout,
    TransportOption,
    given,
    read_headers,
    read_probe,
)
from provd.cli.provider_table import provider_facts, provider_table
from provd.cli.session import OutputOption, ProviderArgument, Session, find_provider, session_of
from provd.client import Client
from provd.schema.health import HealthStatus
from provd.schema.provider import Provider, ProviderCreate, ProviderPatch

app = typer.Typer(help="List, show, add, edit and delete providers.", no_args_is_help=True)


@app.command("list", epilog="Example: provctl providers list --health unhealthy --tag eu")
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


@app.command("show", epilog="Example: provctl providers show 'Telnyx US' -o json")
def show_provider(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """Show everything about one provider."""
    session = session_of(context)
    found = session.run(lambda client: find_provider(client, provider))
    show(session.form(output), found, provider_facts(found))


@app.command(
    "add",
    epilog="Example: provctl providers add 'Acme EU' sip.acme.example --transport tls --interval 15 "
    "--probe codes=2xx,404 --probe rollup=all --probe headers.X-Account=17",
)
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
    probe: Probe = None,
    output: OutputOption = None,
) -> None:
    """Add a provider; its first check starts within a second."""
    fields = given(
        name=name,
        hostname=hostname,
        detail=detail,
        carrier=carrier,
        codecs=codecs,
        transport=transport,
        tech_prefix=prefix,
        tech_postfix=postfix,
        tech_headers=read_headers(header),
        tags=tag,
        enabled=enabled,
        probe=changed({}, read_probe(probe, interval, timeout, fall, rise)) or None,
    )
    try:
        new = ProviderCreate.model_validate(fields)
    except ValidationError as error:
        _refuse(error)
    session = session_of(context)
    key = str(uuid.uuid4())
    added = session.run(lambda client: client.create_provider(new, idempotency_key=key))
    _show_saved(session, output, added)


@app.command(
    "edit",
    epilog="Example: provctl providers edit 'Acme EU' --tag eu --probe rollup=quorum --probe codes=",
)
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
    probe: Probe = None,
    output: OutputOption = None,
) -> None:
    """Change the fields that are named. Headers and tags are replaced as a whole; '' clears them."""
    changes = given(
        name=name,
        hostname=hostname,
        detail=detail,
        carrier=carrier,
        codecs=codecs,
        transport=transport,
        tech_prefix=prefix,
        tech_postfix=postfix,
        tech_headers=read_headers(header),
        tags=None if tag is None else [each for each in tag if each],
        enabled=enabled,
    )
    options = read_probe(probe, interval, timeout, fall, rise)
    if not changes and not options:
        fail(ExitCode.USAGE, "nothing to change: name a field, see provctl providers edit --help")

    async def change(client: Client) -> Provider:
        before = await find_provider(client, provider)
        if options:
            changes["probe"] = changed(before.probe.model_dump(mode="json"), options)
        try:
            patch = ProviderPatch.model_validate(changes)
        except ValidationError as error:
            _refuse(error)
        body = patch.model_dump(mode="json", exclude_unset=True)
        return await client.patch_provider(before.id, body, revision=before.revision)

    session = session_of(context)
    _show_saved(session, output, session.run(change))


@app.command("delete", epilog="Example: provctl providers delete 'Acme EU' --yes")
def delete_provider(
    context: typer.Context,
    provider: ProviderArgument,
    deprovision: Annotated[
        bool, typer.Option("--deprovision", help="Also remove what setup made at the carrier.")
    ] = False,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Also delete the routes that lead to it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
) -> None:
    """Delete a provider. Exits 1 when something of it is left at the carrier."""
    session = session_of(context)
    found = session.run(lambda client: find_provider(client, provider))
    named = f"{printable(found.name)} ({found.hostname}, {found.id})"
    what = f"{named} and its trunk at {found.carrier}" if deprovision else named
    confirm(f"Delete {what}?", yes=yes, ways="--yes deletes it")
    gone = session.run(
        lambda client: client.delete_provider(
            found.id, revision=found.revision, deprovision=deprovision, cascade=cascade
        )
    )
    left = gone.deprovisioned.left if gone.deprovisioned is not None else []
    told = [f"deleted {gone.name} ({gone.id})"]
    told += [f"left at the carrier: {each.step} {each.carrier_id}: {in_commands(each.note)}" for each in left]
    show(session.form(output), gone, "\n".join(map(printable, told)))
    if left:
        raise typer.Exit(ExitCode.BAD_NEWS)


def _refuse(error: ValidationError) -> NoReturn:
    wrong = [
        ".".join(str(part) for part in each["loc"]) + f": {each['msg'].removeprefix('Value error, ')}"
        for each in error.errors()
    ]
    fail(ExitCode.USAGE, "the provider can't be saved like this", wrong)


def _show_saved(session: Session, output: Output | None, saved: Provider) -> None:
    show(session.form(output), saved, provider_facts(saved.model_copy(update={"warnings": []})))
    for warning in saved.warnings:
        complain(f"warning: {warning}")
