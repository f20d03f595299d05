"""One line of a form: the label, what is typed, and under it what is wrong with that."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Select, TextArea

from provtui.form_fields import NO, YES, FormField, Kind
from provtui.text import clean
from provtui.widgets.lines import Lines
from provtui.widgets.toggle import Toggle


class FormRow(Vertical):
    """A row for ``field``, with ``text`` in it to begin with."""

    class Changed(Message):
        """Something was typed or chosen in ``row``."""

        def __init__(self, row: "FormRow") -> None:
            super().__init__()
            self.row = row

    def __init__(self, field: FormField, text: str) -> None:
        super().__init__()
        self.field = field
        self._text = text
        self._control = self._make(text)

    def compose(self) -> ComposeResult:
        """Lay the row out."""
        with Horizontal(classes="form--line"):
            mark = (" *", ".ink--key") if self.field.required else ""
            yield Lines(Content.assemble(self.field.label, mark), classes="form--label")
            yield self._control
        yield Lines(classes="form--problem")

    @property
    def text(self) -> str:
        """What stands there."""
        control = self._control
        if isinstance(control, Toggle):
            return YES if control.value else NO
        if isinstance(control, Select):
            return str(control.value)
        return control.text if isinstance(control, TextArea) else control.value

    def set_text(self, text: str) -> None:
        """Put ``text`` there; nothing is said to be wrong with it yet."""
        control = self._control
        self._text = text
        if isinstance(control, TextArea):
            control.load_text(text)
        elif isinstance(control, Toggle):
            control.value = text == YES
        else:
            control.value = text
        self.show_problem(None)

    def show_problem(self, said: str | None) -> None:
        """Show what is wrong, or that nothing is."""
        problem = self.query_one(".form--problem", Lines)
        problem.display = said is not None
        problem.show(Content.styled(f"✗ {clean(said or '')}", ".ink--unhealthy"))
        self._control.set_class(said is not None, "-invalid")

    def take_focus(self) -> None:
        """Move the cursor here."""
        self._control.focus()

    def _make(self, text: str) -> Input | TextArea | Select[str] | Toggle:
        field = self.field
        match field.kind:
            case Kind.CHOICE:
                options = [(choice or field.unset, choice) for choice in field.choices]
                return Select(options, value=text, allow_blank=False, compact=True, id=field.widget_id)
            case Kind.SWITCH:
                return Toggle(text == YES, id=field.widget_id)
            case Kind.LINES:
                area = TextArea(text, compact=True, tab_behavior="focus", id=field.widget_id)
                area.placeholder = field.hint
                return area
            case Kind.TEXT:
                known = SuggestFromList(field.suggest, case_sensitive=False) if field.suggest else None
                return Input(text, placeholder=field.hint, suggester=known, compact=True, id=field.widget_id)
            case Kind.MASKED:
                return Input(text, placeholder=field.hint, password=True, compact=True, id=field.widget_id)

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(Select.Changed)
    @on(Toggle.Changed)
    def _control_changed(self, event: Message) -> None:
        event.stop()
        if self.text != self._text:
            self._text = self.text
            self.post_message(self.Changed(self))
