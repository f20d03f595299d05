"""The form in which a provider is added or edited."""

from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from provd.client import ApiError, ClientError, DaemonUnavailable
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.dialogs.conflict import ConflictDialog, Difference, Resolution
from provtui.form_fields import (
    FIELDS,
    Section,
    Texts,
    changes,
    field_of,
    problem,
    problems,
    texts_of,
    to_create,
)
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.form_row import FormRow
from provtui.widgets.form_section import FormSection, SectionHeading
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines


class Saved(Message):
    """The daemon took it."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider


class Refused(Message):
    """The daemon did not take it, or could not be reached."""

    def __init__(self, error: ClientError) -> None:
        super().__init__()
        self.error = error


class Outdated(Message):
    """Someone else saved it meanwhile: ``theirs`` is how it is now; ``by`` is empty when unknown."""

    def __init__(self, theirs: Provider, by: str) -> None:
        super().__init__()
        self.theirs = theirs
        self.by = by


class ProviderForm(Dialog[Provider | None]):
    """Adds a provider (``base`` None) or edits ``base``, which must be as just read from the daemon.

    The result is the saved provider, or None. What was typed stays until it is saved or given up: an
    error, an absent daemon or someone else's change never loses it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.FORM)]

    def __init__(self, session: Session, base: Provider | None) -> None:
        super().__init__()
        self.session = session
        self._base = base
        self._loaded = texts_of(base)
        self._key = uuid4().hex  # the same for each attempt: a lost answer must not add it twice
        self._saving = False
        self._asked_to_leave = False

    def compose(self) -> ComposeResult:
        """Lay out the rows, the status line and the keys."""
        with VerticalScroll(classes="dialog--box", can_focus=False) as box:
            title = "Add a provider" if self._base is None else f"Edit {clean(self._base.name)}"
            box.border_title = Content(title)  # a str would be read as markup
            for warning in [] if self._base is None else self._base.warnings:
                yield Lines(Content.styled(f"! {clean(warning)}", ".ink--suspect"), classes="form--warning")
            for section in Section:
                rows = [
                    FormRow(field, self._loaded[field.path]) for field in FIELDS if field.section is section
                ]
                if section is Section.TRUNK:
                    yield from rows
                else:
                    yield FormSection(section, rows)
        yield Lines(id="form-status")
        yield KeyBar(list(commands_at(Place.FORM)), lambda command: None)

    @property
    def texts(self) -> Texts:
        """What stands in the form."""
        return {row.field.path: row.text for row in self.query(FormRow)}

    def do_save(self) -> None:
        """Save, if nothing is wrong and something is new."""
        if self._saving:
            return
        texts = self.texts
        wrong = problems(texts)
        self._show_problems(wrong)
        if wrong:
            self._status(
                f"Not saved: {len(wrong)} field{'s' if len(wrong) > 1 else ''} to put right.",
                ".ink--unhealthy",
            )
        elif self._base is not None and not changes(self._base, texts):
            self.dismiss(None)
        else:
            self._saving = True
            self._status("Saving…")
            self.run_worker(self._save(self._base, texts), group="save")

    def do_fold(self) -> None:
        """Open or close the group whose heading has the focus."""
        if isinstance(self.focused, SectionHeading) and isinstance(self.focused.parent, FormSection):
            self.focused.parent.toggle()

    def do_cancel(self) -> None:
        """Leave; with changes, only when asked twice."""
        if self.texts != self._loaded and not self._asked_to_leave:
            self._asked_to_leave = True
            self._status("Not saved yet. esc again drops your changes, ^s saves them.", ".ink--suspect")
        else:
            self.dismiss(None)

    @on(FormRow.Changed)
    def _typed(self, message: FormRow.Changed) -> None:
        self._asked_to_leave = False
        message.row.show_problem(problem(message.row.field.path, message.row.text))

    @on(Saved)
    def _saved(self, message: Saved) -> None:
        self.dismiss(message.provider)

    @on(Refused)
    def _refused(self, message: Refused) -> None:
        self._saving = False
        error = message.error
        if isinstance(error, DaemonUnavailable):
            self._status(f"Not saved: {error}. Your input is kept; ^s tries again.", ".ink--unhealthy")
            return
        said: dict[str, str] = {}
        elsewhere: list[str] = []
        for detail in error.details if isinstance(error, ApiError) else []:
            path = field_of(detail.field)
            if path is None:
                elsewhere.append(f"{detail.field}: {detail.message}")
            else:
                said.setdefault(path, detail.message)
        self._show_problems(said)
        self._status(" ".join([f"Not saved: {error}", *elsewhere]), ".ink--unhealthy")

    @on(Outdated)
    def _outdated(self, message: Outdated) -> None:
        self._saving = False
        self._status("Not saved: someone else saved it meanwhile.", ".ink--unhealthy")
        theirs = texts_of(message.theirs)
        yours = self.texts
        differences = [
            Difference(field.label, self._loaded[field.path], theirs[field.path], yours[field.path])
            for field in FIELDS
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

        self.app.push_screen(ConflictDialog(differences, message.by), answered)

    def _rebase(self, base: Provider, texts: Texts) -> None:
        """Go on from ``base``, with ``texts`` in the form."""
        self._base = base
        self._loaded = texts_of(base)
        for row in self.query(FormRow):
            row.set_text(texts[row.field.path])

    def _show_problems(self, wrong: dict[str, str]) -> None:
        first = None
        for row in self.query(FormRow):
            row.show_problem(wrong.get(row.field.path))
            if row.field.path in wrong:
                first = first or row
        if first is not None:
            for section in self.query(FormSection):
                if first in section.rows:
                    section.open()
            first.take_focus()

    def _status(self, message: str, ink: str = ".ink--faint") -> None:
        self.query_one("#form-status", Lines).show(Content.styled(clean(message), ink))

    async def _save(self, base: Provider | None, texts: Texts) -> None:
        client = self.session.client
        try:
            if base is None:
                saved = await client.create_provider(to_create(texts), idempotency_key=self._key)
            else:
                saved = await client.patch_provider(base.id, changes(base, texts), revision=base.revision)
            self.post_message(Saved(saved))
        except ApiError as error:
            if base is not None and error.http_code == 412:
                await self._find_theirs(base)
            else:
                self.post_message(Refused(error))
        except ClientError as error:
            self.post_message(Refused(error))

    async def _find_theirs(self, base: Provider) -> None:
        try:
            theirs = await self.session.client.provider(base.id)
            page = await self.session.client.event_log(provider_id=base.id, page_size=20)
        except ClientError as error:
            self.post_message(Refused(error))
            return
        updates = (event for event in page.result if event.type is EventType.PROVIDER_UPDATED)
        latest = next(updates, None)
        self.post_message(Outdated(theirs, "" if latest is None else str(latest.data.get("by", ""))))
