"""The daemon checks a real Kamailio over TCP and TLS: well, dead, and back, and one that wants to know us."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provd.schema.health import Cause
from provd.schema.provider import Provider, Transport
from tests.fakes.certificates import Authority, Identity
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.ports import free_ports

from .peers import HOST
from .peers.kamailio import PROGRAM, TLS_MODULE, running_tls_kamailio
from .test_checks import is_healthy, is_unhealthy

# skip, as skipif is not counted in one line at the end
pytestmark = (
    []
    if PROGRAM and TLS_MODULE
    else [
        pytest.mark.skip(reason="needs Kamailio with TLS: the Debian packages kamailio, kamailio-tls-modules")
    ]
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "root")


@pytest.fixture
def identity(authority: Authority) -> Identity:
    return authority.issue(HOST, expires_in=timedelta(days=90))


def trusting(authority: Authority, ours: Identity | None = None) -> dict[str, str]:
    shown = {} if ours is None else {"cert_file": str(ours.cert_file), "key_file": str(ours.key_file)}
    return {"ca_file": str(authority.cert_file), **shown}


async def add(daemon: RunningDaemon, ports: Sequence[int], transport: Transport, **fields: Any) -> Provider:
    port = ports[transport is Transport.TLS]
    return await daemon.add(f"{HOST}:{port}", transport=transport, **fields)


async def connections(daemon: RunningDaemon, provider_id: str, count: int) -> set[str]:
    """Check so many times; the numbers of the connections that Kamailio saw."""
    for _ in range(count):
        await daemon.client.check_provider(provider_id)
    trace = (await daemon.client.trace(provider_id)).result
    return {number for each in trace for number in re.findall(r"X-Connection: (\d+)", each.received)}


async def test_kamailio_is_healthy_over_every_transport_on_one_connection_each(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    ports = free_ports(2)
    async with (
        temporary_folder() as folder,
        running_daemon(folder, tls=trusting(authority)) as daemon,
        running_tls_kamailio(ports, tmp_path, identity),
    ):
        for transport in Transport:
            added = await add(daemon, ports, transport)
            found = await daemon.until(added.id, is_healthy)
            assert (found.health.cause, found.health.code) == (Cause.OK, 200)
            assert str(found.health.server).startswith("kamailio (")
            if transport is Transport.UDP:
                continue
            assert len(await connections(daemon, added.id, 3)) == 1
            (target,) = (await daemon.client.health(added.id)).targets
            assert target.stages_ms.connect is not None
            assert (target.stages_ms.tls is None) == (target.certificate is None)
            assert (target.certificate is None) == (transport is Transport.TCP)
            anew = await add(daemon, ports, transport, probe={"interval_s": 600, "reuse": False})
            await daemon.until(anew.id, is_healthy)
            assert len(await connections(daemon, anew.id, 2)) == 3
        status = await daemon.client.status()
    assert (status.monitor.connections, status.monitor.strays_total) == (2, 0)


async def test_a_kamailio_that_stops_is_refused_until_it_is_started_again(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    ports = free_ports(2)
    async with (
        temporary_folder() as folder,
        running_daemon(folder, tls=trusting(authority)) as daemon,
    ):
        async with running_tls_kamailio(ports, tmp_path, identity):
            added = [await add(daemon, ports, each) for each in (Transport.TCP, Transport.TLS)]
            for provider in added:
                await daemon.until(provider.id, is_healthy)
        for provider in added:
            down = await daemon.until(provider.id, is_unhealthy)
            assert down.health.cause is Cause.REFUSED
            assert down.health.next_step
        async with running_tls_kamailio(ports, tmp_path, identity):
            for provider in added:
                back = await daemon.until(provider.id, is_healthy)
                assert (back.health.cause, back.health.code) == (Cause.OK, 200)


async def test_a_kamailio_of_a_private_issuer_is_trusted_by_configuration_only(
    identity: Identity, tmp_path: Path
) -> None:
    ports = free_ports(2)
    async with (
        running_tls_kamailio(ports, tmp_path, identity),
        temporary_folder() as folder,
        running_daemon(folder) as daemon,
    ):
        down = await daemon.until((await add(daemon, ports, Transport.TLS)).id, is_unhealthy)
    assert down.health.cause is Cause.TLS_VERIFY
    assert "[tls] ca_file" in str(down.health.next_step)


async def test_a_kamailio_that_wants_a_certificate_gets_ours(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    ports = free_ports(2)
    ours = authority.issue("sbc.example.com")
    async with running_tls_kamailio(ports, tmp_path, identity, authority.cert_file):
        async with (
            temporary_folder() as folder,
            running_daemon(folder, tls=trusting(authority)) as daemon,
        ):
            down = await daemon.until((await add(daemon, ports, Transport.TLS)).id, is_unhealthy)
        assert down.health.cause is Cause.TLS_ERROR
        assert "wants a client certificate" in down.health.explanation
        assert "[tls] cert_file" in str(down.health.next_step)
        async with (
            temporary_folder() as folder,
            running_daemon(folder, tls=trusting(authority, ours)) as daemon,
        ):
            await daemon.until((await add(daemon, ports, Transport.TLS)).id, is_healthy)
