"""``provctl setup``: trunks at carriers, from a key to a provider and back."""

import asyncio
from contextlib import suppress
from typing import Annotated
from uuid import uuid4

import typer
from pydantic import ValidationError

from provd.cli.asking import confirm
from provd.cli.failures import ExitCode, fail
from provd.cli.given_credentials import Asked, credentials_from
from provd.cli.output import Output, printable, say, show
from provd.cli.session import OutputOption, ProviderArgument, Session, find_provider, session_of
from provd.cli.setting_options import SettingOptionError, read_settings
from provd.cli.setup_text import plan_text, setup_facts, setup_table, step_line, verification_text
from provd.client import Client, ClientError
from provd.schema.carriers import Account, CarrierInfo
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.setup import Setup, SetupPlan, SetupRequest, SetupState, SetupStepEvent, Verification

app = typer.Typer(
    help="Set trunks up at carriers from an API key, look at them, and remove them.", no_args_is_help=True
)

CarrierArgument = Annotated[str, typer.Argument(help="Its name; provctl carriers lists them.")]
SetupArgument = Annotated[str, typer.Argument(metavar="SETUP", help="The id of a setup.")]
CredentialsOption = Annotated[
    str,
    typer.Option(
        metavar="FILE",
        help="A file with the credentials as a JSON object; - for standard input. Without it they are asked "
        "for. They are never taken from the command line, where other users could read them.",
    ),
]


