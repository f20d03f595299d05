"""A whole provd in this process, on a socket and a store of its own: the real thing, only short-lived."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from provd.client import Client, DaemonUnavailable
from provd.config import Config
from provd.daemon import run_daemon
from provd.schema.provider import Provider, ProviderCreate
from provd.store.engine import STORE_NAME
from tests.fakes.new_store import make_store

Answer = TypeVar("Answer")

PATIENCE_S = 20.0
_ASK_FIRST_S, _ASK_LAST_S = 0.01, 0.1  # a question takes the daemon, in this process, some milliseconds


@dataclass(frozen=True, slots=True)
class RunningDaemon:
    """``client`` is the project's own; ``http`` is bare, for what that one would not send."""

    socket: Path
    state_dir: Path
    client: Client
    http: httpx.AsyncClient

    async def add(self, hostname: str, name: str = "a carrier", **fields: Any) -> Provider:
        """Add a provider; checks are quick unless ``fields`` has its own ``probe``."""
        quick = {"probe": {"interval_s": 1, "timeout_s": 1}}
        new = ProviderCreate.model_validate({"name": name, "hostname": hostname, **quick, **fields})
        return await self.client.create_provider(new)

    async def until(self, provider_id: str, wanted: Callable[[Provider], bool]) -> Provider:
        """Wait until a provider is as ``wanted``."""
        return await eventually(lambda: self.client.provider(provider_id), wanted)

    async def edit_store(self, *statements: str, parameters: Sequence[Any] = ()) -> None:
        """Change the store as another process would; the last statement has the parameters. The daemon goes
        on meanwhile: one that stood still in the middle of a write would never let go of the lock."""

        def edit() -> None:
            with closing(sqlite3.connect(self.state_dir / STORE_NAME)) as store, store:
                for statement in statements[:-1]:
                    store.execute(statement)
                store.execute(statements[-1], parameters)

        await asyncio.to_thread(edit)


async def eventually(ask: Callable[[], Awaitable[Answer]], wanted: Callable[[Answer], bool]) -> Answer:
    """Ask again and again until the answer is as wanted; an AssertionError shows the last one."""
    last: Answer | None = None
    pause_s = _ASK_FIRST_S
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                last = await ask()
                if wanted(last):
                    return last
                await asyncio.sleep(pause_s)
                pause_s = min(1.3 * pause_s, _ASK_LAST_S)
    except TimeoutError:
        raise AssertionError(f"it never came; the last answer was {last!r}") from None


@asynccontextmanager
async def temporary_folder() -> AsyncIterator[Path]:
    """A folder with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="provd-") as folder:
        yield Path(folder)


@asynccontextmanager
async def running_daemon(folder: Path, **sections: dict[str, Any]) -> AsyncIterator[RunningDaemon]:
    """Run a daemon with its files in ``folder``; ``sections`` are the configuration's."""
    socket, state_dir = folder / "provd.sock", folder / "state"
    places = {"socket": str(socket), "state_dir": str(state_dir)}
    config = Config.model_validate({**sections, "daemon": {**places, **sections.get("daemon", {})}})
    _spare_the_migrations(config.daemon.state_dir)
    stop = asyncio.Event()
    running = asyncio.create_task(run_daemon(config, stop))
    transport = httpx.AsyncHTTPTransport(uds=str(socket), verify=False)  # the socket needs no certificates
    try:
        async with (
            Client(socket) as client,
            httpx.AsyncClient(transport=transport, base_url="http://provd", timeout=PATIENCE_S) as http,
        ):
            await _until_it_answers(client, running)
            yield RunningDaemon(socket, state_dir, client, http)
    finally:
        stop.set()
        await running


def _spare_the_migrations(state_dir: Path) -> None:
    """Put a new store where the daemon would make one, if it can."""
    if state_dir.parent.is_dir():
        state_dir.mkdir(mode=0o700, exist_ok=True)
        make_store(state_dir / STORE_NAME)


async def _until_it_answers(client: Client, running: "asyncio.Task[None]") -> None:
    """Wait until the daemon answers or, as its place is taken, has ended; that is raised."""
    asking = asyncio.create_task(_answer(client))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait({asking, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        await asking
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def _answer(client: Client) -> None:
    while True:
        try:
            await client.version()
        except DaemonUnavailable:
            await asyncio.sleep(_ASK_FIRST_S)
        else:
            return
