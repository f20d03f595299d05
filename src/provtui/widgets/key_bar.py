"""The bottom line: the keys that work here, most important first when room is short."""

from collections.abc import Callable, Sequence

from textual.content import Content, Span
from textual.style import Style
from textual.widget import Widget

from provtui.commands import Command
from provtui.text import width

_GAP = "  "


class KeyBar(Widget):
    """Shows ``commands`` on one line; a click on one runs it.

    ``refused`` tells why a command is not allowed, or None; those that are not are dimmed.
    """

    ALLOW_SELECT = False

    def __init__(self, commands: Sequence[Command], refused: Callable[[Command], str | None]) -> None:
        super().__init__()
        self._commands = commands
        self._refused = refused

    def show(self, commands: Sequence[Command]) -> None:
        """Show other commands, or the same after a change of what is allowed."""
        self._commands = commands
        self.refresh()

    def render(self) -> Content:
        """Draw what fits."""
        text = " "
        spans: list[Span] = []
        for command in self._that_fit():
            start = len(text)
            text += f"{command.first_key} {command.label}"
            keys_end = start + len(command.first_key)
            if self._refused(command) is None:
                spans.append(Span(start, keys_end, ".ink--key"))
            else:
                spans.append(Span(start, len(text), ".ink--disabled"))
            spans.append(Span(start, len(text), Style.from_meta({"@click": f"screen.run('{command.id}')"})))
            text += _GAP
        return Content(text.rstrip() if spans else "", spans)

    def _that_fit(self) -> list[Command]:
        room = self.size.width - 1
        chosen = set()
        for command in sorted((c for c in self._commands if c.rank), key=lambda c: c.rank):
            needed = width(f"{command.first_key} {command.label}{_GAP}")
            if needed - len(_GAP) > room:
                break
            room -= needed
            chosen.add(command.id)
        return [command for command in self._commands if command.id in chosen]
