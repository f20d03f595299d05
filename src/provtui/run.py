"""What the command ``provtui`` does. Each way imports what it needs: a screen is to be there at once."""

import argparse
import asyncio
import contextlib
import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from provd.client.errors import ClientError
from provd.client.late_wakeups import pass_over_late_wakeups
from provd.client.socket_path import find_socket, user_socket, user_state_dir

if TYPE_CHECKING:
    from provd.client import Client
    from provtui.local import Children

_OBJECTS = 50_000
"""More than were freed, before garbage is looked for: those of a large fleet stay."""


def run(options: argparse.Namespace) -> int:
    """Do what ``options`` ask; answers the exit status: 1 when there is no daemon to show."""
    try:
        asyncio.run(_run(options))
    except ClientError as error:
        print(f"provtui: {error}", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _run(options: argparse.Namespace) -> None:
    pass_over_late_wakeups()
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    async with _daemon(options, temporary=not on_terminal) as (socket, children):
        if children is not None and (options.demo or not on_terminal):
            await children.start_demo()
        elif children is not None:
            await children.start_demo_if_used()
        if on_terminal:
            await _show(options, socket, children)
        else:
            await _print(socket)


@asynccontextmanager
async def _daemon(
    options: argparse.Namespace, *, temporary: bool
) -> "AsyncIterator[tuple[Path, Children | None]]":
    """The socket to use, with the child processes when the daemon is a private one."""
    if not options.local:
        yield find_socket(options.socket), None
        return
    import tempfile

    from provtui.local import private_daemon

    with contextlib.ExitStack() as stack:
        if temporary:  # a report leaves nothing behind, and finds nothing of before
            state_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="provd-")))
            socket = state_dir / "provd.sock"
        else:
            state_dir, socket = user_state_dir(), options.socket or user_socket()
        async with private_daemon(socket, state_dir) as children:
            yield socket, children


async def _show(options: argparse.Namespace, socket: Path, children: "Children | None") -> None:
    from provtui.app import ProvTui

    _look_for_garbage()
    app = ProvTui(
        lambda: _client(socket),
        readonly=options.readonly,
        start_demo=None if children is None else children.start_demo,
        theme=options.theme,
        low_bandwidth=options.low_bandwidth,
    )
    await app.run_async()


async def _print(socket: Path) -> None:
    from provtui.report import first_round, health_table

    _look_for_garbage()
    async with _client(socket) as client:
        table = health_table(await first_round(client))
    try:
        print(table, flush=True)  # noqa: T201
    except BrokenPipeError:  # who reads has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit


def _client(socket: Path) -> "Client":
    from provd.client import Client

    return Client(socket)


def _look_for_garbage() -> None:
    """All is imported, and stays; what comes from here on may become garbage."""
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    gc.enable()
