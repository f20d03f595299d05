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
from provtui.widgets.lines import Lines


class FilterBar(Horizontal):
    """Is there while a filter is typed or in force.

    ``parse`` reads what is typed, and raises FilterError; ``hint`` stands there while nothing is.
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
        if not field.has_class("-invalid"):
            what = "problems only: " if problems_only else ""
            marks = f"{count_text(marked)} marked  " if marked else ""
            text = f"{marks}{what}{count_text(listed)} of {count_text(total)}{more}  esc clears "
            self.query_one("#filter-count", Lines).show(Content.styled(text, ".ink--faint"))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            wanted = self._parse(event.value)
        except FilterError as error:
            event.input.add_class("-invalid")
            self.query_one("#filter-count", Lines).show(Content.styled(f"{error} ", ".ink--suspect"))
            return
        event.input.remove_class("-invalid")
        self.post_message(self.Set(wanted))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())
