"""The line above the table on which a filter is typed, and which says what it leaves."""

from collections.abc import Callable
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provtui.figures import count_text
from provtui.filters import Filter, FilterError
from provtui.text import crop, width
from provtui.widgets.lines import Lines

_PROMPT, _CURSOR, _GAP = 3, 1, 1  # cells beside the text and what is said; the line is as wide as the screen
_NOT_APPLIED, _PROBLEMS_ONLY = "not applied", "problems only"


class FilterBar(Horizontal):
    """Is there while a filter is typed or in force.

    ``parse`` reads what is typed, and raises FilterError; ``hint`` stands there while nothing is. While what
    is typed can't be read, the filter from before it was typed is in force, and the bar says why.
    """

    class Set(Message):
        """Another filter is in force."""

        def __init__(self, wanted: Filter[Any]) -> None:
            super().__init__()
            self.wanted = wanted

    class Done(Message):
        """The filter has been typed."""

    def __init__(self, parse: Callable[[str], Filter[Any]], hint: str) -> None:
        super().__init__()
        self._parse = parse
        self._hint = hint
        self._in_force: Filter[Any] = Filter()
        self._before: Filter[Any] = Filter()
        self._error = ""
        self._problems_only = False
        self._marks = self._count = ""

    def compose(self) -> ComposeResult:
        """Lay out the prompt, the input and the count."""
        yield Lines("/", classes="filter--prompt")
        yield Input(compact=True, placeholder=self._hint, id="filter")
        yield Lines(id="filter-count")

    def on_mount(self) -> None:
        """Begin out of sight."""
        self.display = False

    def open(self, words: str = "") -> None:
        """Appear and take the keys; with ``words``, take those as if they were typed."""
        self.display = True
        self._before = self._in_force
        field = self.query_one(Input)
        if words:
            field.value = words
            self.post_message(self.Done())
        else:
            self.screen.set_focus(field)  # at once: what is typed behind the key is the filter

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def clear(self) -> None:
        """Drop the filter."""
        self._in_force = Filter()
        self.query_one(Input).value = ""

    def show_count(
        self,
        listed: int,
        total: int,
        *,
        filtered: bool,
        problems_only: bool = False,
        more: str = "",
        marked: int = 0,
    ) -> None:
        """Say how many of all are listed; disappear when nothing is left out and nobody types.

        ``more`` goes after the total: a sign that there are others, which have not been read. ``marked``
        counts those that are marked.
        """
        field = self.query_one(Input)
        self.display = problems_only or filtered or field.has_focus or bool(field.value) or marked > 0
        self._marks = f"{count_text(marked)} marked  " if marked else ""
        self._problems_only = problems_only
        self._count = f"{count_text(listed)} of {count_text(total)}{more}"
        self._say()

    def on_resize(self) -> None:
        """Share the new width between what is typed and what is wrong with it."""
        self._say()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self._in_force, self._error = self._parse(event.value), ""
        except FilterError as error:
            self._in_force, self._error = self._before, str(error)
        self.post_message(self.Set(self._in_force))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())

    def _say(self) -> None:
        """Say what is listed, or in the room that the text leaves, why the text is not applied."""
        said = self.query_one("#filter-count", Lines)
        if not self._error:
            problems = f"{_PROBLEMS_ONLY}: " if self._problems_only else ""
            text = f"{self._marks}{problems}{self._count}  esc clears "
            said.show(Content.styled(text, ".ink--faint"))
            return
        kept = [_PROBLEMS_ONLY] if self._problems_only else []
        kept += [self._before.text] if self._before else []
        still = f", still {' and '.join(kept)}" if kept else ""
        least = f"{self._marks}{_NOT_APPLIED}"
        room = self.screen.size.width - _PROMPT - width(self.text) - _CURSOR - _GAP
        text = crop(f"{least}{still}: {self._error}", max(room, width(least) + 1))
        said.show(Content.styled(f"{text} ", ".ink--suspect"))
