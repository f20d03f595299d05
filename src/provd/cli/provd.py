"""The command ``provd``: run the daemon, check its configuration, simulate carriers."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from provd.carriers.base import AnyCarrier
from provd.cli.stopping import stop_event
from provd.config import Config, ConfigError, DaemonSection, load_config
from provd.version import __version__

CONFIG_FILE = Path("/etc/provd/config.toml")
Lifeline = Annotated[
    bool, typer.Option("--lifeline", help="Also stop when standard input ends: for a parent process.")
]

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
    socket: Annotated[Path | None, typer.Option(help="Listen here, whatever the configuration says.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Keep the store here, likewise.")] = None,
    demo_carriers: Annotated[
        bool,
        typer.Option(
            "--demo-carriers",
            help="Also offer simulated carriers to set trunks up at, whose APIs `provd demo` serves.",
        ),
    ] = False,
    lifeline: Lifeline = False,
) -> None:
    """Run the daemon in the foreground. SIGTERM or Ctrl+C stops it in order."""
    settings = _load(config)
    daemon = settings.daemon.model_dump()
    daemon |= {"socket": socket or daemon["socket"], "state_dir": state_dir or daemon["state_dir"]}
    try:
        settings.daemon = DaemonSection.model_validate(daemon)
    except ValidationError as error:
        _fail(f"--socket {error.errors()[0]['msg'].removeprefix('Value error, ')}")
    logging.basicConfig(
        level=settings.daemon.log_level.upper(),
        format="%(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    for chatty in ("uvicorn", "alembic", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from provd.agent.redirect.listeners import RedirectListenError
    from provd.api.access import UnknownNameError
    from provd.api.listener import ListenError
    from provd.daemon import run_daemon
    from provd.probe.endpoints import BindError
    from provd.probe.stream.tls import TlsFilesError
    from provd.store.errors import StoreError

    more: list[AnyCarrier] = []
    if demo_carriers:
        from provd.demo.carriers.accounts import practice_carriers

        more = practice_carriers()

    async def until_told() -> None:
        await run_daemon(settings, stop_event(lifeline=lifeline), more)

    try:
        asyncio.run(until_told())
    except (
        UnknownNameError,
        ListenError,
        StoreError,
        BindError,
        RedirectListenError,
        TlsFilesError,
    ) as error:
        _fail(str(error))


@app.command("check-config")
def check_config(file: Annotated[Path, typer.Argument(help="The file to check.")]) -> None:
    """Check a configuration: exit 0, or name every mistake with its line and exit 1."""
    _load(file)
    print(f"{file}: OK")


@app.command()
def demo(
    socket: Annotated[Path | None, typer.Option(help="The daemon's socket; else as for provctl.")] = None,
    lifeline: Lifeline = False,
) -> None:
    """Simulate a fleet of carriers on loopback, well and ill, and add them to a running daemon.

    They answer for as long as this runs; their records, tagged demo, stay until you delete them.
    """
    from provd.client import Client, ClientError, find_socket
    from provd.demo.fleet import NoAddressError, run_demo

    async def until_told() -> None:
        async with Client(find_socket(socket)) as client:
            await run_demo(client, stop_event(lifeline=lifeline), say=lambda line: print(line, flush=True))

    try:
        asyncio.run(until_told())
    except (ClientError, NoAddressError, OSError) as error:
        _fail(str(error))


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
