"""A private daemon for one user, and the simulated carriers, as child processes.

Each child holds the reading end of a pipe from us as its standard input, and stops in order when we are
gone, however we went.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from provd.client import Client, ClientError, DaemonUnavailable

DEMO_TAG = "demo"
_PRACTICE = "-demo"  # how the names of simulated carriers end
START_WITHIN_S = 15.0
STOP_WITHIN_S = 10.0
_ASK_EVERY_S = 0.05


CALLS = ("GET /version", "GET /v1.0/carriers", "GET /v1.0/providers")
"""The calls of the API that starting makes, as the OpenAPI document writes them."""


class LocalDaemonError(DaemonUnavailable):
    """The private daemon or the demo did not start; ``str()`` says why."""


class Children:
    """The child processes of this run."""

    def __init__(self, socket: Path, state_dir: Path) -> None:
        self.socket = socket
        self._state_dir = state_dir
        self._children: list[asyncio.subprocess.Process] = []
        self._demo_runs = False

    async def start_daemon(self) -> None:
        """Start a daemon, unless one answers at the socket already; returns when it answers."""
        with _its_places():
            if await _answers(self.socket):
                return
            self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = self._state_dir / "provd.log"
        child = await self._spawn(
            log,
            *("run", "--socket", str(self.socket), "--state-dir", str(self._state_dir), "--demo-carriers"),
        )
        try:
            async with asyncio.timeout(START_WITHIN_S):
                while not await _answers(self.socket):
                    if child.returncode is not None:
                        raise LocalDaemonError(_last_words(log))
                    await asyncio.sleep(_ASK_EVERY_S)
        except TimeoutError:
            raise LocalDaemonError(f"provd did not answer within {START_WITHIN_S:g} s: see {log}") from None

    async def start_demo(self) -> None:
        """Start the simulated carriers; returns when they have added their records."""
        if self._demo_runs:
            return
        self._demo_runs = True
        log = self._state_dir / "demo.log"
        child = await self._spawn(log, "demo", "--socket", str(self.socket))
        if child.stdout is not None and not await child.stdout.readline():
            self._demo_runs = False
            raise LocalDaemonError(f"the demo fleet did not start: {_last_words(log)}")

    async def start_demo_if_used(self) -> None:
        """Start the simulated carriers when the store has records of theirs, or trunks set up at them."""
        async with Client(self.socket) as client:
            practice = [each.name for each in await client.carriers() if each.name.endswith(_PRACTICE)]
            signs = ({"tag": DEMO_TAG}, *({"carrier": name} for name in practice))
            pages = [await client.providers(page_size=1, filters=sign) for sign in signs]
        if any(page.result for page in pages):
            await self.start_demo()

    async def stop(self) -> None:
        """Stop what was started, the carriers before the daemon."""
        for child in reversed(self._children):
            if child.stdin is not None:
                child.stdin.close()
            try:
                async with asyncio.timeout(STOP_WITHIN_S):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()

    async def _spawn(self, log: Path, *command: str) -> asyncio.subprocess.Process:
        with _its_places():
            output = log.open("wb")
        with output:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "provd",
                *command,
                "--lifeline",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        self._children.append(child)
        return child


@asynccontextmanager
async def private_daemon(socket: Path, state_dir: Path) -> AsyncIterator[Children]:
    """Run a private daemon for as long as the block lasts."""
    children = Children(socket, state_dir)
    try:
        await children.start_daemon()
        yield children
    finally:
        await children.stop()


@contextlib.contextmanager
def _its_places() -> Iterator[None]:
    """Say of a file or a folder that can't be made which, and who says where it is."""
    try:
        yield
    except OSError as error:
        raise LocalDaemonError(
            f"{error.filename}: {error.strerror}. A private daemon keeps its files under XDG_STATE_HOME "
            "(else ~/.local/state) and XDG_RUNTIME_DIR: name folders there that you may write"
        ) from error


async def _answers(socket: Path) -> bool:
    if not socket.exists():
        return False
    async with Client(socket, timeout_s=2.0) as client:
        with contextlib.suppress(ClientError):
            await client.version()
            return True
    return False


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"provd stopped without a word: see {log}"
