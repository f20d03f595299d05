"""The dialog that puts several providers into maintenance."""

from collections.abc import Sequence

from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provtui.bulk_calls import BulkCalls
from provtui.dialogs.bulk import BulkDialog
from provtui.dialogs.maintenance import MaintenanceForm
from provtui.figures import counted
from provtui.session import Session


class BulkMaintenance(MaintenanceForm[frozenset[str]]):
    """Asks once for all ``providers``, and gives the ids of those that are in maintenance then.

    What was typed stays until all of them are, or the user backs out.
    """

    def __init__(self, session: Session, calls: BulkCalls, providers: Sequence[Provider]) -> None:
        super().__init__(session, counted(providers, "provider"))
        self._calls = calls
        self._left = list(providers)
        self._begun: frozenset[str] = frozenset()

    def take(self, wanted: MaintenanceRequest) -> None:
        """Ask whether to begin it for those that are not in it yet."""
        self.app.push_screen(BulkDialog(self._calls.maintain(self._left, wanted)), self._acted)

    def do_cancel(self) -> None:
        """Leave the others as they are."""
        self.dismiss(self._begun)

    def _acted(self, begun: frozenset[str] | None) -> None:
        self._begun |= begun or frozenset()
        self._left = [each for each in self._left if each.id not in self._begun]
        if not self._left:
            self.dismiss(self._begun)
            return
        total = len(self._left) + len(self._begun)
        said = f"Not begun for {len(self._left)} of {total}. Your input is kept; ^s asks again."
        self.say(said, ".ink--suspect")
