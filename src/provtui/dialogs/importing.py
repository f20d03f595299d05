"""The dialog that imports a file: a dry run first, then the import."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from provd.client import ClientError
from provd.client.files import ENDINGS, format_of
from provd.schema.transfer import ExportFormat, ImportReport
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.file_content import content_of
from provtui.panels.transfer import import_panel
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 5


class NoFormat(ValueError):
    """It is not known what a file is; ``str()`` says what to type."""


def file_and_format(given: str) -> tuple[Path, ExportFormat]:
    """Read ``FILE`` or ``FILE FORMAT``; without a format, the file's ending tells. Raises NoFormat."""
    file, _, form = given.rpartition(" ")
    if file and form in [each.value for each in ExportFormat]:
        return Path(file.strip()).expanduser(), ExportFormat(form)
    found = format_of(given)
    if found is None:
        raise NoFormat(
            f"{given!r} does not end in {', '.join(ENDINGS)}: write its format after it, "
            f"one of {', '.join(ExportFormat)}"
        )
    return Path(given).expanduser(), found


class Reported(Message):
    """What became of it, or why it could not be asked."""

    def __init__(self, report: ImportReport | None, error: str = "") -> None:
        super().__init__()
        self.report = report
        self.error = error


class ImportDialog(Dialog[None]):
    """Shows what an import of ``file`` would do, does it when asked, and shows what it did."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.IMPORT)]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, session: Session, file: Path, form: ExportFormat) -> None:
        super().__init__()
        self.session = session
        self._file = file
        self._form = form
        self._report: ImportReport | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """Lay out what would become of the file."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"Import {clean(self._file.name)} ({self._form})")
            yield Lines(id="import-said")
            with VerticalScroll():
                yield Lines(id="import-text")
        yield KeyBar(list(commands_at(Place.IMPORT)), self.refused)

    def on_mount(self) -> None:
        """Begin with a dry run."""
        self._ask(dry_run=True)

    def do_take_in(self) -> None:
        """Import it, once the dry run has told what that does; ask for that again when it did not."""
        if not self._asking and (self._report is None or self._report.dry_run):
            self._ask(dry_run=self._report is None)

    def do_leave(self) -> None:
        """Go back; what has been asked of the daemon is done all the same."""
        self.dismiss(None)

    @on(Reported)
    def _reported(self, message: Reported) -> None:
        self._asking = False
        if message.report is None:
            self._say(f"✗ {clean(message.error)}", ".ink--unhealthy")
            return
        self._report = message.report
        room = min(76, self.app.size.width) - _MARGIN
        self.query_one("#import-text", Lines).show(import_panel(message.report, room))
        if not message.report.dry_run:
            self._say("✓ Imported.", ".ink--healthy")
        elif _changes_something(message.report):
            self._say("A dry run: nothing has changed yet. ↵ imports it.", ".ink--key")
        else:
            self._say("A dry run: it would change nothing.", ".ink--faint")

    def _ask(self, *, dry_run: bool) -> None:
        self._asking = True
        self._say("Asking provd what would become of it…" if dry_run else "Importing…", ".ink--key")
        self.run_worker(self._import(dry_run=dry_run), group="import", exclusive=True)

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#import-said", Lines).show(Content.styled(text, ink))

    async def _import(self, *, dry_run: bool) -> None:
        try:
            content = content_of(self._file)
            report = await self.session.client.import_providers(
                content, form=self._form.value, dry_run=dry_run
            )
        except OSError as error:
            self.post_message(Reported(None, f"{self._file} can't be read: {error.strerror or error}"))
        except ClientError as error:
            self.post_message(Reported(None, str(error)))
        else:
            self.post_message(Reported(report))


def _changes_something(report: ImportReport) -> bool:
    routes = report.routes
    return bool(report.created or report.updated or routes.created or routes.updated)
