"""Knot DNS on loopback, without privileges, serving one zone that can be changed while it runs."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.ports import free_port

from . import HOST, running_peer

_PATH = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin"
PROGRAM = shutil.which("knotd", path=_PATH)
_CONTROL = shutil.which("knotc", path=_PATH)

_CONFIGURATION = """
server:
    rundir: "{folder}"
    listen: {host}@{port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: "{folder}/knot.sock"
database:
    storage: "{folder}/db"
log:
  - target: stderr
    any: info
zone:
  - domain: {zone}
    file: "{folder}/zone"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
"""
_START_OF_ZONE = """
$ORIGIN {zone}.
$TTL {ttl_s}
@ SOA ns admin {serial} 3600 600 86400 {negative_ttl_s}
@ NS ns
ns A {host}
"""


class Knot:
    """A running server. ``address`` is for Resolver, ``zone`` the name of what it serves."""

    def __init__(self, folder: Path, zone: str) -> None:
        port = free_port()
        self.port = port
        self.address = f"{HOST}:{port}"
        self.zone = zone
        self.configuration = folder / "knot.conf"
        self.configuration.write_text(_CONFIGURATION.format(folder=folder, host=HOST, port=port, zone=zone))
        self._zone_file = folder / "zone"
        self._serial = 0

    def write(self, records: str, *, ttl_s: int = 60, negative_ttl_s: int = 60) -> None:
        """Write the zone: ``records`` as zone files have them, relative to the zone, beside SOA and NS."""
        self._serial += 1
        start = _START_OF_ZONE.format(
            host=HOST, zone=self.zone, serial=self._serial, ttl_s=ttl_s, negative_ttl_s=negative_ttl_s
        )
        self._zone_file.write_text(start + records)

    async def publish(self, records: str, *, ttl_s: int = 60, negative_ttl_s: int = 60) -> None:
        """Serve other records from now on."""
        self.write(records, ttl_s=ttl_s, negative_ttl_s=negative_ttl_s)
        control = await asyncio.create_subprocess_exec(
            *(_CONTROL or "knotc", "-c", self.configuration, "-b", "zone-reload", self.zone),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await control.communicate()
        if control.returncode != 0:
            raise AssertionError(f"the zone was not reloaded: {said.decode(errors='replace')}")


@asynccontextmanager
async def running_knot(folder: Path, zone: str, records: str, *, ttl_s: int = 60) -> AsyncIterator[Knot]:
    """Serve a zone for as long as the block lasts. ``folder`` must have a path short enough for a socket."""
    knot = Knot(folder, zone)
    knot.write(records, ttl_s=ttl_s)
    async with running_peer([PROGRAM or "knotd", "-c", knot.configuration], knot.port, folder):
        yield knot
