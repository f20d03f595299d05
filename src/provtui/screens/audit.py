"""The audit log: who changed what, and who was refused."""

from collections.abc import Sequence

from textual import on
from textual.content import Content

from provd.client import Event
from provd.schema.audit import AuditEntry
from provtui.commands import Place
from provtui.dialogs.audit_entry import EntryDialog
from provtui.dialogs.confirm_undo import ConfirmUndo
from provtui.filters import Filter
from provtui.log_listing import AUDIT_HINT, parse_audit_filter
from provtui.panels.audit import entry_summary
from provtui.screens.logs import LogScreen
from provtui.session import Session
from provtui.text import sentence
from provtui.undo_calls import UndoCalls, UndoKnown, Verified
from provtui.widgets.log_pane import PAGE, LogPane, ReadPage
from provtui.widgets.log_table import AuditTable, audit_number
from provtui.widgets.record_table import RecordTable

_NOTHING = "Nobody has changed anything yet."


class AuditScreen(LogScreen[AuditEntry]):
    """The audit log as it grows; an entry can be looked at, and what it tells of undone."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, LogPane(AuditTable(), audit_number, _log_of(session), nothing=_NOTHING))
        self._calls = UndoCalls(session, self.post_message)

    @property
    def place(self) -> Place:
        """Among the entries."""
        return Place.AUDIT

    @property
    def filters(self) -> str:
        """What can be written into the filter."""
        return AUDIT_HINT

    def parse(self, text: str) -> Filter[AuditEntry]:
        """Read a filter of entries."""
        return parse_audit_filter(text)

    def happened(self, events: Sequence[Event]) -> None:
        """Take the entries that were written."""
        self.pane.put([event.data for event in events if isinstance(event.data, AuditEntry)])

    def summary(self, entry: AuditEntry, cells: int) -> Content:
        """Write who did what, and what differs."""
        return entry_summary(entry, cells)

    def do_entry(self) -> None:
        """Show the entry under the cursor in full."""
        entry = self.pane.entry()
        if entry is None:
            return

        def answered(undo: bool | None) -> None:
            if undo:
                self._look(entry)

        self.app.push_screen(EntryDialog(self.session, entry), answered)

    def do_undo_entry(self) -> None:
        """Undo what the entry under the cursor tells of, after a question."""
        entry = self.pane.entry()
        if entry is not None:
            self._look(entry)

    def do_verify_audit(self) -> None:
        """Have the log verified."""
        self.say("Verifying the whole audit log…")
        self.run_worker(self._calls.verify(), group="verify", exclusive=True)

    @on(RecordTable.Opened)
    def _opened(self) -> None:
        self.do_entry()

    @on(UndoKnown)
    def _undo_known(self, message: UndoKnown) -> None:
        def answered(confirmed: bool | None) -> None:
            if confirmed:
                # the app's, since this screen may be left before it is done
                self.app.run_worker(UndoCalls(self.session, self.app.post_message).undo(message.entries))

        self.app.push_screen(ConfirmUndo(message.entries), answered)

    @on(Verified)
    def _verified(self, message: Verified) -> None:
        self.say(sentence(message.found.message), error=not message.found.ok)

    def _look(self, entry: AuditEntry) -> None:
        self.run_worker(self._calls.look(entry), group="undo", exclusive=True)


def _log_of(session: Session) -> ReadPage[AuditEntry]:
    async def read(token: str) -> tuple[list[AuditEntry], str]:
        page = await session.client.audit(page_size=PAGE, page_token=token)
        return page.result, page.next_page_token

    return read
