"""What the forms of providers and routes have in common: typing, saving, and being refused."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from provd.client import ApiError, ClientError, DaemonUnavailable
from provd.schema.events import LoggedEvent
from provtui.change_words import Edited, change_words
from provtui.commands import Place, commands_at
from provtui.dialogs.base import Dialog
from provtui.dialogs.conflict import ConflictDialog, Resolution
from provtui.form_fields import FormField, Kind, Texts
from provtui.last_saved import saved_by
from provtui.session import Session
from provtui.text import clean, sentence
from provtui.three_way import Difference
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class Revised(Protocol):
    """What can be edited: it has a revision."""

    @property
    def revision(self) -> int:
        """How often it was changed."""


R = TypeVar("R", bound=Revised)


class Saved(Message):
    """The daemon took it."""

    def __init__(self, record: Any) -> None:
        super().__init__()
        self.record = record


class Refused(Message):
    """The daemon did not take it, or could not be reached."""

    def __init__(self, error: ClientError) -> None:
        super().__init__()
        self.error = error


class Outdated(Message):
    """Someone else saved it meanwhile: ``theirs`` is how it is now; ``by`` is empty when unknown."""

    def __init__(self, theirs: Any, by: str) -> None:
        super().__init__()
        self.theirs = theirs
        self.by = by


class RecordForm(Dialog[R | None], Generic[R]):
    """Adds a record (``base`` None) or edits ``base``, which must be as just read from the daemon.

    ``what`` is the word for such a record, ``place`` where the user is. The result is the saved record, or
    None. What was typed stays until it is saved or given up: an error, an absent daemon or someone else's
    change never loses it.
    """

    what: str
    place: Place

    def __init__(self, session: Session, base: R | None) -> None:
        super().__init__()
        self.session = session
        self.key = uuid4().hex  # the same for each attempt: a lost answer must not add it twice
        self._base = base
        self._loaded = self.texts_of(base)
        self._saving = False
        self._asked_to_leave = False

    @property
    @abstractmethod
    def fields(self) -> Iterable[FormField]:
        """The fields, from top to bottom."""

    @abstractmethod
    def texts_of(self, record: R | None) -> Texts:
        """Give what the form shows for ``record``; None: a new one."""

    @abstractmethod
    def problem(self, path: str, text: str) -> str | None:
        """Tell what is wrong with ``text`` in the field ``path``; None: nothing."""

    @abstractmethod
    def problems(self, texts: Texts) -> dict[str, str]:
        """Tell what is wrong with which field."""

    @abstractmethod
    def changes(self, base: R, texts: Texts) -> dict[str, Any]:
        """Give the fields, with their new values, in which texts without problems differ from ``base``."""

    @abstractmethod
    def field_of(self, detail_field: str) -> str | None:
        """Give the path of the field that an error detail is about; None when it has none."""

    @abstractmethod
    def named(self, record: R) -> str:
        """Give the name of ``record``."""

    @abstractmethod
    async def create(self, texts: Texts) -> R:
        """Have the daemon add it; raises ClientError."""

    @abstractmethod
    async def patch(self, base: R, changes: dict[str, Any]) -> R:
        """Have the daemon change ``base``, if it is still at that revision; raises ClientError."""

    @abstractmethod
    async def read(self, base: R) -> tuple[R, Iterable[LoggedEvent]]:
        """Read ``base`` as it is now, and the latest events that tell of it; raises ClientError."""

    def compose(self) -> ComposeResult:
        """Lay out the rows, the status line and the keys."""
        with VerticalScroll(classes="dialog--box", can_focus=False) as box:
            title = f"Add a {self.what}" if self._base is None else f"Edit {clean(self.named(self._base))}"
            box.border_title = Content(title)  # a str would be read as markup
            yield from self.compose_rows(self._base, self._loaded)
        yield Lines(id="form-status")
        yield KeyBar(list(commands_at(self.place)), self.refused)

    def compose_rows(self, base: R | None, texts: Texts) -> ComposeResult:
        """Lay out the rows."""
        for field in self.fields:
            yield FormRow(field, texts[field.path])

    @property
    def texts(self) -> Texts:
        """What stands in the form."""
        return {row.field.path: row.text for row in self.query(FormRow)}

    def do_save(self) -> None:
        """Save, if nothing is wrong and something is new."""
        if self._saving:
            return
        texts = self.texts
        wrong = self.problems(texts)
        self.show_problems(wrong)
        if wrong:
            self._status(
                f"Not saved: {len(wrong)} field{'s' if len(wrong) > 1 else ''} to put right.",
                ".ink--unhealthy",
            )
        elif self._base is not None and not self.changes(self._base, texts):
            self.dismiss(None)
        else:
            self._saving = True
            self._status("Saving…")
            self.run_worker(self._save(self._base, texts), group="save")

    def do_cancel(self) -> None:
        """Leave; with changes, only when asked twice."""
        if self.texts != self._loaded and not self._asked_to_leave:
            self._asked_to_leave = True
            self._status("Not saved yet. esc again drops your changes, ^s saves them.", ".ink--suspect")
        else:
            self.dismiss(None)

    def show_problems(self, wrong: dict[str, str]) -> None:
        """Show at each field what is wrong with it, and move the cursor to the first that is."""
        first = None
        for row in self.query(FormRow):
            row.show_problem(wrong.get(row.field.path))
            if row.field.path in wrong:
                first = first or row
        if first is not None:
            self.bring_up(first)
            first.take_focus()

    def bring_up(self, row: FormRow) -> None:
        """Have ``row`` be seen, where it may be hidden."""

    @on(FormRow.Changed)
    def _typed(self, message: FormRow.Changed) -> None:
        self._asked_to_leave = False
        message.row.show_problem(self.problem(message.row.field.path, message.row.text))
        if self._base is not None:
            self._status(self._changed())

    def _changed(self) -> str:
        """Tell what saving would change, from what to what."""
        before, now = self._loaded, self.texts
        return change_words(
            [
                Edited(field.label, _shown(field, before[field.path]), _shown(field, now[field.path]))
                for field in self.fields
                if now[field.path] != before[field.path]
            ]
        )

    @on(Saved)
    def _saved(self, message: Saved) -> None:
        self.dismiss(message.record)

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        self._saving = False
        error = message.error
        if isinstance(error, DaemonUnavailable):
            self._status(
                f"Not saved, and your input is kept: ^s tries again. {sentence(str(error))}",
                ".ink--unhealthy",
            )
            return
        said: dict[str, str] = {}
        elsewhere: list[str] = []
        for detail in error.details if isinstance(error, ApiError) else []:
            path = self.field_of(detail.field)
            if path is None:
                elsewhere.append(f"{detail.field}: {detail.message}")
            else:
                said.setdefault(path, detail.message)
        self.show_problems(said)
        self._status(" ".join([f"Not saved: {error}", *elsewhere]), ".ink--unhealthy")

    @on(Outdated)
    def _outdated(self, message: Outdated) -> None:
        self._saving = False
        self._status("Not saved: someone else saved it meanwhile.", ".ink--unhealthy")
        theirs = self.texts_of(message.theirs)
        yours = self.texts
        differences = [
            Difference(
                field.label,
                *(_shown(field, texts[field.path]) for texts in (self._loaded, theirs, yours)),
            )
            for field in self.fields
            if not self._loaded[field.path] == theirs[field.path] == yours[field.path]
        ]

        def answered(resolution: Resolution | None) -> None:
            if resolution is Resolution.THEIRS:
                self._rebase(message.theirs, dict(theirs))
                self._status(f"This is theirs, revision {message.theirs.revision}.")
            elif resolution is Resolution.OURS:
                mine = {p: text for p, text in yours.items() if text != self._loaded[p]}
                self._rebase(message.theirs, theirs | mine)
                self.do_save()

        self.app.push_screen(ConflictDialog(self.what, differences, message.by), answered)

    def _rebase(self, base: R, texts: Texts) -> None:
        """Go on from ``base``, with ``texts`` in the form."""
        self._base = base
        self._loaded = self.texts_of(base)
        for row in self.query(FormRow):
            row.set_text(texts[row.field.path])

    def _status(self, message: str, ink: str = ".ink--faint") -> None:
        self.query_one("#form-status", Lines).show(Content.styled(clean(message), ink))

    async def _save(self, base: R | None, texts: Texts) -> None:
        try:
            if base is None:
                self.post_message(Saved(await self.create(texts)))
            else:
                self.post_message(Saved(await self.patch(base, self.changes(base, texts))))
        except ApiError as error:
            if base is not None and error.http_code == 412:
                await self._find_theirs(base)
            else:
                self.post_message(Refused(error))
        except ClientError as error:
            self.post_message(Refused(error))

    async def _find_theirs(self, base: R) -> None:
        try:
            theirs, events = await self.read(base)
        except ClientError as error:
            self.post_message(Refused(error))
            return
        self.post_message(Outdated(theirs, saved_by(events)))


def _shown(field: FormField, text: str) -> str:
    """Give what may be shown of ``text``: nothing of what is hidden as it is typed."""
    return "…" if field.kind is Kind.MASKED and text else text
