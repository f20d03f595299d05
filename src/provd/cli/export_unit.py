"""``provd export-unit``: the systemd units for the virtual environment that this runs from."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from provd.units import PLACES, Scope, unit_files

_HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"))  # what ProtectHome= takes from a service


def export_unit(
    name: Annotated[
        str | None,
        typer.Argument(help="Print this file alone: provd.service, provd.socket, provd-backup.timer ..."),
    ] = None,
    user: Annotated[
        bool,
        typer.Option("--user/--system", help="For your own service manager, or for the machine's."),
    ] = False,
    prefix: Annotated[
        Path | None,
        typer.Option(help="The virtual environment that has provd; else the one of this command."),
    ] = None,
) -> None:
    """Print the systemd units of provd, each after a line that says where it goes."""
    scope = Scope.USER if user else Scope.SYSTEM
    environment = prefix or Path(sys.prefix)
    problem = _problem(scope, environment, name)
    if problem:
        print(f"provd: {problem}", file=sys.stderr)
        raise typer.Exit(1)
    for file, text in unit_files(scope, environment):
        if name is None:
            print(f"# {PLACES[scope][file]}/{file}\n{text}")
        elif name == file:
            print(text, end="")


def _problem(scope: Scope, prefix: Path, name: str | None) -> str:
    """Why no units can be printed; nothing, if they can."""
    if name is not None and name not in PLACES[scope]:
        return f"there is no file {name}: there are {', '.join(PLACES[scope])}"
    if not prefix.is_absolute():
        return f"--prefix {prefix} is not an absolute path"
    if not str(prefix).isprintable():
        return "--prefix has characters that a unit can't have"
    if scope is Scope.SYSTEM and any(prefix.is_relative_to(hidden) for hidden in _HIDDEN):
        return (
            f"a service of the machine can't run from {prefix}, which is a user's own: "
            "install provd into /opt/provd, or take --user"
        )
    return ""
