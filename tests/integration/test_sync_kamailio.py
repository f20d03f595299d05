"""A running Kamailio that is told how providers do; and what it reads of an export."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from provd.cli.kamailio.rpc import open_rpc
from provd.demo.behaviour import Behaviour
from provd.routing.dispatcher_states import Destination, destinations
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.route import RouteCreate
from tests.fakes.daemon import RunningDaemon, eventually
from tests.fakes.ports import free_ports
from tests.fakes.programs import Programs
from tests.unit.routing.formats.hostile import NASTY

from .conftest import StartCarrier
from .peers.kamailio import PROGRAM, running_dispatching_kamailio
from .test_checks import is_healthy, is_unhealthy
from .test_provctl import PROVCTL, Ended, run, started
from .test_uplink import is_suspect

pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs Kamailio: the Debian package kamailio")]

QUIET = {"enabled": False}
SOCKETS = ("rpc.sock", "rpc.fifo")


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """A Kamailio that has loaded the daemon's export."""

    folder: Path

    def options(self, socket: str = "rpc.sock") -> tuple[str, ...]:
        return ("--rpc", str(self.folder / socket), "--replies", str(self.folder))

    async def destinations(self) -> list[Destination]:
        rpc = open_rpc(self.folder / "rpc.fifo", self.folder)
        return list(destinations(await asyncio.to_thread(rpc.call, "dispatcher.list")))

    async def flags(self) -> dict[str, str]:
        return {each.duid: each.flags for each in await self.destinations()}

    async def set(self, flags: str, destination: Destination) -> None:
        rpc = open_rpc(self.folder / "rpc.fifo", self.folder)
        params = (flags, destination.set_id, destination.duid)
        await asyncio.to_thread(rpc.call, "dispatcher.set_duid_state", *params)


@asynccontextmanager
async def dispatcher(daemon: RunningDaemon, folder: Path, more: str = "") -> AsyncIterator[Dispatcher]:
    exported = b"".join([piece async for piece in daemon.client.export("kamailio")])
    (folder / "dispatcher.list").write_bytes(exported + more.encode())
    (port,) = free_ports(1)
    async with running_dispatching_kamailio(port, folder):
        yield Dispatcher(folder)


async def sync(programs: Programs, daemon: RunningDaemon, *arguments: str) -> Ended:
    return await run(programs, PROVCTL, "sync", "kamailio", *arguments, PROVD_SOCKET=daemon.socket)


async def fleet(daemon: RunningDaemon, start_carrier: StartCarrier) -> dict[str, Provider]:
    """One of each: well, dead, disabled, in maintenance, never checked."""
    _, hostname = await start_carrier()
    found = {
        "well": await daemon.add(hostname, "well"),
        "dead": await daemon.add("127.0.0.1:9", "dead"),
        "off": await daemon.add(hostname, "off", enabled=False),
        "kept": await daemon.add(hostname, "kept"),
        "unchecked": await daemon.add("192.0.2.1", "unchecked", probe=QUIET),
    }
    await daemon.client.set_maintenance(found["kept"].id, MaintenanceRequest(reason="works"))
    await daemon.until(found["well"].id, is_healthy)
    await daemon.until(found["dead"].id, is_unhealthy)
    return found


async def test_kamailio_has_a_destination_for_each_line_of_an_export_whatever_the_names(
    daemon: RunningDaemon, tmp_path: Path
) -> None:
    made = [
        await daemon.add(
            "192.0.2.1",
            f"{name}.",
            detail=name,
            tech_headers={"X-Nasty": f"{name}."} if name.isprintable() else {},
            probe=QUIET,
        )
        for name in NASTY
    ]
    for priority in (1, 7):
        await daemon.client.create_route(
            RouteCreate(name="-->\\", provider_id=made[0].id, priority=priority, weight=300)
        )
    async with dispatcher(daemon, tmp_path) as kamailio:
        found = await kamailio.destinations()
    assert {each.duid for each in found} == {each.id for each in made}
    assert sorted(each.set_id for each in found if each.duid == made[0].id) == [1, 7]
    assert {each.uri for each in found} == {"sip:192.0.2.1"}
    assert len(found) == len(made) + 1


@pytest.mark.parametrize("socket", SOCKETS)
async def test_states_are_set_from_health_and_from_what_people_said(
    daemon: RunningDaemon, start_carrier: StartCarrier, programs: Programs, tmp_path: Path, socket: str
) -> None:
    found = await fleet(daemon, start_carrier)
    async with dispatcher(daemon, tmp_path) as kamailio:
        shown = await sync(programs, daemon, *kamailio.options(socket), "--dry-run")
        before = await kamailio.flags()
        ended = await sync(programs, daemon, *kamailio.options(socket))
        after = await kamailio.flags()
        again = await sync(programs, daemon, *kamailio.options(socket), "--dry-run")
    assert (shown.code, ended.code, again.code) == (1, 0, 0)
    assert (ended.err, again.err) == ("", "")
    by_name = {name: (before[each.id], after[each.id]) for name, each in found.items()}
    assert by_name == {
        "well": ("AX", "AX"),
        "dead": ("AX", "IX"),
        "off": ("DX", "DX"),
        "kept": ("AX", "DX"),
        "unchecked": ("AX", "AX"),
    }
    assert "5 destinations, 2 differ" in shown.out
    assert "5 destinations, 2 set" in ended.out


