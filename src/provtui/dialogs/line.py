"""The line on which a command is typed."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input

from provtui.command_line import Line, LineError, completions, read_line
from provtui.commands import Command, Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.line_values import values_of
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class LineDialog(Dialog[Line | None]):
    """Gives what was typed, None when the user backed out; ``here`` are the commands that work.

    Under the line stands what it may become, and what its argument is. ``text`` is there from the beginning.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.LINE)]
    AUTO_FOCUS = "Input"

    def __init__(self, session: Session, here: Sequence[Command], text: str = "") -> None:
        super().__init__()
        self.session = session
        self._here = here
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay the line out over what may be written."""
        with Vertical(classes="line--box"):
            with Horizontal(classes="line--typed"):
                yield Lines(":", classes="filter--prompt")
                yield Input(self._text, compact=True, id="line", select_on_focus=False)
            yield Lines(id="line-said")
        yield KeyBar(list(commands_at(Place.LINE)), self.refused)

    def on_mount(self) -> None:
        """Say what may be written."""
        self._offer()

    def do_run_line(self) -> None:
        """Give the line, if it can be understood."""
        self._run(self._typed)

    def do_complete(self) -> None:
        """Write the rest of it, as far as there is one way to go on, or the likeliest."""
        found = self._found
        if found:
            field = self.query_one(Input)
            whole = _common(found)
            field.value = whole if len(whole) > len(self._typed) else found[0]
            field.cursor_position = len(field.value)

    def do_leave(self) -> None:
        """Give None."""
        self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self._run(event.value)  # more may stand there by now

    @on(Input.Changed)
    def _offer(self) -> None:
        found = self._found
        command = next((each for each in self._here if self._typed.partition(" ")[0] in each.names), None)
        if command is None or (len(found) > 1 and " " not in self._typed):
            self._say(Content.styled("  ".join(map(clean, found)), ".ink--faint"))
            return
        hint = "" if command.argument is None else f" {command.argument.hint}"
        refused = self.session.refused(command)
        about = (f"  {refused}", ".ink--suspect") if refused else (f"  {command.help}", ".ink--step")
        offered = "  ".join(clean(each.partition(" ")[2]) for each in found if " " in each)
        name = f"{self._typed.partition(' ')[0]}{hint}"
        self._say(Content.assemble((clean(name), ".ink--key"), about, (f"  {offered}", ".ink--faint")))

    def _run(self, text: str) -> None:
        try:
            line = read_line(text, self._here)
        except LineError as error:
            self._say(Content.styled(clean(f"✗ {error}"), ".ink--unhealthy"))
        else:
            self.dismiss(line)

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value

    @property
    def _found(self) -> list[str]:
        return completions(self._typed, self._here, values_of(self.session))

    def _say(self, content: Content) -> None:
        self.query_one("#line-said", Lines).show(content)


def _common(lines: Sequence[str]) -> str:
    """Give what all of ``lines`` begin with."""
    first, last = min(lines), max(lines)
    for place, character in enumerate(first):
        if character != last[place]:
            return first[:place]
    return first
