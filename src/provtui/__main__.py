"""The command ``provtui``."""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from provd.client import Client, ClientError, find_socket
from provd.client.socket_path import user_socket, user_state_dir
from provd.version import __version__
from provtui.local import Children, LocalDaemonError, private_daemon
from provtui.report import first_round, health_table

THEMES = ("provtui-dark", "provtui-light", "provtui-ansi")
_DESCRIPTION = """\
The terminal home of SIP trunks: which carriers can be reached, since when not, why, and what to do.
Without a terminal it waits for the first round of checks, prints the health table, and exits.
"""
_EPILOG = """\
examples:
  provtui                     the daemon of this machine (or of PROVD_SOCKET)
  provtui --local             a private daemon for you alone, started and stopped with the screen
  provtui --local --demo      the same, with a fleet of simulated carriers, well and ill
  provtui --readonly          look, and touch nothing
"""


def main() -> None:
    """Run the command; exits 1 when there is no daemon to show."""
    options = _parser().parse_args()
    try:
        asyncio.run(_run(options))
    except (ClientError, LocalDaemonError) as error:
        print(f"provtui: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "provtui",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--socket", type=Path, help="the daemon's socket (else PROVD_SOCKET, /run/provd/provd.sock)"
    )
    parser.add_argument("--local", action="store_true", help="start a private daemon for this user")
    parser.add_argument("--demo", action="store_true", help="with --local: add a simulated fleet of carriers")
    parser.add_argument("--readonly", action="store_true", help="refuse every change, whatever your role")
    parser.add_argument("--low-bandwidth", action="store_true", help="repaint every 2 s, without animation")
    parser.add_argument("--theme", choices=THEMES, help="default: what fits the terminal")
    parser.add_argument("--version", action="version", version=f"provtui {__version__}")
    return parser


async def _run(options: argparse.Namespace) -> None:
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    async with _daemon(options, temporary=not on_terminal) as (socket, children):
        if children is not None and (options.demo or not on_terminal):
            await children.start_demo()
        elif children is not None:
            await children.start_demo_if_used()
        if on_terminal:
            await _show(options, socket, children)
        else:
            async with Client(socket) as client:
                print(health_table(await first_round(client)))  # noqa: T201


@asynccontextmanager
async def _daemon(
    options: argparse.Namespace, *, temporary: bool
) -> AsyncIterator[tuple[Path, Children | None]]:
    """The socket to use, with the child processes when the daemon is a private one."""
    if not options.local:
        yield find_socket(options.socket), None
        return
    with contextlib.ExitStack() as stack:
        if temporary:  # a report leaves nothing behind, and finds nothing of before
            state_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="provd-")))
            socket = state_dir / "provd.sock"
        else:
            state_dir, socket = user_state_dir(), options.socket or user_socket()
        async with private_daemon(socket, state_dir) as children:
            yield socket, children


async def _show(options: argparse.Namespace, socket: Path, children: Children | None) -> None:
    from provtui.app import ProvTui  # Textual takes a while to import, and a report needs none of it

    app = ProvTui(
        lambda: Client(socket),
        readonly=options.readonly,
        start_demo=None if children is None else children.start_demo,
        theme=options.theme,
        low_bandwidth=options.low_bandwidth,
    )
    await app.run_async()


if __name__ == "__main__":
    main()
