"""Writing every provider and route to a file."""

from collections.abc import Callable
from pathlib import Path

from textual.message import Message

from provd.client import ClientError
from provd.client.files import save
from provd.schema.transfer import ExportFormat
from provtui.outcomes import Done, Failed
from provtui.session import Session


class NoExport(ValueError):
    """What was typed says not what to write or where to; ``str()`` says what to type."""


class Export:
    """Writes what ``given``, a format and a file, says; raises NoExport when it can't be understood.

    A format with several files wants a folder.
    """

    def __init__(self, session: Session, given: str) -> None:
        form, _, file = given.partition(" ")
        known = [each.value for each in ExportFormat]
        if form not in known:
            raise NoExport(f"There is no format {form[:20]!r}: use {', '.join(known)}")
        if not file.strip():
            raise NoExport(f"Write export {form} FILE")
        self._session = session
        self._form = ExportFormat(form)
        self._target = Path(file.strip()).expanduser()

    async def run(self, post: Callable[[Message], object]) -> None:
        """Write it, and post Done or Failed."""
        client, target, names = self._session.client, self._target, self._form.files
        try:
            if names:
                target.mkdir(exist_ok=True)
            for name, file in ({name: target / name for name in names} or {"": target}).items():
                await save(client.export(self._form.value, name), file)
        except ClientError as error:
            post(Failed(f"{target} was not written: {error}"))
        except OSError as error:
            post(Failed(f"{error.filename or target} can't be written: {error.strerror or error}"))
        else:
            post(Done(f"{target}: every provider and route as {self._form}"))
