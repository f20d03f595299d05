"""The dialog that asks until when the maintenance of several providers is to last."""

from provd.schema.maintenance import MaintenanceRequest
from provtui.dialogs.maintenance import MaintenanceForm
from provtui.session import Session


class BulkMaintenance(MaintenanceForm[MaintenanceRequest]):
    """Gives what the user wants for ``count`` providers."""

    def __init__(self, session: Session, count: int) -> None:
        super().__init__(session, f"{count} providers")

    def take(self, wanted: MaintenanceRequest) -> None:
        """Give it."""
        self.dismiss(wanted)
