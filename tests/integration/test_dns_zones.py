"""Names, by a real DNS server whose zone changes while the daemon runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.schema.events import EventType, HealthAddresses
from provd.schema.health import HealthStatus
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .announced import announced
from .conftest import StartCarrier
from .peers.knot import PROGRAM, Knot, running_knot
from .test_checks import is_healthy, is_unhealthy

# skip, as skipif is not counted in one line at the end
pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs Knot DNS: the Debian package knot")]

ZONE = "carrier.test"
HOSTS = "\n".join(f"sbc{number} A 127.0.0.{number}" for number in range(1, 6))


@asynccontextmanager
async def watched_zone(records: str, **sections: Any) -> AsyncIterator[tuple[Knot, RunningDaemon]]:
    async with (
        temporary_folder() as folder,
        temporary_folder() as zone_folder,
        running_knot(zone_folder, ZONE, f"{HOSTS}\n{records}") as knot,
        running_daemon(folder, dns={"nameservers": [knot.address], **sections}) as daemon,
    ):
        yield knot, daemon


def port_of(hostname: str) -> str:
    return hostname.rpartition(":")[2]


async def carriers(start_carrier: StartCarrier, count: int) -> list[tuple[SimulatedCarrier, str]]:
    return [await start_carrier(host=f"127.0.0.{number}") for number in range(1, count + 1)]


async def test_a_bare_name_leads_to_every_server_of_its_srv_records(start_carrier: StartCarrier) -> None:
    first, second = [hostname for _, hostname in await carriers(start_carrier, 2)]
    records = f"_sip._udp SRV 10 60 {port_of(first)} sbc1\n_sip._udp SRV 20 5 {port_of(second)} sbc2"
    async with watched_zone(records) as (_, daemon):
        added = await daemon.add(ZONE)
        found = await daemon.until(added.id, lambda provider: provider.health.targets_up == 2)
        health = await daemon.client.health(added.id)
        assert (found.health.targets_total, found.health_status) == (2, HealthStatus.HEALTHY)
    shown = {each.address: (each.priority, each.weight, each.name, each.status) for each in health.targets}
    assert shown == {
        first: (10, 60, f"sbc1.{ZONE}", HealthStatus.HEALTHY),
        second: (20, 5, f"sbc2.{ZONE}", HealthStatus.HEALTHY),
    }
    assert all(each.stages_ms.dns is not None for each in health.targets)


async def test_with_naptr_its_service_is_asked_for(start_carrier: StartCarrier) -> None:
    wanted, other = [hostname for _, hostname in await carriers(start_carrier, 2)]
    records = "\n".join(
        [
            '@ NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.north',
            '@ NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.north',
            f"_sip._udp.north SRV 10 0 {port_of(wanted)} sbc1",
            f"_sip._udp SRV 10 0 {port_of(other)} sbc2",
        ]
    )
    for naptr, hostname in ((True, wanted), (False, other)):
        async with watched_zone(records, naptr=naptr) as (_, daemon):
            added = await daemon.add(ZONE)
            await daemon.until(added.id, is_healthy)
            (target,) = (await daemon.client.health(added.id)).targets
        assert target.address == hostname


async def test_a_zone_that_changes_is_followed_and_told(start_carrier: StartCarrier) -> None:
    first, second, third = [hostname for _, hostname in await carriers(start_carrier, 3)]

    def records(*hostnames: str) -> str:
        return "\n".join(
            f"_sip._udp SRV 10 0 {port_of(each)} sbc{each.partition(':')[0][-1]}" for each in hostnames
        )

    async with watched_zone(records(first, second)) as (knot, daemon):
        added = await daemon.add(ZONE)
        await daemon.until(added.id, lambda provider: provider.health.targets_up == 2)
        kept_since = (await daemon.client.provider(added.id)).health.since
        await knot.publish(f"{HOSTS}\n{records(second, third)}")
        report = await daemon.client.check_provider(added.id)
        assert {target.address for target in report.targets} == {second, third}
        (event,) = await announced(daemon, EventType.HEALTH_ADDRESSES, added.id, at_least=1)
        told = HealthAddresses.model_validate(event.data)
        assert (set(told.addresses), told.added, told.removed) == ({second, third}, [third], [first])
        found = await daemon.until(added.id, lambda provider: provider.health.targets_up == 2)
        assert (found.health.targets_total, found.health.since) == (2, kept_since)
        by_address = {each.address: each for each in (await daemon.client.health(added.id)).targets}
        assert set(by_address) == {second, third}
        assert len(by_address[second].samples) >= len(by_address[third].samples)
        await daemon.client.check_provider(added.id)
        assert len(await announced(daemon, EventType.HEALTH_ADDRESSES, added.id, at_least=1)) == 1


async def test_the_roll_up_says_how_many_addresses_are_enough(start_carrier: StartCarrier) -> None:
    started = await carriers(start_carrier, 3)
    ports = [port_of(hostname) for _, hostname in started]
    records = "\n".join(f"_sip._udp SRV 10 0 {port} sbc{number}" for number, port in enumerate(ports, 1))
    async with watched_zone(records) as (_, daemon):
        quick = {"interval_s": 1, "timeout_s": 0.3}
        added = {
            rollup: await daemon.add(ZONE, name=rollup, probe={**quick, "rollup": rollup})
            for rollup in ("any", "quorum", "all")
        }
        for dead, expected in enumerate(
            [
                {"any": "healthy", "quorum": "healthy", "all": "healthy"},
                {"any": "healthy", "quorum": "healthy", "all": "unhealthy"},
                {"any": "healthy", "quorum": "unhealthy", "all": "unhealthy"},
                {"any": "unhealthy", "quorum": "unhealthy", "all": "unhealthy"},
            ]
        ):
            if dead:
                started[dead - 1][0].behaviour = Behaviour(silent=True)
            for rollup, status in expected.items():
                found = await daemon.until(
                    added[rollup].id, lambda provider, dead=dead: provider.health.targets_up == 3 - dead
                )
                assert (rollup, found.health_status.value) == (rollup, status)
        started[1][0].behaviour = Behaviour()
        await daemon.until(added["any"].id, is_healthy)
        assert is_unhealthy(await daemon.client.provider(added["quorum"].id))
