"""SIPp on loopback, doing as a scenario says."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from . import HOST, free_port, running_peer

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


async def requests_seen(folder: Path) -> list[str]:
    """The Call-ID of each request that SIPp got, in order; a retransmission has that of its request."""
    log = (folder / "messages.log").read_text()
    return re.findall(r"^UDP message received .*?^Call-ID: (\S+)$", log, re.DOTALL | re.MULTILINE)
