"""What may be written for the arguments of commands."""

from collections.abc import Iterator
from pathlib import Path

from provd.schema.transfer import ExportFormat
from provtui.command_line import Values
from provtui.commands import Argument
from provtui.provider_names import ProviderNames
from provtui.session import Session
from provtui.themes import SHORT_NAMES


def values_of(session: Session) -> Values:
    """Give what may be written, of the providers in ``session`` and the files of this machine."""

    def values(argument: Argument, beginning: str) -> Iterator[str]:
        match argument:
            case Argument.PROVIDER:
                yield from _providers(session, beginning)
            case Argument.THEME:
                yield from (name for name in SHORT_NAMES if name.startswith(beginning))
            case Argument.FILE | Argument.CALLS_FILE:
                yield from _files(beginning)
            case Argument.FORMAT_FILE:
                yield from _format_and_file(beginning)
            case Argument.FILTER:
                return

    return values


def _providers(session: Session, beginning: str) -> Iterator[str]:
    """Give the names that begin so, then those that have it in them."""
    wanted = beginning.casefold()
    names = ProviderNames(session.fleet.providers.values()).all
    fitting = [name for name in names if wanted in name.casefold()]
    yield from sorted(fitting, key=lambda name: not name.casefold().startswith(wanted))


def _format_and_file(beginning: str) -> Iterator[str]:
    form, space, file = beginning.partition(" ")
    if space:
        yield from (f"{form} {found}" for found in _files(file.lstrip()))
    else:
        yield from (each.value for each in ExportFormat if each.value.startswith(form))


def _files(beginning: str) -> Iterator[str]:
    """Give the files and folders whose paths begin so; a folder ends in a slash."""
    folder, slash, name = beginning.rpartition("/")
    try:
        found = sorted(Path(folder + slash or ".").expanduser().iterdir())
    except (OSError, RuntimeError):
        return  # there is no such folder, or it may not be read
    for each in found:
        if each.name.startswith(name) and (name or not each.name.startswith(".")):
            yield f"{folder}{slash}{each.name}{'/' if each.is_dir() else ''}"
