"""Who would carry each country, as the daemon sees it now."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message

from provd.client import ClientError
from provd.schema.route import Matrix
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.matrix import matrix_panel
from provtui.reading import Reading
from provtui.session import Session
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class MatrixRead(Message):
    """Who would carry what, or why it could not be read."""

    def __init__(self, value: Matrix | None, error: str = "") -> None:
        super().__init__()
        self.value = value
        self.error = error


class MatrixDialog(Dialog[None]):
    """Shows a line for each calling code that has routes of its own, and the others together."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.MATRIX)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._reading: Reading[Matrix] = Reading()

    def compose(self) -> ComposeResult:
        """Lay the lines out over the key bar."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Who would carry each country"
            yield Lines(id="matrix-said")
            with VerticalScroll():
                yield Lines(id="matrix-text")
        yield KeyBar(list(commands_at(Place.MATRIX)), self.refused)

    def on_mount(self) -> None:
        """Read it."""
        self._show()
        self.do_reread()

    def do_reread(self) -> None:
        """Read it again."""
        self.run_worker(self._read(), group="matrix", exclusive=True)

    def do_dismiss(self) -> None:
        """Go back."""
        self.dismiss(None)

    @on(MatrixRead)
    def _matrix_read(self, message: MatrixRead) -> None:
        self._reading = self._reading.after(message.value, message.error)
        self._show()

    def _show(self) -> None:
        said = self.query_one("#matrix-said", Lines)
        said.show(self._reading.notice)
        said.display = bool(self._reading.notice)
        if self._reading.value is not None:
            room = min(76, self.app.size.width) - _MARGIN
            self.query_one("#matrix-text", Lines).show(matrix_panel(self._reading.value, room))

    async def _read(self) -> None:
        try:
            self.post_message(MatrixRead(await self.session.client.route_matrix()))
        except ClientError as error:
            self.post_message(MatrixRead(None, str(error)))
