"""The command ``provd``: run the daemon, check its configuration, simulate carriers."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from provd.config import Config, ConfigError, load_config
from provd.version import __version__

CONFIG_FILE = Path("/etc/provd/config.toml")

app = typer.Typer(
    help="A home for SIP carriers: watches every trunk with SIP OPTIONS, and serves a Unix socket.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command."""
    app(prog_name="provd")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"provd {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that go before a command."""


@app.command()
def run(
    config: Annotated[
        Path | None,
        typer.Option(
            help=f"The configuration (TOML). Without it: {CONFIG_FILE} if there is one, else defaults."
        ),
    ] = None,
) -> None:
    """Run the daemon in the foreground. SIGTERM or Ctrl+C stops it in order."""
    settings = _load(config)
    logging.basicConfig(
        level=settings.daemon.log_level.upper(),
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from provd.api.access import UnknownNameError
    from provd.api.listener import ListenError
    from provd.daemon import run_daemon
    from provd.store.errors import StoreError

    try:
        asyncio.run(run_daemon(settings))
    except (UnknownNameError, ListenError, StoreError) as error:
        _fail(str(error))
    except ExceptionGroup as group:
        sockets = group.subgroup(OSError)
        if sockets is None or sockets is not group:
            raise
        _fail("; ".join(str(error) for error in group.exceptions))


@app.command("check-config")
def check_config(file: Annotated[Path, typer.Argument(help="The file to check.")]) -> None:
    """Check a configuration: exit 0, or name every mistake with its line and exit 1."""
    _load(file)
    print(f"{file}: OK")


def _load(path: Path | None) -> Config:
    if path is None:
        if not CONFIG_FILE.exists():
            return Config()
        path = CONFIG_FILE
    try:
        return load_config(path)
    except ConfigError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        raise typer.Exit(1) from None


def _fail(message: str) -> None:
    print(f"provd: {message}", file=sys.stderr)
    raise typer.Exit(1)
