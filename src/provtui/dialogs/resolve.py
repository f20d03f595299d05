"""The resolve box: a number in; who would carry it, in order, and who is passed over, out."""

from typing import ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provd.client import ClientError
from provd.schema.route import Resolution, ResolveRequest
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.form_fields import FormField
from provtui.panels.resolution import resolution_panel
from provtui.session import Session
from provtui.text import clean, sentence
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_NUMBER = FormField("destination", "Number", "+15551234567, tel: or sip:")
_ABOUT = (
    "Type the number that is called: provd tells who would carry the call now, in which order, and who is "
    "passed over and why. Nothing is sent."
)
_MARGIN = 5


class Resolved(Message):
    """What the daemon said of ``number``: who would carry it, or why it can't tell."""

    def __init__(self, number: str, found: Resolution | None, error: str = "") -> None:
        super().__init__()
        self.number = number
        self.found = found
        self.error = error


class ResolveDialog(Dialog[None]):
    """Asks the daemon as the number is typed; among equal priorities each answer draws anew."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.RESOLVE)]
    AUTO_FOCUS = "Input"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        """Lay the answer out under the number."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Who would carry a number"
            yield FormRow(_NUMBER, "")
            with VerticalScroll(id="resolved"):
                yield Lines(_ABOUT, id="resolved-text")
        yield KeyBar(list(commands_at(Place.RESOLVE)), self.refused)

    def do_again(self) -> None:
        """Ask again."""
        self._ask()

    def do_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    @on(FormRow.Changed)
    @on(Input.Submitted)
    def _ask(self) -> None:
        number = self.query_one(FormRow).text.strip()
        if number:
            self.run_worker(self._resolve(number), group="resolve", exclusive=True)
        else:
            self.workers.cancel_group(self, "resolve")
            self._show(Content(_ABOUT))

    @on(Resolved)
    def _resolved(self, message: Resolved) -> None:
        if message.number != self.query_one(FormRow).text.strip():
            return
        if message.found is None:
            self._show(Content.styled(f"✗ {clean(message.error)}", ".ink--unhealthy"))
        else:
            room = min(76, self.app.size.width) - _MARGIN
            self._show(resolution_panel(message.found, room))

    def _show(self, content: Content) -> None:
        self.query_one("#resolved-text", Lines).show(content)
        self.query_one("#resolved", VerticalScroll).scroll_home(animate=False)

    async def _resolve(self, number: str) -> None:
        try:
            found = await self.session.client.resolve(ResolveRequest(destination=number))
        except ValidationError:
            self.post_message(Resolved(number, None, "That is too long for a number."))
        except ClientError as error:
            self.post_message(Resolved(number, None, sentence(str(error))))
        else:
            self.post_message(Resolved(number, found))
