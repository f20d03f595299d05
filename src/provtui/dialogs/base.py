"""What all dialogs have: commands from the registry, and the inks."""

from typing import ClassVar, TypeVar

from textual.screen import ModalScreen

from provtui.commands import BY_ID
from provtui.inks import INKS

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A modal screen whose keys run commands: ``save`` calls ``do_save()``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INKS)

    def action_run(self, command_id: str) -> None:
        """Run a command."""
        getattr(self, f"do_{BY_ID[command_id].id}")()
