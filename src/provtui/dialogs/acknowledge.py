"""The question before alerts are acknowledged: a note, if one is wanted."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from provd.schema.alerts import AckRequest
from provtui.bulk import first_names
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.form_fields import FormField, sentence_of
from provtui.panels.parts import hung
from provtui.text import clean
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_NOTE = FormField("note", "Note", "optional: who does what about it")
_MARGIN = 6


class AcknowledgeDialog(Dialog[str | None]):
    """Asks for a note on the alerts with these ``titles``; gives it, maybe empty, or None to leave them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.ACKNOWLEDGE)]
    AUTO_FOCUS = "Input"

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = titles

    def compose(self) -> ComposeResult:
        """Lay out which they are, what it means, and the note."""
        several = len(self._titles) > 1
        cells = min(76, self.app.size.width) - _MARGIN
        with Vertical(classes="dialog--box") as box:
            box.border_title = (
                f"Acknowledge {len(self._titles)} alerts" if several else "Acknowledge an alert"
            )
            names = first_names([clean(each) for each in self._titles])
            means = f"Nobody is reminded of {'them' if several else 'it'} any more, and nothing escalates."
            yield Lines(
                Content("\n").join([*hung(("", ""), names, cells, ".ink--name"), Content(means)]),
                classes="help--group",
            )
            yield FormRow(_NOTE, "")
        yield KeyBar(list(commands_at(Place.ACKNOWLEDGE)), self.refused)

    def do_take_on(self) -> None:
        """Give the note, if it can be one."""
        row = self.query_one(FormRow)
        note = row.text.strip()
        try:
            AckRequest(note=note)
        except ValidationError as error:
            row.show_problem(sentence_of(_NOTE.label, error))
        else:
            self.dismiss(note)

    def do_cancel(self) -> None:
        """Give None."""
        self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("take_on")
