"""The secret with which a webhook's messages are signed, shown once."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content

from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class SigningSecret(Dialog[None]):
    """Shows the ``secret`` that was made for the channel ``name``."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.SIGNED)]

    def __init__(self, name: str, secret: str) -> None:
        super().__init__()
        self._name_shown = clean(name)
        self._secret = clean(secret)

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"The secret of {self._name_shown}")
            yield Lines("Its messages are signed with this. Give it to who receives them:")
            yield Lines(Content.styled(self._secret, ".ink--name"), id="signing-secret")
            yield Lines("It is not shown again. A new one: edit the channel, and type one.")
        yield KeyBar(list(commands_at(Place.SIGNED)), self.refused)

    def do_seen(self) -> None:
        """Go back."""
        self.dismiss(None)
