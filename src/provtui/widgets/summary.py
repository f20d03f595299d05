"""Under the table: what is wrong with the provider under the cursor, since when, and what to do."""

from textual.content import Content
from textual.geometry import Size

from provd.schema.provider import Provider
from provtui import verdict
from provtui.shortened import shortened
from provtui.text import clean, crop, width
from provtui.widgets.lines import Lines

_LINES = 4
_ROOM = ((24, _LINES + 1), (12, _LINES), (0, 0))
"""On a screen of how many lines at most how many can be spared; on the lowest the table needs them all."""

_PADDING = 2
_NAME_AT_LEAST, _NAME_AT_MOST = 12, 40
_CHECKING = "  checking…"


class Summary(Lines):
    """Four lines about one provider, or five; what to do comes last, since it may be long."""

    def __init__(self) -> None:
        super().__init__()
        self._cells, self._most = 1, 0

    def fit_into(self, screen: Size) -> None:
        """Take no more room than ``screen`` can spare."""
        self._cells = max(1, screen.width - _PADDING)
        self._most = next(lines for least, lines in _ROOM if screen.height >= least)
        self.display = self._most > 0

    def show_provider(self, provider: Provider | None, now: float, *, checking: bool) -> None:
        """Show ``provider``, or nothing; ``checking`` says that a check was asked for and is under way."""
        lines = [] if provider is None else self._lines(provider, now, checking=checking)
        said = shortened(lines, self._cells, self._most)
        self.styles.height = max(_LINES, len(said))
        self.show(Content("\n").join(said))

    def _lines(self, provider: Provider, now: float, *, checking: bool) -> list[Content]:
        return [
            self._head(provider, now, checking=checking),
            *Content(verdict.explanation(provider)).wrap(self._cells),
            *verdict.remarks(provider, now),
            *verdict.next_step(provider).wrap(self._cells),
        ]

    def _head(self, provider: Provider, now: float, *, checking: bool) -> Content:
        """Write what must be read first; a long name leaves room for it."""
        headline = verdict.headline(provider, now)
        under_way = _CHECKING if checking else ""
        room = self._cells - headline.cell_length - width(under_way) - 2
        name = crop(clean(provider.name), max(_NAME_AT_LEAST, min(room, _NAME_AT_MOST)))
        return Content.assemble(
            (name, ".ink--name"),
            "  ",
            headline,
            (under_way, ".ink--key"),
            verdict.noted(provider, now),
        )
