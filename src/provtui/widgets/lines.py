"""Text that costs nothing while it says the same."""

from textual.content import Content
from textual.widgets import Static


class Lines(Static):
    """Shows Content, and repaints only when text or colours differ from what it shows."""

    def __init__(
        self,
        content: Content | str = "",
        *,
        id: str | None = None,  # noqa: A002  # Textual's word
        classes: str | None = None,
    ) -> None:
        self._shown = Content(content) if isinstance(content, str) else content
        super().__init__(self._shown, id=id, classes=classes)

    def show(self, content: Content) -> None:
        """Show ``content``."""
        if not content.is_same(self._shown):
            self._shown = content
            self.update(content, layout=self.styles.auto_dimensions)
