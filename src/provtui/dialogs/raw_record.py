"""A record as JSON, all that can be written of it, to be edited and replaced as a whole."""

import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from provd.client import ApiError, ClientError
from provd.schema.events import LoggedEvent
from provtui.change_words import Edited, change_words
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.dialogs.conflict import ConflictDialog, Resolution
from provtui.dialogs.record_form import Outdated, R
from provtui.last_saved import saved_by
from provtui.session import Session
from provtui.text import clean, printable
from provtui.three_way import differences, yours_over
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

U = TypeVar("U", bound=BaseModel)


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


class RawRecord(Dialog[R | None], Generic[R, U]):
    """Edits the record called ``name`` as JSON; gives it as it is then, None when the user backed out.

    ``what`` is the word for such a record, ``shape`` what can be written of it. What was typed stays until
    it is saved or given up.
    """

    what: str
    shape: type[U]

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
        self._said_of = ""

    @abstractmethod
    async def read(self) -> R:
        """Read the record; raises ClientError."""

    @abstractmethod
    def fields(self, record: R) -> dict[str, Any]:
        """Give what can be written of it."""

    @abstractmethod
    async def updates(self, record: R) -> Iterable[LoggedEvent]:
        """Read the latest events that tell of its changes, newest first; raises ClientError."""

    @abstractmethod
    async def replace(self, new: U, revision: int) -> R:
        """Replace the record, if it is still at ``revision``; raises ClientError."""

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
        """Replace the record, if the text can be one and something is new."""
        if self._base is None or self._saving:
            return
        try:
            new = self._written()
        except ValueError as error:
            self._say(f"✗ {error}", ".ink--unhealthy")
            return
        if self._text == self._loaded:
            self.dismiss(None)
        else:
            self._saving = True
            self._say("Saving…", ".ink--key")
            self.run_worker(self._replace(new, self._base), group="raw")

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
        self._rebase(message.record, self.fields(message.record))
        self._say("", "")

    @on(Replaced)
    def _was_replaced(self, message: Replaced) -> None:
        self._saving = False
        if message.error:
            self._say(f"✗ Not saved: {clean(message.error)}", ".ink--unhealthy")
        else:
            self.dismiss(message.record)

    @on(Outdated)
    def _outdated(self, message: Outdated) -> None:
        self._saving = False
        self._say("✗ Not saved: someone else saved it meanwhile.", ".ink--unhealthy")
        if self._base is None:
            return
        try:
            yours = self._written().model_dump(mode="json", exclude_unset=True)
        except ValueError as error:  # typed since it was sent
            self._say(f"✗ Someone else saved it meanwhile. {error}", ".ink--unhealthy")
            return
        base, theirs = self.fields(self._base), self.fields(message.theirs)

        def answered(resolution: Resolution | None) -> None:
            if resolution is Resolution.THEIRS:
                self._rebase(message.theirs, theirs)
                self._say(f"This is theirs, revision {message.theirs.revision}.", ".ink--faint")
            elif resolution is Resolution.OURS:
                self._rebase(message.theirs, yours_over(base, theirs, yours))
                self.do_save()

        found = list(differences(base, theirs, yours))
        self.app.push_screen(ConflictDialog(self.what, found, message.by), answered)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._text == self._said_of:
            return  # what was said came after it
        self._asked_to_leave = False
        if not self._saving:
            self._say(self._changed(), ".ink--faint")

    @property
    def _text(self) -> str:
        return self.query_one(TextArea).text

    def _changed(self) -> str:
        """Tell what saving would change, or where the text is not JSON."""
        if self._base is None or self._text == self._loaded:
            return ""
        try:
            yours = self._object()
        except ValueError as error:
            return str(error)
        base = self.fields(self._base)
        return change_words(
            [Edited(each.label, each.base, each.yours) for each in differences(base, base, yours)]
        )

    def _object(self) -> dict[str, Any]:
        """Give the JSON of the text; ValueError, with what to tell, when it is none."""
        try:
            fields = json.loads(self._text)
        except json.JSONDecodeError as error:
            raise ValueError(f"Line {error.lineno}, column {error.colno}: {error.msg}") from None
        if not isinstance(fields, dict):
            raise ValueError("It must be one object, in braces")
        return fields

    def _written(self) -> U:
        """Give what the text says; ValueError, with what to tell, when it can't be such a record."""
        fields = self._object()
        try:
            return self.shape.model_validate(fields)
        except ValidationError as error:
            wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise ValueError("; ".join(map(clean, wrong))) from None

    def _rebase(self, base: R, fields: Mapping[str, Any]) -> None:
        """Go on from ``base``, with ``fields`` in the text."""
        self._base = base
        self._loaded = _text_of(self.fields(base))
        self.query_one(TextArea).load_text(_text_of(fields))

    def _say(self, text: str, ink: str) -> None:
        self._said_of = self._text
        self.query_one("#raw-said", Lines).show(Content.styled(text, ink))

    async def _read(self) -> None:
        try:
            self.post_message(Read(await self.read()))
        except ClientError as error:
            self.post_message(Read(None, str(error)))

    async def _replace(self, new: U, base: R) -> None:
        try:
            self.post_message(Replaced(await self.replace(new, base.revision)))
        except ApiError as error:
            if error.http_code == 412:
                await self._find_theirs()
            else:
                self.post_message(Replaced(None, str(error)))
        except ClientError as error:
            self.post_message(Replaced(None, f"{error}. Your text is kept; ^s tries again."))

    async def _find_theirs(self) -> None:
        try:
            theirs = await self.read()
            by = saved_by(await self.updates(theirs))
        except ClientError as error:
            self.post_message(Replaced(None, f"someone else saved it meanwhile; {error}"))
        else:
            self.post_message(Outdated(theirs, by))


def _text_of(fields: Mapping[str, Any]) -> str:
    return printable(json.dumps(fields, indent=2, ensure_ascii=False))
