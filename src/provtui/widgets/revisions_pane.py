"""The revisions of a record, and under them how the chosen one differs from what is now."""

from collections.abc import Awaitable, Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content

from provd.schema.revision import Revision, RevisionPage
from provtui.panels.difference import difference_lines
from provtui.panels.parts import heading
from provtui.widgets.lines import Lines
from provtui.widgets.log_columns import RevisionLine
from provtui.widgets.log_pane import LogPane, ReadPage
from provtui.widgets.log_table import RevisionTable, revision_number
from provtui.widgets.record_table import RecordTable

_NOTHING = "No revision of it is kept."


class RevisionsPane(Vertical):
    """Shows the revisions that ``read`` reads."""

    def __init__(self, read: ReadPage[RevisionLine], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.list = LogPane(RevisionTable(), revision_number, read, nothing=_NOTHING)
        self._cells = 0

    def compose(self) -> ComposeResult:
        """Lay the list out over the difference."""
        yield self.list
        with VerticalScroll(classes="revision--difference", can_focus=False):
            yield Lines(id="revision-text")

    @property
    def chosen(self) -> Revision | None:
        """The revision under the cursor."""
        line = self.list.entry()
        return None if line is None else line.revision

    @property
    def newest(self) -> Revision | None:
        """What the record is now."""
        found = (line.revision for line in self.list.state.entries.values())
        return max(found, key=lambda revision: revision.revision, default=None)

    @property
    def newest_number(self) -> int:
        """The number of the newest revision; 0: none was read."""
        newest = self.newest
        return 0 if newest is None else newest.revision

    def show(self, now: float, cells: int, *, stale: bool) -> None:
        """Repaint what differs, the difference in ``cells`` cells."""
        self._cells = cells
        self.list.flush(now, stale=stale)
        self._compare()

    @on(RecordTable.Highlighted)
    def _compare(self) -> None:
        self.query_one("#revision-text", Lines).show(_difference(self.chosen, self.newest, self._cells))


def revisions_of(read_page: Callable[[str], Awaitable[RevisionPage]]) -> ReadPage[RevisionLine]:
    """Give what reads revisions by ``read_page``, which gives the page that a token asks for."""

    async def read(token: str) -> tuple[list[RevisionLine], str]:
        page = await read_page(token)
        earlier: list[Revision | None] = [*page.result, None][1:]
        lines = [_line(each, before) for each, before in zip(page.result, earlier, strict=True)]
        return lines, page.next_page_token

    return read


def _line(revision: Revision, before: Revision | None) -> RevisionLine:
    if before is None:
        return RevisionLine(revision, ())
    fields = revision.fields.items()
    return RevisionLine(revision, tuple(name for name, value in fields if before.fields.get(name) != value))


def _difference(chosen: Revision | None, newest: Revision | None, cells: int) -> Content:
    if chosen is None or newest is None:
        return Content("")
    if chosen.revision == newest.revision:
        return Content.styled("This is what it is now.", ".ink--faint")
    head = heading(f"From revision {chosen.revision} to now, {newest.revision}")
    changed = difference_lines(chosen.fields, newest.fields, cells)
    return Content("\n").join([head, *(changed or [Content("Nothing differs.")])])
