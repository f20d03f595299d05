"""Keys act one after the other, however they come: a slow line brings many in one piece.

Textual has the app run what a key is bound to, when the key has bubbled up to it. By then those behind it are
with whatever had the cursor before: what is typed after the key that opens a dialog is lost, or is taken for
commands. So the screens here run it themselves, before they look at the next key; and a key that was on its
way to what had the cursor before goes on to what has it now.
"""

from typing import Any
from weakref import WeakSet

from textual.events import Key
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget


class Keyed:
    """A mark of fields that do with a key, as soon as it comes to them, what they bind it to."""


class KeysInOrder(Screen[ScreenResultType]):
    """A screen whose keys act in their order; ``seen`` are those that its fields have let through."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen: WeakSet[Key] = WeakSet()

    async def on_key(self, event: Key) -> None:
        """Run what the key is bound to, or pass it on to who has the cursor now."""
        event.stop()
        top: Any = self.app.screen
        focused: object = self.focused
        if top is not self or (isinstance(focused, Keyed) and event not in self.seen):
            await top._mounted_event.wait()  # so that the cursor is where it begins
            self.app.post_message(Key(event.key, event.character))
        else:
            await self.app._check_bindings(event.key)


async def act(field: Widget, event: Key) -> None:
    """Do what ``field`` binds the key to, and let no one else have it; without that, others may."""
    for binding in field._bindings.key_to_bindings.get(event.key, ()):
        if await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return
    if isinstance(field.screen, KeysInOrder):
        field.screen.seen.add(event)
