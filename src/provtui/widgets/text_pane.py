"""A tab that is one text, which scrolls."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from provtui.widgets.lines import Lines


class TextPane(VerticalScroll):
    """Shows Content; the text's id is the pane's with ``-text`` after it."""

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Lines(id=f"{self.id}-text")

    def show(self, content: Content) -> None:
        """Show ``content``."""
        self.query_one(Lines).show(content)
