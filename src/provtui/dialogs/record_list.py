"""A short list of records, with what there is to tell of the chosen one: rules of alerts, or channels."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from provd.client import ApiError, ClientError
from provtui.commands import BY_ID, Place, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.parts import hung
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.choice_list import ChoiceList
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 6


class Origin(Protocol):
    """A record that may be of the configuration."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def origin(self) -> str:
        """Where it is from."""


E = TypeVar("E", bound=Origin)


class ListRead(Message):
    """The records, or why they could not be read. ``quietly``: what was said before is still to be read."""

    def __init__(self, records: list[Any], error: str = "", *, quietly: bool = False) -> None:
        super().__init__()
        self.records = records
        self.error = error
        self.quietly = quietly


class Told(Message):
    """A call has ended; ``said`` tells how. ``failed``: it did not succeed."""

    def __init__(self, said: str, *, failed: bool = False) -> None:
        super().__init__()
        self.said = said
        self.failed = failed


class RecordList(Dialog[None], Generic[E]):
    """Lists records by name; subclasses say how they are read and drawn, and what can be done to them."""

    AUTO_FOCUS = "OptionList"
    place: Place
    caption: str
    nothing: str

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._records: list[E] = []
        self._busy = False

    @abstractmethod
    async def read(self) -> list[E]:
        """Read them; raises ClientError."""

    @abstractmethod
    def row(self, record: E, cells: int) -> Content:
        """Write one in a line of ``cells`` cells."""

    @abstractmethod
    def facts(self, record: E) -> Sequence[tuple[str, str]]:
        """Tell all of one, as names with what they are; what is empty is left out."""

    @abstractmethod
    def edit(self) -> None:
        """Edit the chosen one, as enter does."""

    def compose(self) -> ComposeResult:
        """Lay the list out over what there is to tell of the chosen one."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = self.caption
            yield ChoiceList(id="list", compact=True)
            with VerticalScroll(can_focus=False):
                yield Lines(id="list-detail")
            yield Lines(id="list-said")
        yield KeyBar(list(commands_at(self.place)), self.refused)

    def on_mount(self) -> None:
        """Read them."""
        self.do_reread()

    def do_reread(self) -> None:
        """Read them again."""
        self.say("Reading…", ".ink--faint")
        self._reread(quietly=False)

    def do_dismiss(self) -> None:
        """Go back."""
        self.dismiss(None)

    @property
    def chosen(self) -> E | None:
        """The one under the cursor."""
        at = self.query_one(OptionList).highlighted
        return None if at is None or at >= len(self._records) else self._records[at]

    def tell_refusal(self, refused: str) -> None:
        """Tell it under the list."""
        self.say(refused, ".ink--suspect")

    def may(self, command_id: str) -> bool:
        """Tell whether the user may do that now; else say why not."""
        refused = self.refused(BY_ID[command_id])
        if refused is not None:
            self.tell_refusal(refused)
        elif self._busy:
            self.say("Something is under way already: wait for its end.", ".ink--suspect")
        return refused is None and not self._busy

    def changeable(self, command_id: str) -> E | None:
        """Give the chosen one if the user may do that to it, and it is not of the configuration."""
        record = self.chosen
        if record is None or not self.may(command_id):
            return None
        if record.origin == "config":
            said = f"{record.name} is of provd's configuration: change it there under [alerts], and reload."
            self.say(said, ".ink--suspect")
            return None
        return record

    def act(self, name: str, doing: str, call: Callable[[], Awaitable[str]]) -> None:
        """Make ``call``, which gives what to tell, while ``doing`` is said; then read all again."""

        async def acting() -> None:
            try:
                self.post_message(Told(await call()))
            except ApiError as error:
                meanwhile = "someone else changed it meanwhile: look again, then repeat it"
                said = meanwhile if error.http_code == 412 else str(error)
                self.post_message(Told(f"{name}: {said}", failed=True))
            except ClientError as error:
                self.post_message(Told(f"{name}: {error}", failed=True))

        self._busy = True
        self.say(doing, ".ink--key")
        self.run_worker(acting(), group="act")

    def done(self, said: str) -> None:
        """Say what was done, and read all again."""
        self.say(f"✓ {said}", ".ink--healthy")
        self._reread(quietly=True)

    def say(self, text: str, ink: str) -> None:
        """Say ``text``, which may have remote text in it."""
        self.query_one("#list-said", Lines).show(Content.styled(clean(text), ink))

    @on(ListRead)
    def _list_read(self, message: ListRead) -> None:
        if message.error:
            self.say(f"✗ Not read: {message.error}. r reads it again.".replace("..", "."), ".ink--unhealthy")
            return
        before = self.chosen
        self._records = message.records
        options = self.query_one(OptionList)
        options.set_options([self.row(each, self._room) for each in self._records])
        names = [each.name for each in self._records]
        if names:
            options.highlighted = names.index(before.name) if before and before.name in names else 0
        if not message.quietly:
            self.say("" if names else self.nothing, ".ink--faint")
        self._show()

    @on(Told)
    def _told(self, message: Told) -> None:
        self._busy = False
        if message.failed:
            self.say(f"✗ {message.said}", ".ink--unhealthy")
            self._reread(quietly=True)
        else:
            self.done(message.said)

    @on(OptionList.OptionHighlighted)
    def _show(self) -> None:
        chosen = self.chosen
        lines = [
            line
            for name, value in ([] if chosen is None else self.facts(chosen))
            if value
            for line in hung((f"{name:<11}", ".ink--faint"), value, self._room)
        ]
        self.query_one("#list-detail", Lines).show(Content("\n").join(lines))

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.edit()

    @property
    def _room(self) -> int:
        return min(76, self.app.size.width) - _MARGIN

    def _reread(self, *, quietly: bool) -> None:
        self.run_worker(self._read(quietly=quietly), group="list", exclusive=True)

    async def _read(self, *, quietly: bool) -> None:
        try:
            self.post_message(ListRead(await self.read(), quietly=quietly))
        except ClientError as error:
            self.post_message(ListRead([], str(error)))
