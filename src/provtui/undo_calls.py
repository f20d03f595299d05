"""Has the daemon take changes back and verify the audit log, and posts what came of it."""

from collections.abc import Callable, Sequence

from textual.message import Message

from provd.client import ApiError, ClientError
from provd.client.undoing import NotUndone, moved_on, take_back, way_of, with_cascade
from provd.schema.audit import AuditEntry, AuditVerification
from provtui.outcomes import Done, Failed
from provtui.session import Session


class UndoKnown(Message):
    """What is to be taken back, in this order."""

    def __init__(self, entries: Sequence[AuditEntry]) -> None:
        super().__init__()
        self.entries = entries


class Verified(Message):
    """Whether the audit log is as it was written."""

    def __init__(self, found: AuditVerification) -> None:
        super().__init__()
        self.found = found


class UndoCalls:
    """Each call uses the session's present client."""

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post

    async def look(self, entry: AuditEntry) -> None:
        """Find what is taken back with ``entry``: of a deleted provider, its routes."""
        try:
            way_of(entry)
            self._post(UndoKnown(await with_cascade(self._session.client, entry)))
        except (NotUndone, ClientError) as error:
            self._post(Failed(str(error)))

    async def undo(self, entries: Sequence[AuditEntry]) -> None:
        """Take back what ``entries`` tell of, in their order, up to the first that is refused."""
        for entry in entries:
            try:
                said = await take_back(self._session.client, entry)
            except ApiError as error:
                self._post(Failed(_changed(entry) if moved_on(entry, error) else str(error)))
                return
            except (NotUndone, ClientError) as error:
                self._post(Failed(str(error)))
                return
            self._post(Done(said))

    async def verify(self) -> None:
        """Have the whole log verified."""
        try:
            self._post(Verified(await self._session.client.verify_audit()))
        except ClientError as error:
            self._post(Failed(f"The audit log was not verified: {error}"))


def _changed(entry: AuditEntry) -> str:
    return (
        f"{entry.name} has been changed since entry {entry.seq}, or is gone: "
        "its revisions (b) tell what it was, and restore the one that you want"
    )
