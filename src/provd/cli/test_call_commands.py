"""``provctl test-call``, ``test-calls`` and ``sip-login``."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError

from provd.cli.failures import ExitCode, fail
from provd.cli.given_credentials import Asked, credentials_from
from provd.cli.output import Output, printable, say, show
from provd.cli.session import OutputOption, ProviderArgument, find_provider, session_of
from provd.cli.test_call_text import call_facts, call_table, ladder_line
from provd.client import Client, ClientError
from provd.schema.events import EventType
from provd.schema.test_calls import (
    MAX_SECONDS,
    CallMode,
    CallOutcome,
    CallTest,
    CallTestRequest,
    CallTestStep,
    LadderStep,
    SipLogin,
    SipLoginRequest,
)

_WENT_WELL = frozenset({CallOutcome.ANSWERED, CallOutcome.RINGING})
_ASKED = Asked(
    {"username": "User name", "password": "Password"},
    frozenset({"username", "password"}),
    frozenset({"password"}),
)


def place_test_call(
    context: typer.Context,
    provider: ProviderArgument,
    destination: Annotated[str, typer.Argument(metavar="NUMBER", help="Whom to call, like +15550100.")],
    mode: Annotated[
        CallMode, typer.Option(help="ring: hang up as soon as it rings; answer: talk for a while.")
    ] = CallMode.RING,
    max_duration: Annotated[
        int, typer.Option("--max", min=1, max=MAX_SECONDS, metavar="SECONDS", help="Of the talk.")
    ] = 10,
    caller: Annotated[str, typer.Option(metavar="NUMBER", help="Who calls; else the login's user.")] = "",
    dtmf: Annotated[str, typer.Option(metavar="DIGITS", help="To send after the answer.")] = "",
    output: OutputOption = None,
) -> None:
    """Call a number through a provider, with sound, and tell what came of it; Ctrl+C hangs up.

    Exits with 1 when it neither rang nor was answered.
    """
    session = session_of(context)
    form = session.form(output)
    try:
        request = CallTestRequest(
            destination=destination, caller=caller, mode=mode, max_duration_s=max_duration, dtmf=dtmf
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        fail(ExitCode.USAGE, f"{first['loc'][0]} {first['msg'].removeprefix('Value error, ')}")
    result = session.run(lambda client: _with_ladder(client, provider, request, form))
    show(form, result, f"\n{call_facts(result)}")
    if result.outcome not in _WENT_WELL:
        raise typer.Exit(ExitCode.BAD_NEWS)


def list_test_calls(
    context: typer.Context,
    provider: ProviderArgument,
    call: Annotated[str, typer.Argument(metavar="[ID]", help="Of one call, to see all of it.")] = "",
    limit: Annotated[int, typer.Option("-n", min=1, max=1000, help="How many, the newest first.")] = 20,
    output: OutputOption = None,
) -> None:
    """List a provider's test calls, newest first, or show one with its ladder."""
    session = session_of(context)
    if call:
        found = session.run(lambda client: _one(client, provider, call))
        ladder = "\n".join(map(ladder_line, found.ladder))
        show(session.form(output), found, f"{ladder}\n\n{call_facts(found)}")
        return

    async def work(client: Client) -> list[CallTest]:
        provider_id = (await find_provider(client, provider)).id
        return (await client.test_calls.page(provider_id, page_size=limit)).result

    calls = session.run(work)
    show(session.form(output), calls, call_table(calls))


def sip_login(
    context: typer.Context,
    provider: ProviderArgument,
    change: Annotated[bool, typer.Option("--set", help="Give it a user name and a password.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Forget the one that was given.")] = False,
    credentials: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help='With --set: a file with {"username": ..., "password": ...}; - for standard input. Without '
            "it they are asked for. They are never taken from the command line.",
        ),
    ] = "",
    output: OutputOption = None,
) -> None:
    """Tell which login a provider's test calls use, give it one, or forget that. The keyring keeps it."""
    session = session_of(context)
    if change and remove:
        fail(ExitCode.USAGE, "--set and --remove exclude each other")
    wanted = _wanted(credentials) if change else None

    async def work(client: Client) -> SipLogin:
        provider_id = (await find_provider(client, provider)).id
        if wanted is not None:
            return await client.test_calls.put_login(provider_id, wanted)
        if remove:
            return await client.test_calls.delete_login(provider_id)
        return await client.test_calls.login(provider_id)

    login = session.run(work)
    known = {"api": "given by hand", "setup": "made by its setup"}
    told = f"{printable(login.username)}, {known[login.source]}" if login.username else "it has no login"
    show(session.form(output), login, f"forgotten: {told}" if remove else told)


async def _with_ladder(client: Client, wanted: str, request: CallTestRequest, form: Output) -> CallTest:
    """Place the call, and draw its ladder as it grows."""
    provider_id = (await find_provider(client, wanted)).id
    drawn: list[LadderStep] = []

    def draw(step: LadderStep) -> None:
        drawn.append(step)
        if form is Output.TABLE:
            say(ladder_line(step))

    async def follow() -> None:
        with suppress(ClientError):
            async with client.events(types=(EventType.TEST_CALL_STEP,), provider_id=provider_id) as stream:
                async for event in stream:
                    following.set()
                    if isinstance(event.data, CallTestStep):
                        draw(event.data.step)

    following = asyncio.Event()
    drawing = asyncio.create_task(follow())
    try:
        await asyncio.wait({drawing, asyncio.create_task(following.wait())}, return_when="FIRST_COMPLETED")
        result = await client.test_calls.place(provider_id, request)
    except asyncio.CancelledError:
        with suppress(ClientError):
            await _hang_up(client, provider_id)
        raise
    finally:
        drawing.cancel()
    for step in result.ladder[len(drawn) :]:
        draw(step)
    return result


async def _hang_up(client: Client, provider_id: str) -> None:
    """End the call that runs: there is one at a time for each provider."""
    for call in (await client.test_calls.page(provider_id, page_size=1)).result:
        if call.outcome is CallOutcome.RUNNING:
            await client.test_calls.cancel(provider_id, call.id)


async def _one(client: Client, provider: str, call: str) -> CallTest:
    return await client.test_calls.get((await find_provider(client, provider)).id, call)


def _wanted(credentials: str) -> SipLoginRequest:
    given = credentials_from(credentials, _ASKED)
    try:
        return SipLoginRequest(
            username=given.get("username", ""), password=SecretStr(given.get("password", ""))
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        fail(ExitCode.USAGE, f"{first['loc'][0]} {first['msg'].removeprefix('Value error, ')}")
