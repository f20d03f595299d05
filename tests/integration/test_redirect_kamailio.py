"""Calls through a real Kamailio that asks us where they go: SIPp, Kamailio, our 302, a carrier."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from provd.schema.route import RouteCreate
from provd.sip.message import Request
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.ports import free_ports

from .callers import LONDON
from .peers import HOST
from .peers.kamailio import PROGRAM, REDIRECT_MODULE, running_redirected_kamailio
from .peers.recording import RecordingPeer, ok, recording_peer
from .peers.sipp import PROGRAM as SIPP
from .peers.sipp import invites_seen, place_call, running_sipp
from .test_checks import is_healthy, is_unhealthy

# skip, as skipif is not counted in one line at the end
pytestmark = (
    []
    if PROGRAM and REDIRECT_MODULE and SIPP
    else [pytest.mark.skip(reason="needs Kamailio and SIPp: the Debian packages kamailio and sip-tester")]
)


@dataclass(frozen=True)
class Network:
    """``proxy`` is Kamailio's address; ``first`` the carrier that is tried first, ``folder`` has what the
    second got."""

    daemon: RunningDaemon
    first: RecordingPeer
    first_id: str
    proxy: str
    folder: Path

    def invites_of_first(self) -> list[Request]:
        return [each for each in self.first.requests if each.method == "INVITE"]


def deaf_to_calls(request: Request) -> bytes | None:
    return ok(request) if request.method == "OPTIONS" else None


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    port, proxy_port = free_ports(2)
    second_folder, proxy_folder = tmp_path / "second", tmp_path / "proxy"
    second_folder.mkdir()
    proxy_folder.mkdir()
    section = {"listen": [f"udp:{HOST}:{port}"]}
    async with (
        temporary_folder() as folder,
        running_daemon(folder, redirect=section) as daemon,
        recording_peer() as first,
        running_sipp("carrier", second_folder) as second,
        running_redirected_kamailio(proxy_port, proxy_folder, f"sip:{HOST}:{port}"),
    ):
        first.reply = deaf_to_calls
        preferred = await daemon.add(first.hostname, "first", tech_prefix="11")
        spare = await daemon.add(second, "second", tech_prefix="22", probe={"enabled": False})
        for priority, provider in enumerate((preferred, spare)):
            new = RouteCreate(name=provider.name, provider_id=provider.id, target="+44", priority=priority)
            await daemon.client.create_route(new)
        await daemon.until(preferred.id, is_healthy)
        yield Network(daemon, first, preferred.id, f"{HOST}:{proxy_port}", second_folder)


async def test_when_the_first_carrier_is_dead_the_second_answers_with_its_own_number(
    network: Network, tmp_path: Path
) -> None:
    await place_call(LONDON, network.proxy, tmp_path)
    assert {each.uri.partition("@")[0] for each in network.invites_of_first()} == {f"sip:11{LONDON}"}
    assert await invites_seen(network.folder) == [f"sip:22{LONDON}"]
    (told,) = (await network.daemon.client.redirects()).result
    assert [each.provider for each in told.attempts] == ["first", "second"]
    assert (told.number, told.caller, told.code) == (LONDON, "+4930123", 302)


async def test_a_carrier_that_is_known_to_be_unhealthy_is_not_even_tried(
    network: Network, tmp_path: Path
) -> None:
    network.first.reply = lambda _: None
    await network.daemon.until(network.first_id, is_unhealthy)
    await place_call(LONDON, network.proxy, tmp_path)
    assert network.invites_of_first() == []
    assert await invites_seen(network.folder) == [f"sip:22{LONDON}"]
    (told,) = (await network.daemon.client.redirects()).result
    assert [each.provider for each in told.attempts] == ["second"]
    assert [(each.provider, each.reason) for each in told.skipped] == [("first", "unhealthy")]
