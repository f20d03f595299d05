"""``provctl undo``."""

from typing import Annotated

import typer

from provd.cli.asking import confirm
from provd.cli.audit_text import audit_words
from provd.cli.failures import ExitCode, fail
from provd.cli.output import printable, say
from provd.cli.revision_commands import Yes
from provd.cli.session import session_of
from provd.client import ApiError, Client
from provd.client.undoing import NotUndone, last_change, moved_on, take_back, way_of, with_cascade
from provd.schema.audit import AuditEntry


def undo(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", min=1, help="Of an entry of the audit log.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Take back your last change, or the one that an entry of the audit log tells of.

    What was changed is restored, what was deleted is there again, what was added is deleted. It is refused
    when somebody has changed the record since. Undoing is a change too: undo it to have the change back.
    """

    async def look(client: Client) -> list[AuditEntry]:
        entry = await last_change(client) if number is None else await client.audit_entry(number)
        if entry is None:
            fail(ExitCode.NOT_FOUND, "you have changed nothing that the audit log tells of")
        try:
            way_of(entry)
        except NotUndone as error:
            fail(ExitCode.CONFLICT, printable(str(error)))
        return await with_cascade(client, entry)

    session = session_of(context)
    group = session.run(look)
    named = "\n".join(f"  {each.seq}  {each.at[:19]}  {printable(audit_words(each))}" for each in group)
    confirm("Undo this?", yes=yes, ways="--yes takes the change back", before=named)

    async def work(client: Client) -> None:
        for entry in group:
            say(printable(await _take_back(client, entry)))

    session.run(work)


async def _take_back(client: Client, entry: AuditEntry) -> str:
    try:
        return await take_back(client, entry)
    except NotUndone as error:
        fail(ExitCode.CONFLICT, printable(str(error)))
    except ApiError as error:
        if not moved_on(entry, error):
            raise
        fail(
            ExitCode.CONFLICT,
            f"{printable(entry.name)} has moved on since entry {entry.seq}: look at "
            f"provctl {entry.kind}s revisions {entry.object_id}, and restore the one that you want",
        )
