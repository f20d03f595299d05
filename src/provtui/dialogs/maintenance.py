"""The dialogs that begin a provider's maintenance and end it."""

from abc import abstractmethod
from typing import ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key, Paste
from textual.message import Message
from textual.widgets import Input, OptionList

from provd.client import ClientError, DaemonUnavailable
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provtui import verdict
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog, Result
from provtui.form_fields import FormField
from provtui.session import Session
from provtui.text import clean, sentence
from provtui.until import end_of, presets
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_UNTIL = FormField("until", "Until, UTC", "no end; or 2026-12-01 06:00, 06:00, 90m, 4h, 2d")
_REASON = FormField("reason", "Reason", "what is being done, and who knows of it")


class Begun(Message):
    """The daemon took it."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider


class Refused(Message):
    """The daemon did not take it, or could not be reached."""

    def __init__(self, error: ClientError) -> None:
        super().__init__()
        self.error = error


class MaintenanceForm(Dialog[Result | None]):
    """Asks until when ``whose`` maintenance is to last, and why, and tells ``take``.

    What is typed while the cursor is among the lengths goes into the reason. The result is None when the user
    backed out.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.MAINTENANCE)]
    AUTO_FOCUS = "OptionList"

    def __init__(self, session: Session, whose: str) -> None:
        super().__init__()
        self.session = session
        self._whose = whose
        self._presets = presets(session.clock())

    @abstractmethod
    def take(self, wanted: MaintenanceRequest) -> None:
        """Take what the user wants."""

    def compose(self) -> ComposeResult:
        """Lay out what it does, the usual lengths, the end and the reason."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"Maintenance of {clean(self._whose)}")
            yield Lines(
                "It is checked all the same, but until the end it is no problem and sorts after the others.",
                classes="help--group",
            )
            yield OptionList(*(words for words, _ in self._presets), id="lengths", compact=True)
            yield FormRow(_UNTIL, self._presets[0][1])
            yield FormRow(_REASON, "")
            yield Lines(id="maintenance-said")
        yield KeyBar(list(commands_at(Place.MAINTENANCE)), self.refused)

    def do_begin(self) -> None:
        """Go on with it, if the end can be understood."""
        until, reason = self._row(_UNTIL), self._row(_REASON)
        try:
            end = end_of(until.text, self.session.clock())
        except ValueError as error:
            until.show_problem(str(error))
            until.take_focus()
            return
        try:
            wanted = MaintenanceRequest(until=end, reason=reason.text.strip())
        except ValidationError as error:
            reason.show_problem(error.errors()[0]["msg"].removeprefix("Value error, "))
            reason.take_focus()
            return
        self.take(wanted)

    def do_cancel(self) -> None:
        """Leave it."""
        self.dismiss(None)

    def on_key(self, event: Key) -> None:
        """Take what is typed among the lengths into the reason."""
        if event.is_printable and event.character and isinstance(self.focused, OptionList):
            event.stop()
            self._add_to_reason(event.character)

    def on_paste(self, event: Paste) -> None:
        """Take what is pasted there likewise, as far as a field takes it: the first line."""
        if event.text and isinstance(self.focused, OptionList):
            self._add_to_reason(event.text.splitlines()[0])

    @on(OptionList.OptionHighlighted)
    def _length_chosen(self, message: OptionList.OptionHighlighted) -> None:
        self._row(_UNTIL).set_text(self._presets[message.option_index][1])

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("begin")

    @on(FormRow.Changed)
    def _typed(self, message: FormRow.Changed) -> None:
        message.row.show_problem(None)

    def _add_to_reason(self, text: str) -> None:
        reason = self.query_one(f"#{_REASON.widget_id}", Input)
        self.set_focus(reason)

        def add() -> None:
            reason.cursor_position = len(reason.value)
            reason.insert_text_at_cursor(text)

        reason.call_later(add)  # once the cursor has come there, which selects what stands there

    def _row(self, field: FormField) -> FormRow:
        return next(row for row in self.query(FormRow) if row.field is field)

    def say(self, text: str, ink: str) -> None:
        """Say ``text`` under the fields."""
        self.query_one("#maintenance-said", Lines).show(Content.styled(text, ink))


class MaintenanceDialog(MaintenanceForm[Provider]):
    """Puts ``provider`` into maintenance; gives it as the daemon answered it, None when the user backed out.

    What was typed stays until the daemon took it.
    """

    def __init__(self, session: Session, provider: Provider) -> None:
        super().__init__(session, provider.name)
        self._provider = provider
        self._sending = False

    def take(self, wanted: MaintenanceRequest) -> None:
        """Ask the daemon for it."""
        if not self._sending:
            self._sending = True
            self.say("Asking provd…", ".ink--faint")
            self.run_worker(self._begin(wanted), group="begin")

    @on(Begun)
    def _begun(self, message: Begun) -> None:
        self.dismiss(message.provider)

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        self._sending = False
        error = clean(str(message.error))
        if isinstance(message.error, DaemonUnavailable):
            said = f"Not begun, and your input is kept: ↵ tries again. {sentence(error)}"
        else:
            said = f"Not begun: {error}"
        self.say(f"{said.removesuffix('.')}.", ".ink--unhealthy")

    async def _begin(self, wanted: MaintenanceRequest) -> None:
        try:
            taken = await self.session.client.set_maintenance(self._provider.id, wanted)
        except ClientError as error:
            self.post_message(Refused(error))
        else:
            self.post_message(Begun(taken))


class LiftDialog(Dialog[bool]):
    """Asks whether the maintenance of ``provider`` is to end at ``now``: True, or False to leave it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.LIFT)]

    def __init__(self, provider: Provider, now: float) -> None:
        super().__init__()
        self._provider = provider
        self._now = now

    def compose(self) -> ComposeResult:
        """Lay out what is in force, and what ending it means."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "End maintenance"
            yield Lines(
                Content("\n").join(
                    [
                        Content.styled(clean(self._provider.name), ".ink--name"),
                        verdict.maintenance_remark(self._provider, self._now),
                        Content("\nEnd it now? It counts as a problem again if it is one."),
                    ]
                )
            )
        yield KeyBar(list(commands_at(Place.LIFT)), self.refused)

    def do_lift(self) -> None:
        """Give True."""
        self.dismiss(True)

    def do_decline(self) -> None:
        """Give False."""
        self.dismiss(False)
