"""The three-way view: what someone else saved while you were editing."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as it was when you began, as it is now, and as you typed it."""

    label: str
    base: str
    theirs: str
    yours: str


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
        """Lay the fields out one under the other."""
        with VerticalScroll(classes="dialog--box") as box:
            box.border_title = "Saved by someone else meanwhile"
            yield Lines(
                f"{self._by} saved this {self._what} while you were editing it. Overwriting saves what you "
                "changed, and keeps what only they changed.",
                classes="help--group",
            )
            for difference in self._differences:
                yield Lines(_difference(difference), classes="help--group")
        yield KeyBar(list(commands_at(Place.CONFLICT)), lambda command: None)

    def do_theirs(self) -> None:
        """Go on from theirs."""
        self.dismiss(Resolution.THEIRS)

    def do_ours(self) -> None:
        """Save ours."""
        self.dismiss(Resolution.OURS)

    def do_keep(self) -> None:
        """Back to the form."""
        self.dismiss(None)


def _difference(difference: Difference) -> Content:
    parts: list[tuple[str, str] | str] = [(difference.label, ".ink--title")]
    rows = (("base", difference.base), ("theirs", difference.theirs), ("yours", difference.yours))
    for whose, text in rows:
        same = whose != "base" and text == difference.base
        shown = "as it was" if same else ("; ".join(map(clean, text.splitlines())) or "empty")
        faint = same or whose == "base" or not text
        parts += [(f"\n  {whose:<8}", ".ink--faint"), (shown, ".ink--faint") if faint else shown]
    return Content.assemble(*parts)
