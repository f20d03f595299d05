"""What a route was, and back to it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from provd.client import ClientError
from provd.schema.revision import Revision
from provd.schema.route import Route
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.dialogs.confirm_restore import ConfirmRestore
from provtui.outcomes import why_not
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines
from provtui.widgets.log_pane import LogPane
from provtui.widgets.revisions_pane import RevisionsPane, revisions_of

_MARGIN = 5


class Restored(Message):
    """The route is as it was, or ``error`` says why not."""

    def __init__(self, route: Route | None, error: str = "") -> None:
        super().__init__()
        self.route = route
        self.error = error


class RouteRevisions(Dialog[Route | None]):
    """Shows the revisions of ``route``; gives it as it is after one was restored, else None."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.ROUTE_REVISIONS)]
    AUTO_FOCUS = "RevisionTable"

    def __init__(self, session: Session, route: Route) -> None:
        super().__init__()
        self.session = session
        self._route = route

    def compose(self) -> ComposeResult:
        """Lay the revisions out."""
        client = self.session.client
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"Revisions of {clean(self._route.name)}")
            yield RevisionsPane(
                revisions_of(lambda token: client.route_revisions(self._route.id, page_token=token))
            )
            yield Lines(id="restore-said")
        yield KeyBar(list(commands_at(Place.ROUTE_REVISIONS)), self.refused)

    def on_mount(self) -> None:
        """Read them."""
        self._pane.list.begin()
        self._show()

    def do_restore(self) -> None:
        """Restore the chosen one, after a question."""
        chosen, newest = self._pane.chosen, self._pane.newest
        if chosen is not None and newest is not None and chosen.revision == newest.revision:
            self._say("It is at that revision now: choose another one to restore.")
        elif chosen is not None and newest is not None:
            self._ask(chosen, newest)

    def tell_refusal(self, refused: str) -> None:
        """Tell it under the list."""
        self._say(refused)

    def do_dismiss(self) -> None:
        """Give None."""
        self.dismiss(None)

    @on(LogPane.Read)
    def _show(self) -> None:
        room = min(76, self.app.size.width) - _MARGIN
        self._pane.show(self.session.clock(), room, stale=False)

    @on(Restored)
    def _restored(self, message: Restored) -> None:
        if message.route is not None:
            self.dismiss(message.route)
        else:
            self._say(f"✗ {message.error}")

    @property
    def _pane(self) -> RevisionsPane:
        return self.query_one(RevisionsPane)

    def _ask(self, chosen: Revision, newest: Revision) -> None:
        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self.run_worker(self._restore(chosen.revision, newest.revision), group="restore")

        self.app.push_screen(ConfirmRestore(chosen, newest), answered)

    def _say(self, text: str) -> None:
        self.query_one("#restore-said", Lines).show(Content.styled(clean(text), ".ink--suspect"))

    async def _restore(self, number: int, at: int) -> None:
        try:
            route = await self.session.client.restore_route(self._route.id, number, revision=at)
        except ClientError as error:
            self.post_message(Restored(None, why_not(self._route.name, error)))
        else:
            self.post_message(Restored(route))
