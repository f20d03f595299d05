"""The three-way view: what someone else saved while you were editing."""

from collections.abc import Sequence
from enum import Enum
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import clean, fit
from provtui.three_way import Difference
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_GAP = "  "
_MARGIN = 5


class Resolution(Enum):
    """Whose version to go on with."""

    THEIRS = "theirs"
    OURS = "ours"


class ConflictDialog(Dialog[Resolution | None]):
    """Shows ``differences`` and asks whose to take; None: back to the form as it is.

    ``what`` is the word for the record; ``by`` is who saved it, empty when that is not known.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.CONFLICT)]

    def __init__(self, what: str, differences: Sequence[Difference], by: str) -> None:
        super().__init__()
        self._what = what
        self._differences = differences
        self._by = clean(by) or "Someone else"

    def compose(self) -> ComposeResult:
        """Lay the fields out one under the other, each in three columns."""
        cells = min(76, self.app.size.width) - _MARGIN
        with VerticalScroll(classes="dialog--box") as box:
            box.border_title = "Saved by someone else meanwhile"
            yield Lines(
                f"{self._by} saved this {self._what} while you were editing it. Overwriting saves what you "
                "changed, and keeps what only they changed.",
                classes="help--group",
            )
            yield Lines(_headings(cells))
            for difference in self._differences:
                yield Lines(_difference(difference, cells), classes="help--group")
        yield KeyBar(list(commands_at(Place.CONFLICT)), self.refused)

    def do_theirs(self) -> None:
        """Go on from theirs."""
        self.dismiss(Resolution.THEIRS)

    def do_ours(self) -> None:
        """Save ours."""
        self.dismiss(Resolution.OURS)

    def do_keep(self) -> None:
        """Back to the form."""
        self.dismiss(None)


def _headings(cells: int) -> Content:
    width = (cells - 2 * len(_GAP)) // 3
    return Content.styled(_GAP.join(fit(each, width) for each in ("WAS", "THEIRS", "YOURS")), ".ink--faint")


def _difference(difference: Difference, cells: int) -> Content:
    """Write a field's name, and under it its three versions side by side, in ``cells`` cells."""
    width = (cells - 2 * len(_GAP)) // 3
    columns = [_column(difference, text, width) for text in (None, difference.theirs, difference.yours)]
    lines = [Content.styled(difference.label, ".ink--title")]
    for row in range(max(map(len, columns))):
        parts: list[tuple[str, str] | str] = []
        for column in columns:
            text, ink = column[row] if row < len(column) else ("", "")
            parts += [(fit(text, width), ink), _GAP]
        lines.append(Content.assemble(*parts[:-1]))
    return Content("\n").join(lines)


def _column(difference: Difference, text: str | None, width: int) -> list[tuple[str, str]]:
    """Give the lines of a version, with their inks; None: the version of before."""
    if text is not None and text == difference.base:
        return [("as it was", ".ink--faint")]
    shown = difference.base if text is None else text
    if not shown:
        return [("(empty)", ".ink--faint")]
    ink = ".ink--faint" if text is None else ""
    lines = [part for line in shown.splitlines() for part in wrap(clean(line), width) or [""]]
    return [(line, ink) for line in lines]