@app.command(
    "new", epilog="Example: provctl setup new telnyx 'Acme US' --set gateways=203.0.113.10:5060 --dry-run"
)
def set_up(
    context: typer.Context,
    carrier: CarrierArgument,
    name: Annotated[str, typer.Argument(help="What the provider is to be called.")],
    credentials: CredentialsOption = "",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="A setting; commas within lists; repeat for more settings."
        ),
    ] = None,
    detail: Annotated[str, typer.Option(help="A longer description.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; make nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = None,
) -> None:
    """Set a trunk up: shows the plan, asks, makes it step by step, and adds the provider.

    What fails on the way is undone. Ctrl+C leaves it to the daemon, which goes on: see provctl setup list.
    """
    session = session_of(context)
    info = _carrier(session, carrier)
    try:
        wanted = SetupRequest(
            carrier=carrier,
            name=name,
            detail=detail,
            credentials={**credentials_from(credentials, Asked.of(info))},
            settings=read_settings(settings or [], info.settings),
            setup_id=uuid4(),
        )
    except SettingOptionError as error:
        fail(ExitCode.USAGE, f"--set {error}")
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        fail(ExitCode.USAGE, f"{first['loc'][0]} {first['msg'].removeprefix('Value error, ')}")

    form = session.form(output)
    plan = session.run(lambda client: client.plan_setup(wanted))
    if dry_run:
        show(form, plan, plan_text(plan))
        return
    ways = "--yes makes what is planned, --dry-run shows the plan"
    confirm(f"Make this at {info.title}?", yes=yes, ways=ways, before=plan_text(plan))
    provider = session.run(lambda client: _with_progress(client, wanted))
    show(form, provider, f"added {printable(provider.name)} ({provider.hostname}, {provider.id})")
    if form is Output.TABLE:
        _say_by_hand(plan)


@app.command("check-key", epilog="Example: provctl setup check-key telnyx")
def check_key(
    context: typer.Context,
    carrier: CarrierArgument,
    credentials: CredentialsOption = "",
    output: OutputOption = None,
) -> None:
    """Ask a carrier whose key it is. Nothing is kept."""
    session = session_of(context)
    given = credentials_from(credentials, Asked.of(_carrier(session, carrier)))
    account: Account = session.run(lambda client: client.validate_credentials(carrier, given))
    told = [
        f"account {account.name or account.id}" if account.name or account.id else "",
        f"balance {account.balance} {account.currency}".strip() if account.balance else "",
        *account.notes,
    ]
    show(session.form(output), account, "the key is valid" + "".join(f"; {each}" for each in told if each))


@app.command("list", epilog="Example: provctl setup list")
def list_setups(context: typer.Context, output: OutputOption = None) -> None:
    """List setups, newest first."""
    session = session_of(context)

    async def work(client: Client) -> list[Setup]:
        found: list[Setup] = []
        token = ""
        while True:
            page = await client.setups(page_size=1000, page_token=token)
            found += page.result
            token = page.next_page_token
            if not token:
                return found

    found = session.run(work)
    show(session.form(output), found, setup_table(found))


@app.command("show", epilog="Example: provctl setup show 'Acme US'")
def show_setup(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """Show the journal of a setup, by its provider, or by its own id."""
    session = session_of(context)
    found = session.run(lambda client: _find_setup(client, provider))
    show(session.form(output), found, setup_facts(found))


@app.command("verify", epilog="Example: provctl setup verify 'Acme US' || echo changed")
def verify(context: typer.Context, provider: ProviderArgument, output: OutputOption = None) -> None:
    """Compare the carrier with what setup made there. Exits 1 when something differs."""

    async def work(client: Client) -> Verification:
        return await client.verify_carrier((await find_provider(client, provider)).id)

    session = session_of(context)
    found = session.run(work)
    show(session.form(output), found, verification_text(found))
    if not found.ok:
        raise typer.Exit(ExitCode.BAD_NEWS)


@app.command("rotate", epilog="Example: provctl setup rotate 'Acme US' --credentials - < new-key.json")
def rotate(
    context: typer.Context,
    provider: ProviderArgument,
    credentials: CredentialsOption = "",
    output: OutputOption = None,
) -> None:
    """Replace a trunk's key: the new one is proved at the carrier first, the old one removed after."""
    session = session_of(context)
    found = session.run(lambda client: find_provider(client, provider))
    given = credentials_from(credentials, Asked.of(_carrier(session, found.carrier)))
    after = session.run(lambda client: client.replace_credentials(found.id, given))
    show(session.form(output), after, f"the key of {printable(found.name)} ends in {after.key_ends} now")


@app.command("resume", epilog="Example: provctl setup resume 3f0c9f5e-8a8e-4a38-9a2e-0c7f4f2f0e11")
def resume(context: typer.Context, setup: SetupArgument, output: OutputOption = None) -> None:
    """Go on with a setup that stopped, to the provider."""
    session = session_of(context)
    provider: Provider = session.run(lambda client: client.resume_setup(setup))
    show(session.form(output), provider, f"added {printable(provider.name)} ({provider.id})")


@app.command("rollback", epilog="Example: provctl setup rollback 3f0c9f5e-8a8e-4a38-9a2e-0c7f4f2f0e11")
def roll_back(context: typer.Context, setup: SetupArgument, output: OutputOption = None) -> None:
    """Remove what a setup made at the carrier. Exits 1 when something is left."""
    session = session_of(context)
    after = session.run(lambda client: client.roll_back_setup(setup))
    show(session.form(output), after, setup_facts(after))
    if after.state is not SetupState.UNDONE:
        raise typer.Exit(ExitCode.BAD_NEWS)


def _carrier(session: Session, name: str) -> CarrierInfo:
    known = {each.name: each for each in session.run(lambda client: client.carriers())}
    if name not in known:
        names = ", ".join(known)
        fail(ExitCode.USAGE, f"{printable(name)!r} is no carrier that can be set up: there are {names}")
    return known[name]


async def _find_setup(client: Client, wanted: str) -> Setup:
    with suppress(ClientError):
        return await client.setup(wanted)
    return await client.setup_of((await find_provider(client, wanted)).id)


async def _with_progress(client: Client, wanted: SetupRequest) -> Provider:
    """Set up, telling each step on standard error as it happens."""

    async def tell() -> None:
        with suppress(ClientError):
            async with client.events(types=(EventType.SETUP_STEP,)) as stream:
                async for event in stream:
                    following.set()
                    if isinstance(event.data, SetupStepEvent) and event.data.setup_id == str(wanted.setup_id):
                        typer.echo(step_line(event.data), err=True)

    following = asyncio.Event()
    telling = asyncio.create_task(tell())
    try:
        await asyncio.wait({telling, asyncio.create_task(following.wait())}, return_when="FIRST_COMPLETED")
        return await client.set_up(wanted)
    finally:
        telling.cancel()


def _say_by_hand(plan: SetupPlan) -> None:
    for each in plan.by_hand:
        say(f"by hand: {each}")
