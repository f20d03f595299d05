"""A log: its table, which reads older pages as one scrolls to its end."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from provd.client import ClientError
from provtui import log_state
from provtui.log_state import LogState, Number
from provtui.text import clean
from provtui.widgets.record_table import RecordTable

E = TypeVar("E")
PAGE = 200
"""How many entries are asked for at once."""

ReadPage = Callable[[str], Awaitable[tuple[list[E], str]]]
"""Reads the page that a token asks for, the newest for an empty one; gives its entries and the next token.
Raises ClientError."""


class PageRead(Message):
    """A page of a log, or why it could not be read. ``asked`` tells which asking it answers."""

    def __init__(self, asked: int, page: list[Any], token: str, *, first: bool, error: str = "") -> None:
        super().__init__()
        self.asked = asked
        self.page = page
        self.token = token
        self.first = first
        self.error = error


class LogPane(Vertical, Generic[E]):
    """Shows a log in ``table``. Nothing is read before ``begin``; ``nothing`` is said of an empty one."""

    class Read(Message):
        """A page came, or could not be read."""

    def __init__(
        self,
        table: RecordTable[E],
        number: Number[E],
        read: ReadPage[E],
        *,
        nothing: str,
        id: str | None = None,  # noqa: A002  # Textual's word
    ) -> None:
        super().__init__(id=id)
        self.table = table
        self.state: LogState[E] = LogState()
        self._number = number
        self._read = read
        self._nothing = nothing
        self._stale = False

    def compose(self) -> ComposeResult:
        """Lay the table out."""
        yield self.table

    @property
    def begun(self) -> bool:
        """Whether it was ever read."""
        return self.state.asked > 0

    def begin(self) -> None:
        """Read the newest page, and the older ones anew as they are wanted."""
        self._ask("")

    @property
    def nothing_fits(self) -> str:
        """What is said when the filter leaves nothing."""
        return "Nothing fits the filter. esc clears it."

    def took_first(self, page: list[E], token: str) -> LogState[E]:
        """Give the state after the newest page was read, and ``token`` for the next older one."""
        return log_state.took_first(self.state, page, token, self._number)

    def put(self, entries: Iterable[E]) -> None:
        """Take entries that were just written, or have just changed; the next flush shows them."""
        told, before = list(entries), self.state.entries
        self.state = log_state.put(self.state, told, self._number)
        if self.state.entries is not before:
            self.table.mark(self.state.entries, [str(self._number(entry)) for entry in told])

    @property
    def total(self) -> int:
        """How many entries there are to be listed, whatever the filter."""
        return len(self.state.entries)

    def entry(self) -> E | None:
        """Give the entry under the cursor."""
        chosen = self.table.chosen_id
        return None if chosen is None else self.state.entries.get(chosen)

    def flush(self, now: float, *, stale: bool) -> None:
        """Repaint what differs, and read on where the end is near."""
        self._stale = stale
        self.table.set_stale(stale)
        self.table.set_notice(self._notice())
        self.table.flush(now)
        self._read_on()

    @property
    def said(self) -> str:
        """What is to be said of the reading: that it goes on, why it stopped, or nothing."""
        state = self.state
        if state.error:
            return f"✗ Not read: {clean(state.error)}. r reads it again.".replace("..", ".")
        if state.reading:
            return "Reading…"
        if state.full:
            return f"Only the newest {log_state.MOST_KEPT:,} are here: provctl reads older ones."
        return ""

    @on(RecordTable.Highlighted)
    def _read_on(self) -> None:
        if self.state.more and not self._stale and self.table.near_end:
            self._ask(self.state.token)

    @on(PageRead)
    def _page_read(self, message: PageRead) -> None:
        message.stop()
        if message.asked != self.state.asked:
            return
        before = self.state.entries
        if message.error:
            self.state = log_state.failed(self.state, message.error)
        elif message.first:
            self.state = self.took_first(message.page, message.token)
            self.table.replace(self.state.entries)
        else:
            self.state = log_state.took_older(self.state, message.page, message.token, self._number)
            self.table.mark(self.state.entries, self.state.entries.keys() - before.keys())
        self.post_message(self.Read())

    def _ask(self, token: str) -> None:
        self.state = log_state.begin(self.state)
        self.run_worker(self._read_page(self.state.asked, token), group="log", exclusive=True)

    async def _read_page(self, asked: int, token: str) -> None:
        try:
            page, following = await self._read(token)
        except ClientError as error:
            self.post_message(PageRead(asked, [], "", first=not token, error=str(error)))
        else:
            self.post_message(PageRead(asked, page, following, first=not token))

    def _notice(self) -> str:
        if said := self.said:
            return said
        if not self.state.read:
            return ""
        return self.nothing_fits if self.total else self._nothing