async def test_a_destination_of_others_is_left_alone_and_one_that_is_pinged_goes_on_to_be(
    daemon: RunningDaemon, programs: Programs, tmp_path: Path
) -> None:
    dead = await daemon.add("127.0.0.1:9", "dead")
    await daemon.until(dead.id, is_unhealthy)
    async with dispatcher(daemon, tmp_path, "1 sip:127.0.0.1:9 0 0 duid=theirs\n") as kamailio:
        (ours,) = [each for each in await kamailio.destinations() if each.duid == dead.id]
        await kamailio.set("tp", ours)
        ended = await sync(programs, daemon, *kamailio.options(), "-o", "json")
        assert await kamailio.flags() == {dead.id: "IP", "theirs": "AX"}
    told = {each["provider"]: each for each in json.loads(ended.out)["destinations"]}
    assert told["dead"]["kamailio"] == "TP"
    assert (told["dead"]["provd"], told["dead"]["differs"]) == ("I", True)
    assert (told[None]["provd"], told[None]["why"]) == (None, "not a provider of provd")


async def test_a_provider_that_kamailio_does_not_know_is_told(
    daemon: RunningDaemon, programs: Programs, tmp_path: Path
) -> None:
    await daemon.add("192.0.2.1", "known", probe=QUIET)
    async with dispatcher(daemon, tmp_path) as kamailio:
        await daemon.add("192.0.2.2", "newer", probe=QUIET)
        ended = await sync(programs, daemon, *kamailio.options())
    assert ended.code == 0
    assert "no destination for newer" in ended.err
    assert "dispatcher.reload" in ended.err


async def test_following_carries_each_change_over(
    daemon: RunningDaemon, start_carrier: StartCarrier, programs: Programs, tmp_path: Path
) -> None:
    _, hostname = await start_carrier()
    provider = await daemon.add(hostname, "well")
    await daemon.until(provider.id, is_healthy)
    async with dispatcher(daemon, tmp_path) as kamailio:
        arguments = ("sync", "kamailio", *kamailio.options(), "--follow")
        async with started(programs, PROVCTL, *arguments, PROVD_SOCKET=daemon.socket) as following:
            await daemon.client.patch_provider(provider.id, {"enabled": False})
            await eventually(kamailio.flags, lambda flags: flags == {provider.id: "DX"})
            line = await following.stdout.readline()
            await daemon.client.patch_provider(provider.id, {"enabled": True})
            await eventually(kamailio.flags, lambda flags: flags == {provider.id: "AX"})
            following.terminate()
    assert "well: active -> disabled (disabled)" in line.decode()


@pytest.mark.parametrize("socket", SOCKETS)
async def test_a_kamailio_that_is_not_there_is_told_with_what_to_do(
    daemon: RunningDaemon, programs: Programs, tmp_path: Path, socket: str
) -> None:
    ended = await sync(programs, daemon, "--rpc", str(tmp_path / socket))
    assert ended.code == 7
    assert "Is Kamailio running, with the module jsonrpcs?" in ended.err
    async with dispatcher(daemon, tmp_path) as kamailio:
        refused = await sync(programs, daemon, *kamailio.options(socket))
    assert refused.code == 7
    assert "No Destination Sets" in refused.err
    (tmp_path / "plain").touch()
    neither = await sync(programs, daemon, "--rpc", str(tmp_path / "plain"))
    assert (neither.code, "neither a socket nor a FIFO" in neither.err) == (7, True)


async def test_while_our_own_network_is_suspect_nothing_is_set(
    daemon: RunningDaemon, start_carrier: StartCarrier, programs: Programs, tmp_path: Path
) -> None:
    carriers = [await start_carrier() for _ in range(6)]
    made = [await daemon.add(hostname, f"carrier {n}") for n, (_, hostname) in enumerate(carriers)]
    for each in made:
        await daemon.until(each.id, is_healthy)
    async with dispatcher(daemon, tmp_path) as kamailio:
        for carrier, _ in carriers:
            carrier.behaviour = Behaviour(silent=True)
        await eventually(daemon.client.status, is_suspect)
        await daemon.until(made[0].id, is_unhealthy)
        ended = await sync(programs, daemon, *kamailio.options())
        assert set((await kamailio.flags()).values()) == {"AX"}
    assert (ended.code, "own network is suspect" in ended.err) == (7, True)
