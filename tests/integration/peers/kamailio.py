"""Kamailio on loopback, without privileges and with little memory."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from . import HOST, running_peer

PROGRAM = shutil.which("kamailio", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")
_CONFIGURATION = Path(__file__).with_name("kamailio.cfg")


@asynccontextmanager
async def running_kamailio(port: int, folder: Path) -> AsyncIterator[None]:
    """Have Kamailio answer OPTIONS at ``port`` for as long as the block lasts."""
    memory = ("-m", "8", "-M", "4")  # MiB: shared, and of each process
    places = ("-f", _CONFIGURATION, "-l", f"udp:{HOST}:{port}", "-Y", folder, "-w", folder)
    async with running_peer([PROGRAM or "kamailio", "-DD", "-E", *memory, *places], port, folder):
        yield
