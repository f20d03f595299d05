"""``provd backup`` and ``provd restore``."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provd.cli.configuration import read_config
from provd.store.copies import copy_name, kept_name, superfluous

if TYPE_CHECKING:
    from provd.store.backup import Copy

ConfigFile = Annotated[Path | None, typer.Option("--config", help="As for provd run.")]
StateDir = Annotated[Path | None, typer.Option(help="Where the store is, whatever the configuration says.")]


def backup(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Where to. A folder, or with --keep: into it, named by the time."
        ),
    ],
    keep: Annotated[
        int | None, typer.Option(min=1, help="How many of the latest copies to leave in the folder.")
    ] = None,
    config: ConfigFile = None,
    state_dir: StateDir = None,
) -> None:
    """Copy the store while the daemon runs, or while it does not.

    The copy is one state of everything: providers, routes, setups, history, events. It was read back whole
    when this ends well. Carriers' keys are not in it: they are in the keyring. Only its owner may read it.
    """
    from provd.store.backup import back_up  # the store takes a while to import, which other commands need not
    from provd.store.errors import StoreError

    try:
        folder = target if keep is not None or target.is_dir() else None
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            target = folder / copy_name(datetime.now(UTC))
        made = back_up(_place(config, state_dir), target)
        print(_words(made))
        if folder is not None and keep is not None:
            for old in superfluous(folder, target, keep):
                old.unlink()
                print(f"{old}: removed, as {keep} newer ones are there")
    except OSError as error:
        _fail(f"{error.filename or target} can't be written: {error.strerror or error}")
    except StoreError as error:
        _fail(str(error))


def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="What provd backup made.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: ConfigFile = None,
    state_dir: StateDir = None,
) -> None:
    """Put a copy in the place of the store. The daemon must be stopped.

    The copy is read whole first, and brought up to date if it is older; one of a newer provd is refused.
    What was there is kept beside it. Trunks that were set up since the copy was made are not in it: they stay
    at the carriers, and their keys in the keyring, unknown to provd. Look at "provctl setup list" before.
    """
    from provd.store.backup import restore as put_back
    from provd.store.errors import StoreError

    place = _place(config, state_dir)
    if not yes:
        if not sys.stdin.isatty():
            _fail(
                "standard input is not a terminal, so nobody can be asked: --yes restores. Nothing is changed"
            )
        typer.confirm(f"Put {source} in the place of the store in {place}?", abort=True, err=True)
    kept = place / kept_name(datetime.now(UTC))
    try:
        made = put_back(place, source, kept)
    except StoreError as error:
        _fail(f"{error}. Nothing is changed")
    except OSError as error:
        _fail(f"{error.filename or source}: {error.strerror or error}. Nothing is changed")
    print(_words(made))
    if kept.exists():
        print(f"{kept}: the store that was there")


def _place(config: Path | None, state_dir: Path | None) -> Path:
    return state_dir or read_config(config).daemon.state_dir


def _words(copy: "Copy") -> str:
    providers = f"{copy.providers} provider{'' if copy.providers == 1 else 's'}"
    return f"{copy.path}: {providers}, schema {copy.schema}, {copy.size / 1e6:.1f} MB, read back whole"


def _fail(message: str) -> None:
    print(f"provd: {message}", file=sys.stderr)
    raise typer.Exit(1)
