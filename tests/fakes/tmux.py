"""A program in a terminal that tmux draws: keys go in, the screen comes out."""

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

PROGRAM = shutil.which("tmux")
PATIENCE_S = 30.0
_LOOK_EVERY_S = 0.05
_OF_ANOTHER_TERMINAL = ("LINES", "COLUMNS")
"""What readline leaves in the environment of those that it runs in."""


class Tmux:
    """The terminal; ``socket`` is that of a tmux server of its own."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def screen(self, *, with_sequences: bool = False) -> str:
        """What is on the screen; with the sequences that colour it, if wanted."""
        return await self.run("capture-pane", "-p", *(["-e"] if with_sequences else []))

    async def until(self, *texts: str) -> str:
        """Wait until all of ``texts`` are on the screen; give the screen."""
        seen = ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    seen = await self.screen()
                    if all(text in seen for text in texts):
                        return seen
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            raise AssertionError(f"{texts} never came; the screen was\n{seen}") from None

    async def press(self, *keys: str) -> None:
        """Press keys, by tmux's names of them."""
        await self.run("send-keys", *keys)

    async def type(self, text: str) -> None:
        """Type text."""
        await self.run("send-keys", "-l", "--", text)

    async def run(self, *command: str) -> str:
        """Have tmux do something."""
        inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_TERMINAL}
        process = await asyncio.create_subprocess_exec(
            *(str(PROGRAM), "-f", "/dev/null", "-S", str(self._socket), *command),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**inherited, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


@asynccontextmanager
async def provtui_in_tmux(
    folder: Path, daemon_socket: Path, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Tmux]:
    """Run provtui on a daemon in a terminal of ``size`` (columns, lines), whose socket is in ``folder``."""
    terminal = Tmux(folder / "tmux")
    command = shlex.join([sys.executable, "-m", "provtui", "--socket", str(daemon_socket)])
    columns, lines = map(str, size)
    await terminal.run("new-session", "-d", "-x", columns, "-y", lines, command)
    try:
        yield terminal
    finally:
        await terminal.run("kill-server")
