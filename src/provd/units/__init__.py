"""The systemd units, as templates: ``{prefix}`` is the virtual environment that provd runs from."""

from collections.abc import Iterator
from enum import StrEnum
from importlib import resources
from pathlib import Path


class Scope(StrEnum):
    """Whose service manager a unit is for; ``value`` is the folder of its templates."""

    SYSTEM = "system"
    USER = "user"


PLACES = {
    Scope.SYSTEM: {
        "provd.service": "/etc/systemd/system",
        "provd.socket": "/etc/systemd/system",
        "provd-backup.service": "/etc/systemd/system",
        "provd-backup.timer": "/etc/systemd/system",
        "provd.conf": "/etc/sysusers.d",
    },
    Scope.USER: {
        "provd.service": "~/.config/systemd/user",
        "provd.socket": "~/.config/systemd/user",
    },
}
"""The files of each scope, and the folders that they are for."""


def unit_files(scope: Scope, prefix: Path) -> Iterator[tuple[str, str]]:
    """Each file's name and text, for the virtual environment ``prefix``."""
    folder = resources.files(__name__) / scope.value
    for name in PLACES[scope]:
        text = (folder / name).read_text(encoding="utf-8")
        yield name, text.replace("{prefix}", _escaped(prefix))


def _escaped(path: Path) -> str:
    """A path as a word of a unit's command line (systemd.service(5), systemd.syntax(7))."""
    text = str(path).replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
    return text.replace(" ", "\\x20").replace('"', "\\x22").replace("'", "\\x27")
