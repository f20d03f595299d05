"""Acknowledging alerts: one, or many at once."""

from collections.abc import Callable, Sequence

from textual.message import Message

from provd.client import ClientError
from provd.schema.alerts import Alert
from provtui.alert_words import NamedAlert
from provtui.bulk import Bulk
from provtui.outcomes import Failed
from provtui.session import Session


class Acknowledged(Message):
    """An alert is taken care of; ``quietly``: the user is told in another way."""

    def __init__(self, alert: Alert, *, quietly: bool = False) -> None:
        super().__init__()
        self.alert = alert
        self.quietly = quietly


class AlertCalls:
    """``post`` takes what became of each alert."""

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post

    async def acknowledge(self, alert: Alert, note: str) -> None:
        """Acknowledge one."""
        try:
            self._post(Acknowledged(await self._session.client.alerts.acknowledge(alert.id, note)))
        except ClientError as error:
            self._post(Failed(f"{alert.title}: {error}"))

    def acknowledge_all(self, alerts: Sequence[Alert], note: str) -> Bulk[NamedAlert]:
        """Acknowledge several."""

        async def act(record: NamedAlert) -> str:
            taken = await self._session.client.alerts.acknowledge(record.id, note)
            self._post(Acknowledged(taken, quietly=True))
            return ""

        title = f"Acknowledge {len(alerts)} alert{'' if len(alerts) == 1 else 's'}"
        warning = "Nobody is reminded of them any more, and they do not escalate."
        return Bulk(title, "Acknowledging", "acknowledged", [NamedAlert(a) for a in alerts], act, warning)
