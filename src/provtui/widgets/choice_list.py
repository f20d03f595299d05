"""A list of a dialog, for when what is typed there is no text."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList

from provtui.commands import BY_ID


class ChoiceList(OptionList):
    """A list whose cursor goes up and down by the keys that do so in the tables."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(BY_ID[f"move:{way}"].keys), f"cursor_{way}", show=False) for way in ("up", "down")
    ]
