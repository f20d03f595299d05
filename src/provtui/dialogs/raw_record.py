"""A record as JSON, all that can be written of it, to be edited and replaced as a whole."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from provd.client import ApiError, ClientError
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.dialogs.record_form import R
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class Read(Message):
    """The record as it is now; ``error`` says why it could not be read."""

    def __init__(self, record: Any, error: str = "") -> None:
        super().__init__()
        self.record = record
        self.error = error


class Replaced(Message):
    """The record was replaced; ``error`` says why not."""

    def __init__(self, record: Any, error: str = "") -> None:
        super().__init__()
        self.record = record
        self.error = error


class RawRecord(Dialog[R | None], Generic[R]):
    """Edits the record called ``name`` as JSON; gives it as it is then, None when the user backed out.

    What was typed stays until it is saved or given up.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.RAW)]
    AUTO_FOCUS = "TextArea"

    def __init__(self, session: Session, record_id: str, name: str) -> None:
        super().__init__()
        self.session = session
        self.record_id = record_id
        self._name_shown = clean(name)
        self._base: R | None = None
        self._loaded = ""
        self._saving = False
        self._asked_to_leave = False

    @abstractmethod
    async def read(self) -> R:
        """Read the record; raises ClientError."""

    @abstractmethod
    def fields(self, record: R) -> Mapping[str, Any]:
        """Give what can be written of it."""

    @abstractmethod
    async def replace(self, fields: Mapping[str, Any], revision: int) -> R:
        """Replace the record, if it is still at ``revision``; raises ClientError and ValidationError."""

    def compose(self) -> ComposeResult:
        """Lay out the text, and what is said of it."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"{self._name_shown} as JSON")
            yield TextArea(id="raw", compact=True)
            yield Lines(id="raw-said")
        yield KeyBar(list(commands_at(Place.RAW)), self.refused)

    def on_mount(self) -> None:
        """Read it."""
        self._say("Reading…", ".ink--faint")
        self.run_worker(self._read(), group="raw")

    def do_save(self) -> None:
        """Replace the record, if the text is JSON and something is new."""
        if self._base is None or self._saving:
            return
        try:
            fields = json.loads(self._text)
        except json.JSONDecodeError as error:
            self._say(f"✗ Line {error.lineno}, column {error.colno}: {error.msg}", ".ink--unhealthy")
            return
        if not isinstance(fields, dict):
            self._say("✗ It must be one object, in braces", ".ink--unhealthy")
        elif self._text == self._loaded:
            self.dismiss(None)
        else:
            self._saving = True
            self._say("Saving…", ".ink--key")
            self.run_worker(self._replace(fields, self._base.revision), group="raw")

    def do_cancel(self) -> None:
        """Leave; with changes, only when asked twice."""
        if self._text != self._loaded and not self._asked_to_leave:
            self._asked_to_leave = True
            self._say("Not saved yet. esc again drops your changes, ^s saves them.", ".ink--suspect")
        else:
            self.dismiss(None)

    @on(Read)
    def _was_read(self, message: Read) -> None:
        if message.error:
            self._say(f"✗ Not read: {clean(message.error)}", ".ink--unhealthy")
            return
        self._base = message.record
        self._loaded = _printable(json.dumps(self.fields(message.record), indent=2, ensure_ascii=False))
        self.query_one(TextArea).load_text(self._loaded)
        self._say("", "")

    @on(Replaced)
    def _was_replaced(self, message: Replaced) -> None:
        self._saving = False
        if message.error:
            self._say(f"✗ Not saved: {clean(message.error)}", ".ink--unhealthy")
        else:
            self.dismiss(message.record)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        self._asked_to_leave = False

    @property
    def _text(self) -> str:
        return self.query_one(TextArea).text

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#raw-said", Lines).show(Content.styled(text, ink))

    async def _read(self) -> None:
        try:
            self.post_message(Read(await self.read()))
        except ClientError as error:
            self.post_message(Read(None, str(error)))

    async def _replace(self, fields: Mapping[str, Any], revision: int) -> None:
        try:
            self.post_message(Replaced(await self.replace(fields, revision)))
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            self.post_message(Replaced(None, "; ".join(wrong)))
        except ApiError as error:
            meanwhile = "someone else changed it meanwhile: copy your text, leave, and open it again"
            self.post_message(Replaced(None, meanwhile if error.http_code == 412 else str(error)))
        except ClientError as error:
            self.post_message(Replaced(None, f"{error}. Your text is kept; ^s tries again."))


def _printable(text: str) -> str:
    """Write in JSON ``text`` as ``\\u...`` what a terminal would take for more than a character."""
    return "".join(c if c == "\n" or clean(c) == c else json.dumps(c)[1:-1] for c in text)
