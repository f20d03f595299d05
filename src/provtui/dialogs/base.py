"""What all dialogs have: commands from the registry, as far as the user's role goes, and the inks."""

from typing import ClassVar, Protocol, TypeVar, cast

from textual.screen import ModalScreen

from provtui.commands import BY_ID, Command
from provtui.inks import INKS
from provtui.session import Session
from provtui.widgets.key_bar import KeyBar

Result = TypeVar("Result")


class _HasSession(Protocol):
    session: Session


class Dialog(ModalScreen[Result]):
    """A modal screen whose keys run commands: ``save`` calls ``do_save()``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INKS)

    def action_run(self, command_id: str) -> None:
        """Run a command, or say why not: the user's role may have changed since the dialog was opened."""
        command = BY_ID[command_id]
        refused = self.refused(command)
        if refused is None:
            getattr(self, f"do_{command.id}")()
        else:
            self.tell_refusal(refused)

    def tell_refusal(self, refused: str) -> None:
        """Tell why a command is not run."""
        self.notify(refused, severity="warning", markup=False)

    def refused(self, command: Command) -> str | None:
        """Say why the user may not run ``command``; None when they may."""
        return cast(_HasSession, self.app).session.refused(command)

    def refresh_keys(self) -> None:
        """Dim in the key bar what the user may not do any more."""
        for bar in self.query(KeyBar):
            bar.refresh()
