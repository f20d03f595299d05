"""The command ``provd``: run the daemon, check its configuration, print its units, back it up, simulate
carriers."""

import asyncio
import faulthandler
import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from provd.carriers.base import AnyCarrier
from provd.cli.backup_commands import backup, restore
from provd.cli.configuration import CONFIG_FILE, chosen_config, or_exit
from provd.cli.export_unit import export_unit
from provd.cli.reloading import reload_event
from provd.cli.stopping import stop_event
from provd.config import Config, ConfigError, DaemonSection, load_config, with_line
from provd.logs import begin_logs
from provd.systemd import take_from
from provd.version import __version__

Lifeline = Annotated[
    bool, typer.Option("--lifeline", help="Also stop when standard input ends: for a parent process.")
]

app = typer.Typer(
    help="A home for SIP carriers: watches every trunk with SIP OPTIONS, and serves a Unix socket.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.command("export-unit")(export_unit)
app.command(epilog="Example: provd backup /var/backups/provd --keep 14")(backup)
app.command(epilog="Example: provd restore /var/backups/provd/provd-20261128T020000Z.db")(restore)


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
    socket: Annotated[
        Path | None, typer.Option(readable=False, help="Listen here, whatever the configuration says.")
    ] = None,
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
    """Run the daemon in the foreground. SIGTERM or Ctrl+C stops it in order, SIGHUP has it read its
    configuration again."""

    def read() -> Config:
        return _with_places(chosen_config(config), socket, state_dir)

    settings = or_exit(read)
    faulthandler.enable()  # SIGABRT, with which a watchdog ends a process, shows where it was
    manager = take_from(os.environ, os.getpid())
    logs = begin_logs(sys.stderr, settings.daemon.log_format, settings.daemon.log_level, os.environ)
    gc.disable()  # what is imported is no garbage, and looking for it takes a tenth of a second
    from provd.agent.redirect.listeners import RedirectListenError
    from provd.api.access import UnknownNameError
    from provd.api.listener import ListenError
    from provd.daemon import Surroundings, run_daemon
    from provd.probe.endpoints import BindError
    from provd.probe.stream.tls import TlsFilesError
    from provd.reload import ReloadRequests
    from provd.store.errors import StoreError

    gc.enable()
    more: list[AnyCarrier] = []
    if demo_carriers:
        from provd.demo.carriers.accounts import practice_carriers

        more = practice_carriers()

    async def until_told() -> None:
        stop = stop_event(lifeline=lifeline)
        reloads = ReloadRequests(reload_event(stop), read)
        await run_daemon(settings, stop, more, Surroundings(manager, reloads, logs))

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
    """Check a configuration: exit 0, or name every mistake with its line and exit 1.

    Users, groups, files and the keyring are looked up as at a start: check as the user that provd runs as.
    """
    config = or_exit(lambda: load_config(file))
    from provd.composition.looking_up import look_up

    found = look_up(config)
    for each in found:
        mark = "" if each.is_mistake else "not checked: "
        print(with_line(file, each.key, f"{mark}{each.words}"), file=sys.stderr)
    if any(each.is_mistake for each in found):
        raise typer.Exit(1)
    print(f"{file}: OK")


@app.command()
def demo(
    socket: Annotated[
        Path | None, typer.Option(readable=False, help="The daemon's socket; else as for provctl.")
    ] = None,
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


def _with_places(config: Config, socket: Path | None, state_dir: Path | None) -> Config:
    """``config`` with what the command line says of where things are. Raises ConfigError."""
    daemon = config.daemon.model_dump()
    daemon |= {"socket": socket or daemon["socket"], "state_dir": state_dir or daemon["state_dir"]}
    try:
        return config.model_copy(update={"daemon": DaemonSection.model_validate(daemon)})
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError([f"provd: --socket {message}"]) from error


def _fail(message: str) -> None:
    print(f"provd: {message}", file=sys.stderr)
    raise typer.Exit(1)
