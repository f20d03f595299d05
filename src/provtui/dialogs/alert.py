"""One alert: its providers with why and what to do, what happened to it, and the messages about it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from provd.client import ClientError
from provd.schema.alerts import Alert, AlertedProvider, Delivery
from provtui.alert_calls import Acknowledged, AlertCalls
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.acknowledge import AcknowledgeDialog
from provtui.dialogs.base import Dialog
from provtui.outcomes import Failed
from provtui.panels.alert import alert_detail, alert_head, alert_times, provider_rows
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.choice_list import ChoiceList
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5
_MESSAGES = 100


class AlertRead(Message):
    """The alert as it is now and the messages about it, or why they could not be read."""

    def __init__(self, alert: Alert | None, deliveries: Sequence[Delivery] = (), error: str = "") -> None:
        super().__init__()
        self.alert = alert
        self.deliveries = deliveries
        self.error = error


class AlertDialog(Dialog[str | None]):
    """Shows ``alert``; gives the id of the provider that is to be opened, None to go back."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.ALERT)]
    AUTO_FOCUS = "OptionList"

    def __init__(self, session: Session, alert: Alert) -> None:
        super().__init__()
        self.session = session
        self.alert = alert
        self._deliveries: Sequence[Delivery] | None = None

    def compose(self) -> ComposeResult:
        """Lay the head over the providers, and those over what there is to tell."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Alert"
            yield Lines(id="alert-head")
            yield ChoiceList(id="alert-providers", compact=True)
            with VerticalScroll(id="alert-detail"):
                yield Lines(id="alert-text")
            yield Lines(id="alert-said")
        yield KeyBar(list(commands_at(Place.ALERT)), self.refused)

    def on_mount(self) -> None:
        """Show what is known, and read the rest."""
        self._show()
        self.do_reread()

    def do_reread(self) -> None:
        """Read it as it is now."""
        self._say("Reading…", ".ink--faint")
        self.run_worker(self._read(), group="alert", exclusive=True)

    def do_open_alerted(self) -> None:
        """Give the provider under the cursor."""
        chosen = self._chosen
        if chosen is None:
            return
        if self.session.provider(chosen.provider_id) is None:
            name = clean(chosen.name)
            said = f"{name} is no longer there: it was deleted." if name else "This is about no provider."
            self._say(said, ".ink--suspect")
        else:
            self.dismiss(chosen.provider_id)

    def tell_refusal(self, refused: str) -> None:
        """Tell it under the alert."""
        self._say(refused, ".ink--suspect")

    def do_acknowledge(self) -> None:
        """Acknowledge it, after a note."""

        def answered(note: str | None) -> None:
            if note is not None:
                calls = AlertCalls(self.session, self.post_message)
                self.run_worker(calls.acknowledge(self.alert, note), group="acknowledge")

        self.app.push_screen(AcknowledgeDialog([self.alert.title]), answered)

    def do_dismiss(self) -> None:
        """Go back."""
        self.dismiss(None)

    @on(Acknowledged)
    def _acknowledged(self, message: Acknowledged) -> None:
        self.alert = message.alert
        self._show()
        self.do_reread()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        message.stop()
        self._say(f"✗ {message.said}", ".ink--unhealthy")

    @on(AlertRead)
    def _alert_read(self, message: AlertRead) -> None:
        if message.alert is None:
            self._say(f"✗ Not read: {message.error}. r reads it again.".replace("..", "."), ".ink--unhealthy")
            return
        self.alert, self._deliveries = message.alert, message.deliveries
        self._say("", "")
        self._show()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._show_detail()

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.do_open_alerted()

    @property
    def _chosen(self) -> AlertedProvider | None:
        at = self.query_one(OptionList).highlighted
        return None if at is None or at >= len(self.alert.providers) else self.alert.providers[at]

    @property
    def _room(self) -> int:
        return min(76, self.app.size.width) - _MARGIN

    def _show(self) -> None:
        now, options = self.session.clock(), self.query_one(OptionList)
        self.query_one("#alert-head", Lines).show(
            Content("\n").join([alert_head(self.alert), alert_times(self.alert, now)])
        )
        at = options.highlighted or 0
        options.set_options(provider_rows(self.alert.providers, now, self._room))
        if self.alert.providers:
            options.highlighted = min(at, len(self.alert.providers) - 1)
        self._show_detail()

    def _show_detail(self) -> None:
        detail = alert_detail(
            self.alert, self._chosen, self._deliveries, self.session.clock(), self._room - 1
        )
        self.query_one("#alert-text", Lines).show(detail)

    def _say(self, text: str, ink: str) -> None:
        said = self.query_one("#alert-said", Lines)
        said.display = bool(text)
        said.show(Content.styled(clean(text), ink))

    async def _read(self) -> None:
        calls = self.session.client.alerts
        try:
            alert = await calls.get(self.alert.id)
            page = await calls.deliveries(page_size=_MESSAGES, filters={"alert_id": alert.id})
        except ClientError as error:
            self.post_message(AlertRead(None, error=str(error)))
        else:
            self.post_message(AlertRead(alert, page.result))
