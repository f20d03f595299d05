"""``revisions`` and ``restore``, of ``provctl providers`` and ``provctl routes``."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from provd.cli.asking import confirm
from provd.cli.audit_text import revision_table
from provd.cli.failures import ExitCode, fail
from provd.cli.output import printable, show
from provd.cli.session import OutputOption, session_of
from provd.client import Client
from provd.schema.audit import AuditEntry
from provd.schema.provider import Provider
from provd.schema.revision import Revision, RevisionPage
from provd.schema.route import Route

Number = Annotated[int, typer.Argument(metavar="REVISION", min=1, help="As revisions lists it.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int, typer.Option("-n", min=1, max=1000, help="How many, the newest first.")]
AnyProvider = Annotated[
    str, typer.Argument(metavar="PROVIDER", help="Its name or its id; of a deleted one too.")
]
AnyRoute = Annotated[str, typer.Argument(metavar="ROUTE", help="Its name or its id; of a deleted one too.")]


def provider_revisions(
    context: typer.Context, provider: AnyProvider, limit: Limit = 100, output: OutputOption = None
) -> None:
    """List what a provider was, and who made it so. A deleted one's revisions stay."""

    async def work(client: Client) -> RevisionPage:
        return await client.revisions(await _provider_id(client, provider), page_size=limit)

    session = session_of(context)
    found = session.run(work).result
    show(session.form(output), found, revision_table(found))


def restore_provider(
    context: typer.Context,
    provider: AnyProvider,
    number: Number,
    yes: Yes = False,
    output: OutputOption = None,
) -> None:
    """Give a provider the fields that it had, as a new revision. A deleted one is there again."""

    async def look(client: Client) -> RevisionPage:
        return await client.revisions(await _provider_id(client, provider), page_size=1)

    session = session_of(context)
    (now,) = session.run(look).result
    _ask(now, number, yes=yes)
    back = session.run(lambda client: client.restore_provider(now.object_id, number, revision=now.revision))
    show(session.form(output), back, _told(back, number))


def route_revisions(
    context: typer.Context, route: AnyRoute, limit: Limit = 100, output: OutputOption = None
) -> None:
    """List what a route was, and who made it so. A deleted one's revisions stay."""

    async def work(client: Client) -> RevisionPage:
        return await client.route_revisions(await _route_id(client, route), page_size=limit)

    session = session_of(context)
    found = session.run(work).result
    show(session.form(output), found, revision_table(found))


def restore_route(
    context: typer.Context, route: AnyRoute, number: Number, yes: Yes = False, output: OutputOption = None
) -> None:
    """Give a route the fields that it had, as a new revision. A deleted one is there again."""

    async def look(client: Client) -> RevisionPage:
        return await client.route_revisions(await _route_id(client, route), page_size=1)

    session = session_of(context)
    (now,) = session.run(look).result
    _ask(now, number, yes=yes)
    back = session.run(lambda client: client.restore_route(now.object_id, number, revision=now.revision))
    show(session.form(output), back, _told(back, number))


def _ask(now: Revision, number: int, *, yes: bool) -> None:
    name = printable(str(now.fields.get("name", "")))
    asked = f"Give {name} ({now.object_id}), at revision {now.revision}, the fields of {number}?"
    confirm(asked, yes=yes, ways="--yes restores it")


def _told(back: Provider | Route, number: int) -> str:
    return printable(
        f"{back.name} ({back.id}) is as it was at revision {number}, and at revision {back.revision} now"
    )


async def _provider_id(client: Client, wanted: str) -> str:
    async def named() -> list[str]:
        return [each.id for each in await client.all_providers({"q": wanted}) if each.name == wanted]

    return await _find(client, "provider", wanted, named)


async def _route_id(client: Client, wanted: str) -> str:
    async def named() -> list[str]:
        return [each.id for each in await client.all_routes() if each.name == wanted]

    return await _find(client, "route", wanted, named)


async def _find(client: Client, kind: str, wanted: str, named: Callable[[], Awaitable[list[str]]]) -> str:
    """The id of a record by its id or name; by the name that it was deleted with, when none has it now."""
    try:
        return str(UUID(wanted))
    except ValueError:
        pass
    found = await named() or list(
        dict.fromkeys(each.object_id for each in await _deleted(client, kind) if each.name == wanted)
    )
    if not found:
        fail(ExitCode.NOT_FOUND, f"no {kind} is, or was, called {printable(wanted)!r}: give its id")
    if len(found) > 1:
        fail(ExitCode.CONFLICT, f"{printable(wanted)!r} fits {len(found)} {kind}s: give the id", found[:10])
    return found[0]


async def _deleted(client: Client, kind: str) -> list[AuditEntry]:
    """The deletions that the audit log has."""
    entries: list[AuditEntry] = []
    token = ""
    while True:
        filters = {"action": f"{kind}.de"}
        page = await client.audit(page_size=1000, page_token=token, filters=filters)
        entries += page.result
        token = page.next_page_token
        if not token:
            return entries
