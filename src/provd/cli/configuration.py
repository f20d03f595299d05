"""The configuration that a command goes by."""

import sys
from collections.abc import Callable
from pathlib import Path

import typer

from provd.config import Config, ConfigError, load_config

CONFIG_FILE = Path("/etc/provd/config.toml")


def chosen_config(path: Path | None) -> Config:
    """The configuration of ``path``, else of CONFIG_FILE if there is one. Raises ConfigError."""
    if path is None and not CONFIG_FILE.exists():
        return Config()
    return load_config(path or CONFIG_FILE)


def read_config(path: Path | None) -> Config:
    """The same; what is wrong with it is printed, and the command ends."""
    return or_exit(lambda: chosen_config(path))


def or_exit(read: Callable[[], Config]) -> Config:
    """Read; what is wrong is printed, and the command ends."""
    try:
        return read()
    except ConfigError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        raise typer.Exit(1) from None
