"""A group of a form's rows that can be closed."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Click

from provtui.form_fields import Section
from provtui.widgets.form_row import FormRow
from provtui.widgets.lines import Lines


class SectionHeading(Lines, can_focus=True):
    """The line that opens and closes its group; a click does so too."""

    ALLOW_SELECT = False

    def on_click(self, event: Click) -> None:
        """Open or close the group."""
        event.stop()
        section = self.parent
        if isinstance(section, FormSection):
            section.toggle()


class FormSection(Vertical):
    """Shows ``rows`` under a heading; closed, it says how many of them are filled in."""

    def __init__(self, section: Section, rows: Sequence[FormRow]) -> None:
        super().__init__()
        self.section = section
        self.rows = rows
        self.is_open = False

    def compose(self) -> ComposeResult:
        """Lay the rows out under the heading."""
        yield SectionHeading(classes="form--section")
        yield from self.rows

    def on_mount(self) -> None:
        """Begin closed."""
        self._show()

    def toggle(self) -> None:
        """Open it and bring it into view, or close it."""
        self.is_open = not self.is_open
        self._show()
        if self.is_open:
            self.call_after_refresh(self.scroll_visible, animate=False)

    def open(self) -> None:
        """Open it."""
        if not self.is_open:
            self.toggle()

    def _show(self) -> None:
        for row in self.rows:
            row.display = self.is_open
        filled = sum(bool(row.text) for row in self.rows)
        said = f"  {filled} of {len(self.rows)} set" if filled else f"  {len(self.rows)} fields, none set"
        glyph = "▾" if self.is_open else "▸"
        heading = Content.assemble((f"{glyph} {self.section.value}", ".ink--title"), (said, ".ink--faint"))
        self.query_one(SectionHeading).show(heading)
