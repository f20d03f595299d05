"""The wall: one widget that draws its own lines."""

from collections.abc import Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from provtui.panels.wall import Line
from provtui.widgets.line_painter import LinePainter


class WallGrid(Widget):
    """Shows lines, and repaints only those that differ from what it shows."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        self._painter = LinePainter(self)  # before Textual first asks for styles
        super().__init__()
        self._lines: Sequence[Line] = ()

    def show(self, lines: Sequence[Line], *, stale: bool) -> None:
        """Show ``lines``; ``stale`` greys them."""
        before, self._lines = self._lines, lines
        if stale is not self._painter.stale:
            self._painter.stale = stale
            self.refresh()
            return
        for y in range(max(len(before), len(lines))):
            if self._line_at(before, y) != self._line_at(lines, y):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """Draw the line ``y``."""
        return self._painter.line(self._line_at(self._lines, y), self.size.width)

    def notify_style_update(self) -> None:
        """Forget the colours of the theme before."""
        self._painter.forget()
        super().notify_style_update()

    @staticmethod
    def _line_at(lines: Sequence[Line], y: int) -> Line:
        return lines[y] if y < len(lines) else []
