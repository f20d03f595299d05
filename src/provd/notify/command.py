"""To a program on this machine: its arguments are as configured, the message is in its environment."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from provd.notify.base import Note, NotSent

TIMEOUT_S = 30.0
_MAX_VALUE = 32 * 1024  # of one variable; Linux takes 128 KiB
_KEPT = 200


class CommandSender:
    """Runs a program, without a shell; its environment is PATH, HOME, the language, and PROVD_ALERT_*.

    It has sent when it exits with 0 within ``timeout_s``; what runs longer is killed, with all it started.
    """

    def __init__(self, command: Sequence[str], timeout_s: float = TIMEOUT_S) -> None:
        self._command = list(command)
        self._timeout_s = timeout_s

    async def send(self, note: Note) -> None:
        """Run it once."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env=_environment(note),
                start_new_session=True,
            )
        except OSError as error:
            raise NotSent(f"{self._command[0]} can't be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._timeout_s):
                said = await _last_words(process)
                code = await process.wait()
        except TimeoutError:
            raise NotSent(
                f"{self._command[0]} did not end within {self._timeout_s:g} s, and was killed"
            ) from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if code:
            raise NotSent(f"{self._command[0]} ended with {code}" + (f": {said}" if said else ""))


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """The last line that it wrote on stderr; the rest is read and dropped."""
    last = b""
    while process.stderr is not None and (chunk := await process.stderr.read(4096)):
        last = (last + chunk)[-1024:]
    lines = last.decode(errors="replace").strip().splitlines()
    return "".join(each for each in lines[-1] if each.isprintable())[:_KEPT] if lines else ""


def _environment(note: Note) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    told = {
        "ID": note.id,
        "SEVERITY": note.severity,
        "WHAT": note.what,
        "TITLE": note.title,
        "BODY": note.body,
        "JSON": json.dumps(note.data),
    }
    return kept | {f"PROVD_ALERT_{name}": _fitting(value) for name, value in told.items()}


def _fitting(text: str) -> str:
    return text.replace("\0", "").encode()[:_MAX_VALUE].decode(errors="ignore")
