"""The bottom line: the keys that work here, most important first when room is short."""

from collections.abc import Callable, Sequence

from textual.content import Content, Span
from textual.events import Click
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
        self._places: list[tuple[int, int, str]] = []

    def show(self, commands: Sequence[Command]) -> None:
        """Show other commands, or the same after a change of what is allowed."""
        self._commands = commands
        self.refresh()

    def render(self) -> Content:
        """Draw what fits."""
        text = " "
        spans: list[Span] = []
        self._places = []
        for command in that_fit(self._commands, self.size.width):
            start = len(text)
            text += f"{command.first_key} {command.label}"
            if self._refused(command) is None:
                spans.append(Span(start, start + len(command.first_key), ".ink--key"))
            else:
                spans.append(Span(start, len(text), ".ink--disabled"))
            self._places.append((start, len(text), command.id))
            text += _GAP
        return Content(text.rstrip(), spans)

    async def on_click(self, event: Click) -> None:
        """Run the command that was clicked."""
        event.stop()
        for start, end, command_id in self._places:
            if start <= event.x < end:
                await self.run_action(f"screen.run('{command_id}')")


def that_fit(commands: Sequence[Command], cells: int) -> list[Command]:
    """Give those of ``commands`` that fit into ``cells`` cells, as they are ranked, in their order."""
    room = cells - 1
    chosen = set()
    for command in sorted((c for c in commands if c.rank), key=lambda c: c.rank):
        needed = width(f"{command.first_key} {command.label}{_GAP}")
        if needed - len(_GAP) > room:
            break
        room -= needed
        chosen.add(command.id)
    return [command for command in commands if command.id in chosen]
