"""One run of provctl: which daemon, which form of output."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from provd.cli.failures import ExitCode, fail, failures
from provd.cli.output import Output, printable
from provd.client import Client, find_socket
from provd.client.late_wakeups import pass_over_late_wakeups
from provd.schema.provider import Provider

Answer = TypeVar("Answer")

OutputOption = Annotated[Output | None, typer.Option("-o", "--output", help="table, json or yaml.")]
ProviderArgument = Annotated[
    str, typer.Argument(metavar="PROVIDER", help="Its name, its id, or how its id begins.")
]


@dataclass(frozen=True, slots=True)
class Session:
    """What the options before the command said."""

    socket: Path
    output: Output

    def form(self, given: Output | None) -> Output:
        """The form of output: what the command's own option says, else the one before it."""
        return given or self.output

    def run(self, work: Callable[[Client], Awaitable[Answer]]) -> Answer:
        """Do ``work`` with a client; what fails becomes a message and an exit code."""

        async def with_client() -> Answer:
            pass_over_late_wakeups()
            async with Client(self.socket) as client:
                return await work(client)

        with failures():
            return asyncio.run(with_client())

    def follow(self, work: Callable[[Client], Awaitable[None]]) -> None:
        """Do ``work`` until it ends or a person has seen enough."""
        try:
            self.run(work)
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.OK) from None


def session_of(context: typer.Context) -> Session:
    """The session that the main command made."""
    found: Session = context.find_object(Session) or Session(find_socket(), Output.TABLE)
    return found


async def find_provider(client: Client, wanted: str) -> Provider:
    """A provider by name, id, or the beginning of its id; exits when there is none, or more than one."""
    try:
        return await client.provider(str(UUID(wanted)))
    except ValueError:
        pass
    named = [each for each in await client.all_providers({"q": wanted}) if each.name == wanted]
    if not named and wanted:
        named = [each for each in await client.all_providers() if each.id.startswith(wanted.lower())]
    if not named:
        fail(
            ExitCode.NOT_FOUND,
            f"there is no provider {printable(wanted)!r}: provctl providers list shows all",
        )
    if len(named) > 1:
        same = [f"{each.id}  {printable(each.name)}" for each in named[:10]]
        fail(ExitCode.CONFLICT, f"{printable(wanted)!r} fits {len(named)} providers: give the id", same)
    return named[0]
