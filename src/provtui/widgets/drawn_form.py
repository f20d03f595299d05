"""A form whose fields are known only when it is drawn."""

from collections.abc import Mapping, Sequence

from textual.containers import VerticalScroll

from provtui.form_fields import FormField, Kind, Texts
from provtui.widgets.form_row import FormRow


class DrawnForm(VerticalScroll, can_focus=False):
    """Shows rows for the fields that it was drawn with last."""

    async def draw(self, fields: Sequence[FormField], texts: Mapping[str, str]) -> None:
        """Show ``fields`` with ``texts`` in them, by path; what was typed before is gone."""
        self.forget()
        await self.remove_children()
        await self.mount_all(FormRow(field, texts[field.path]) for field in fields)

    @property
    def rows(self) -> list[FormRow]:
        """The rows, from top to bottom."""
        return list(self.query(FormRow))

    @property
    def texts(self) -> Texts:
        """What stands in the fields, by path."""
        return {row.field.path: row.text for row in self.rows}

    def show_problems(self, wrong: Mapping[str, str]) -> None:
        """Show at each field what is wrong with it, and move the cursor to the first that is."""
        for row in self.rows:
            row.show_problem(wrong.get(row.field.path))
        first = next((row for row in self.rows if row.field.path in wrong), None)
        if first is not None:
            first.take_focus()

    def begin(self) -> None:
        """Move the cursor to the first field."""
        if self.rows:
            self.rows[0].take_focus()

    def label(self, path: str) -> str:
        """Give the label of the field at ``path``."""
        return next((row.field.label for row in self.rows if row.field.path == path), path)

    def forget(self) -> None:
        """Empty the masked fields."""
        for row in self.rows:
            if row.field.kind is Kind.MASKED:
                row.set_text("")
