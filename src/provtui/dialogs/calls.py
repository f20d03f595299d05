"""The dialog that reports the calls of a file, a call a line as JSON."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from provd.client import ClientError
from provd.schema.calls import CallReport
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.figures import count_text
from provtui.file_content import content_of
from provtui.panels.transfer import calls_panel
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class Reported(Message):
    """What became of the calls, or why they were not reported."""

    def __init__(self, report: CallReport | None, error: str = "") -> None:
        super().__init__()
        self.report = report
        self.error = error


class CallsDialog(Dialog[None]):
    """Sends ``file`` when asked, and shows what became of its calls."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.CALLS)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, session: Session, file: Path) -> None:
        super().__init__()
        self.session = session
        self._file = file
        self._began = False

    def compose(self) -> ComposeResult:
        """Lay out what became of the file."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"Report the calls in {clean(self._file.name)}")
            yield Lines(id="calls-said")
            with VerticalScroll():
                yield Lines(id="calls-text")
        yield KeyBar(list(commands_at(Place.CALLS)), self.refused)

    def on_mount(self) -> None:
        """Say what would be sent, if the file can be read."""
        try:
            size = self._file.stat().st_size
            self._file.open("rb").close()
        except OSError as error:
            self._began = True
            self._say(f"✗ {self._file} can't be read: {error.strerror or error}", ".ink--unhealthy")
        else:
            said = (
                f"{count_text(size)} bytes, a call a line as JSON. ↵ sends them; what has an id counts once."
            )
            self._say(said, ".ink--key")

    def do_send_calls(self) -> None:
        """Send them, once."""
        if not self._began:
            self._began = True
            self._say("Sending…", ".ink--key")
            self.run_worker(self._send(), group="calls")

    def do_leave(self) -> None:
        """Go back; what provd has taken meanwhile stays."""
        self.dismiss(None)

    @on(Reported)
    def _reported(self, message: Reported) -> None:
        if message.report is None:
            self._began = False
            self._say(f"✗ {message.error}. ↵ tries again.".replace("..", "."), ".ink--unhealthy")
            return
        room = min(76, self.app.size.width) - _MARGIN
        failed = message.report.failed_total
        self._say(
            *(("! Some were left out.", ".ink--suspect") if failed else ("✓ Reported.", ".ink--healthy"))
        )
        self.query_one("#calls-text", Lines).show(calls_panel(message.report, room))

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#calls-said", Lines).show(Content.styled(clean(text), ink))

    async def _send(self) -> None:
        try:
            report = await self.session.client.report_calls(content_of(self._file))
        except OSError as error:
            self.post_message(Reported(None, f"{self._file} can't be read: {error.strerror or error}"))
        except ClientError as error:
            self.post_message(Reported(None, str(error)))
        else:
            self.post_message(Reported(report))
