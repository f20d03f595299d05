"""A text that is read from the daemon, and read anew when asked."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from provd.client import ClientError
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.reading import Reading
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class ReportRead(Message):
    """The text, or why it could not be read."""

    def __init__(self, value: Content | None, error: str = "") -> None:
        super().__init__()
        self.value = value
        self.error = error


class ReportDialog(Dialog[None]):
    """Shows what ``read`` gives, which takes the cells that there are and raises ClientError."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.REPORT)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, title: str, read: Callable[[int], Awaitable[Content]]) -> None:
        super().__init__()
        self._title = title
        self._read_text = read
        self._reading: Reading[Content] = Reading()

    def compose(self) -> ComposeResult:
        """Lay the text out over the key bar."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = self._title
            yield Lines(id="report-said")
            with VerticalScroll():
                yield Lines(id="report-text")
        yield KeyBar(list(commands_at(Place.REPORT)), self.refused)

    def on_mount(self) -> None:
        """Read it."""
        self._show()
        self.do_reread()

    def do_reread(self) -> None:
        """Read it again."""
        self.run_worker(self._read(), group="report", exclusive=True)

    def do_dismiss(self) -> None:
        """Go back."""
        self.dismiss(None)

    @on(ReportRead)
    def _report_read(self, message: ReportRead) -> None:
        self._reading = self._reading.after(message.value, message.error)
        self._show()

    def _show(self) -> None:
        said = self.query_one("#report-said", Lines)
        said.show(self._reading.notice)
        said.display = bool(self._reading.notice)
        if self._reading.value is not None:
            self.query_one("#report-text", Lines).show(self._reading.value)

    async def _read(self) -> None:
        room = min(76, self.app.size.width) - _MARGIN
        try:
            self.post_message(ReportRead(await self._read_text(room)))
        except ClientError as error:
            self.post_message(ReportRead(None, str(error)))
