"""The dialog that replaces a trunk's key at its carrier."""

from typing import ClassVar

from pydantic import JsonValue
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widgets import Input

from provd.client import ApiError, ClientError
from provd.schema.carriers import CarrierInfo
from provd.schema.setup import Setup
from provtui import schema_form
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.schema_form import SchemaField
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.drawn_form import DrawnForm
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class CarrierRead(Message):
    """What the carrier wants to know; None when the daemon does not know it any more."""

    def __init__(self, carrier: CarrierInfo | None) -> None:
        super().__init__()
        self.carrier = carrier


class Replaced(Message):
    """The daemon has the new key."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.setup = setup


class Refused(Message):
    """The key was not replaced, or the daemon could not be reached."""

    def __init__(self, error: ClientError) -> None:
        super().__init__()
        self.error = error


class ReplaceKey(Dialog[Setup | None]):
    """Replaces the key with which ``setup`` was made; gives the journal afterwards, None when the user backed
    out. The new key is in the fields alone, which are emptied when the dialog closes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.NEW_KEY)]
    AUTO_FOCUS = ""

    def __init__(self, session: Session, provider_id: str, setup: Setup) -> None:
        super().__init__()
        self.session = session
        self._provider_id = provider_id
        self._setup = setup
        self._fields: list[SchemaField] = []
        self._asking = False

    def compose(self) -> ComposeResult:
        """Lay out what it does, the fields, and what is said."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"Replace the key of {clean(self._setup.name)}")
            ends = f" (…{clean(self._setup.key_ends)})" if self._setup.key_ends else ""
            yield Lines(
                f"The new key is proved at {clean(self._setup.carrier)} first: it must be of the account "
                f"that has the trunk. Then provd forgets the old one{ends}; the trunk stays as it is.",
                classes="help--group",
            )
            yield DrawnForm(id="new-key")
            yield Lines(id="key-about")
            yield Lines(id="key-said")
        yield KeyBar(list(commands_at(Place.NEW_KEY)), self.refused)

    def on_mount(self) -> None:
        """Ask what the carrier wants to know."""
        self._say("Asking provd what the key consists of…", ".ink--key")
        self.run_worker(self._read(), group="carrier")

    def do_replace(self) -> None:
        """Have the key replaced, if it is whole."""
        form = self.query_one(DrawnForm)
        if self._asking or not self._fields:
            return
        wrong = schema_form.problems(self._fields, form.texts)
        form.show_problems(wrong)
        if not wrong:
            self._asking = True
            self._say(f"Asking {clean(self._setup.carrier)} whose key it is…", ".ink--key")
            self.run_worker(self._replace(schema_form.values(self._fields, form.texts)), group="replace")

    def do_cancel(self) -> None:
        """Keep the old key."""
        self._close(None)

    @on(CarrierRead)
    async def _carrier_read(self, message: CarrierRead) -> None:
        if message.carrier is None:
            self._say(f"✗ provd does not know {clean(self._setup.carrier)} any more", ".ink--unhealthy")
            return
        self._fields = schema_form.fields_of(message.carrier.credentials, "credentials")
        form = self.query_one(DrawnForm)
        await form.draw([each.drawn for each in self._fields], schema_form.first_texts(self._fields))
        form.begin()
        self._say("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("replace")

    @on(FormRow.Changed)
    def _typed(self, message: FormRow.Changed) -> None:
        message.row.show_problem(None)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Tell about the field that the cursor is in."""
        rows = [each for each in event.widget.ancestors if isinstance(each, FormRow)]
        about = rows[0].field.about if rows else ""
        self.query_one("#key-about", Lines).show(Content.styled(about, ".ink--step"))

    @on(Replaced)
    def _replaced(self, message: Replaced) -> None:
        self._close(message.setup)

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        self._asking = False
        form, error = self.query_one(DrawnForm), message.error
        said = {
            path: detail.message
            for detail in (error.details if isinstance(error, ApiError) else [])
            if (path := schema_form.path_at(form.texts, detail.field)) is not None
        }
        form.show_problems(said)
        kept = " The old key stays." if "old key stays" not in str(error) else ""
        self._say(f"✗ Not replaced: {clean(str(error))}.{kept}".replace("..", "."), ".ink--unhealthy")

    def _say(self, text: str, ink: str = ".ink--faint") -> None:
        self.query_one("#key-said", Lines).show(Content.styled(text, ink))

    def _close(self, setup: Setup | None) -> None:
        self.query_one(DrawnForm).forget()
        self.dismiss(setup)

    async def _read(self) -> None:
        try:
            carriers = await self.session.client.carriers()
        except ClientError as error:
            self.post_message(Refused(error))
        else:
            self.post_message(CarrierRead(next((c for c in carriers if c.name == self._setup.carrier), None)))

    async def _replace(self, credentials: dict[str, JsonValue]) -> None:
        try:
            after = await self.session.client.replace_credentials(self._provider_id, credentials)
        except ClientError as error:
            self.post_message(Refused(error))
        else:
            self.post_message(Replaced(after))
