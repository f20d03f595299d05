"""SIPp on loopback, doing as a scenario says."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.ports import free_port

from . import HOST, running_peer

PROGRAM = shutil.which("sipp")
_SCENARIOS = Path(__file__).with_name("scenarios")


@asynccontextmanager
async def running_sipp(scenario: str, folder: Path) -> AsyncIterator[str]:
    """Have SIPp play ``scenario`` to every new Call-ID; answers the hostname that leads to it."""
    port = free_port()
    places = ("-sf", _SCENARIOS / f"{scenario}.xml", "-i", HOST, "-p", str(port), "-ci", HOST)
    log = ("-trace_msg", "-message_file", folder / "messages.log")
    async with running_peer([PROGRAM or "sipp", *places, *log, "-nostdin"], port, folder):
        yield f"{HOST}:{port}"


async def place_call(number: str, proxy: str, folder: Path) -> None:
    """Have SIPp call ``number`` by way of ``proxy`` and hang up; an AssertionError when it gets no answer."""
    await play("caller", number, proxy, folder)


async def play(
    scenario: str,
    number: str,
    proxy: str,
    folder: Path,
    *,
    calls: int = 1,
    per_s: int = 10,
    tcp: bool = False,
) -> None:
    """Have SIPp play a calling scenario so many times; an AssertionError unless all go as it says."""
    places = ("-sf", _SCENARIOS / f"{scenario}.xml", "-i", HOST, "-p", str(free_port()), "-ci", HOST)
    often = (
        "-m",
        str(calls),
        "-r",
        str(per_s),
        "-timeout",
        "30s",
        "-timeout_error",
        "-nostdin",
        "-s",
        number,
    )
    over = ("-t", "t1") if tcp else ()
    process = await asyncio.create_subprocess_exec(
        PROGRAM or "sipp",
        *places,
        *often,
        *over,
        proxy,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode(errors="replace")


async def invites_seen(folder: Path) -> list[str]:
    """The Request-URI, up to its host, of each INVITE that SIPp got."""
    log = (folder / "messages.log").read_text()
    return re.findall(r"^UDP message received .*?^INVITE ([^@ ]+)@", log, re.DOTALL | re.MULTILINE)


async def requests_seen(folder: Path) -> list[str]:
    """The Call-ID of each request that SIPp got, in order; a retransmission has that of its request."""
    log = (folder / "messages.log").read_text()
    return re.findall(r"^UDP message received .*?^Call-ID: (\S+)$", log, re.DOTALL | re.MULTILINE)
