"""Textual's other fields, acting on their keys as ``keyed_input`` does."""

from textual.events import Key
from textual.widgets import OptionList, Select, TextArea

from provtui.keys_in_order import Keyed, act


class KeyedTextArea(Keyed, TextArea):
    """Several lines of text."""

    async def _on_key(self, event: Key) -> None:
        await act(self, event)


class KeyedOptionList(Keyed, OptionList):
    """A list, of which one is chosen."""

    async def _on_key(self, event: Key) -> None:
        await act(self, event)


class KeyedSelect(Keyed, Select[str]):
    """A choice, whose list opens; not when the cursor has left it meanwhile, as that would close it again."""

    async def _on_key(self, event: Key) -> None:
        if self.screen.focused is self:
            await act(self, event)
        else:
            event.stop()
            event.prevent_default()
