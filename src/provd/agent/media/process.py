"""The daemon's end of the process that a call's sound is in."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from provd.sip.sdp import Sound

START_S = 10.0
RESULT_S = 3.0
_LONGEST_WORDS = 200
_MODULE = "provd.agent.media"


class NoSound(Exception):
    """There is no process for the sound, or not any more; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class SoundResult:
    """What became of the sound; all of it is nothing, with a ``note``, when the process did not tell.

    ``first_packet_ms`` counts from the peer's first session description.
    """

    sent: int = 0
    received: int = 0
    loss_pct: float | None = None
    jitter_ms: float | None = None
    first_packet_ms: float | None = None
    audio: str = "none"
    digits_sent: str = ""
    digits_heard: str = ""
    note: str = ""


class SoundProcess:
    """Hears at ``port`` of ``address`` from the beginning of the context to its end, where it is killed.

    The kernel ends it after ``limit_s`` in any case. Entering raises NoSound when it can't be started.
    """

    def __init__(
        self, address: str, limit_s: int, command: Sequence[str] = (), *, result_s: float = RESULT_S
    ) -> None:
        self.port = 0
        self._result_s = result_s
        self._command = [*(command or (sys.executable, "-m", _MODULE)), address, str(limit_s)]
        self._process: Process | None = None

    async def __aenter__(self) -> "SoundProcess":
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
            )
            try:
                async with asyncio.timeout(START_S):
                    self.port = int((await self._answer())["port"])
            except BaseException:
                await self._kill()
                raise
        except (OSError, TimeoutError, NoSound, KeyError, ValueError) as error:
            raise NoSound(
                f"the process for the sound can't be started: {error or 'it says nothing'}"
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._kill()

    @property
    def process(self) -> Process:
        """The process itself, within the context."""
        if self._process is None:
            raise NoSound("the process for the sound was not started")
        return self._process

    def speak(self, sound: Sound) -> None:
        """Send to where ``sound`` is heard, from now on."""
        muted = sound.on_hold or sound.direction == "inactive"
        self._tell(
            do="speak",
            address=sound.address,
            port=sound.port,
            payload=sound.payloads[0],
            events=sound.events,
            muted=muted,
        )

    def send_digits(self, digits: str) -> None:
        """Send digits, if the peer takes them."""
        self._tell(do="digits", digits=digits)

    async def stop(self) -> SoundResult:
        """What became of it all."""
        self._tell(do="stop")
        try:
            async with asyncio.timeout(self._result_s):
                return SoundResult(**await self._answer())
        except (TimeoutError, NoSound, TypeError, ValueError) as error:
            return SoundResult(note=str(error) or "the process for the sound got stuck, and was killed")

    def _tell(self, **what: object) -> None:
        stdin = self.process.stdin
        if stdin is not None:
            with suppress(OSError):  # it has ended: ``stop`` says so
                stdin.write(json.dumps(what).encode() + b"\n")

    async def _answer(self) -> dict[str, Any]:
        process = self.process
        line = b"" if process.stdout is None else await process.stdout.readline()
        if not line.endswith(b"\n"):
            told = b"" if process.stderr is None else await process.stderr.read()
            lines = told.decode(errors="replace").strip().splitlines()
            said = "".join(each for each in lines[-1] if each.isprintable())[:_LONGEST_WORDS] if lines else ""
            raise NoSound(f"the process for the sound ended by itself{f': {said}' if said else ''}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _kill(self) -> None:
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
