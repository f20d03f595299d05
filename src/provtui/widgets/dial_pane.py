"""The tab on which a number is typed, to see how it would be dialled through the provider."""

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provtui.form_fields import FormField
from provtui.widgets.form_row import FormRow
from provtui.widgets.lines import Lines

_NUMBER = FormField("destination", "Number", "+15551234567, tel: or sip:")
_CALLER = FormField("caller", "Caller", "the number that calls; may be left empty")


class DialPane(VerticalScroll):
    """Asks for previews of what is typed, and shows them."""

    class Typed(Message):
        """Another number or caller stands there, or the same is to be asked about again."""

    def compose(self) -> ComposeResult:
        """Lay the answer out under the number and the caller."""
        yield FormRow(_NUMBER, "")
        yield FormRow(_CALLER, "")
        yield Lines(id="dial-text")

    @property
    def number(self) -> str:
        """The number that is called, as it was typed."""
        return self._text(_NUMBER)

    @property
    def caller(self) -> str:
        """The number that calls, as it was typed."""
        return self._text(_CALLER)

    @property
    def typing(self) -> bool:
        """Whether the keys go into a field."""
        return isinstance(self.screen.focused, Input)

    def begin(self) -> None:
        """Move the cursor to the number."""
        self.query(FormRow).first().take_focus()

    def show(self, content: Content) -> None:
        """Show what is known of what was typed."""
        self.query_one("#dial-text", Lines).show(content)

    @on(FormRow.Changed)
    @on(Input.Submitted)
    def _typed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Typed())

    def _text(self, field: FormField) -> str:
        return next(row.text.strip() for row in self.query(FormRow) if row.field is field)
