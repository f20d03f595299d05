"""A yes or no."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message

from provtui.widgets.lines import Lines


class Toggle(Lines, can_focus=True):
    """Shows ``value`` as a mark and a word; space and a click turn it over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]
    ALLOW_SELECT = False

    class Changed(Message):
        """It was turned over."""

    def __init__(self, value: bool, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(_drawn(value), id=id)
        self._value = value

    @property
    def value(self) -> bool:
        """What it is."""
        return self._value

    @value.setter
    def value(self, value: bool) -> None:
        if value is not self._value:
            self._value = value
            self.show(_drawn(value))
            self.post_message(self.Changed())

    def action_turn(self) -> None:
        """Turn it over."""
        self.value = not self.value

    def on_click(self, event: Click) -> None:
        """Turn it over."""
        event.stop()
        self.action_turn()


def _drawn(value: bool) -> Content:
    return Content("[x] yes") if value else Content("[ ] no")
