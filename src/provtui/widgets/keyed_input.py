"""Textual's Input, acting on its keys in the order in which those were typed.

By itself it takes letters at once, and other keys when these have come back from the app: after a Tab in the
same piece, that is in the next field.
"""

from textual.events import Key
from textual.widgets import Input

from provtui.keys_in_order import Keyed, act


class KeyedInput(Keyed, Input):
    """A line of text."""

    async def _on_key(self, event: Key) -> None:
        await act(self, event)
