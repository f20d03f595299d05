"""What a carrier receives: the OPTIONS request, as a provider's settings and the daemon's shape it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from provd.client.errors import ClientError
from provd.schema.provider import Transport
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.ports import free_port

from .conftest import StartCarrier
from .peers import HOST
from .peers.recording import RecordingPeer, recording_peer
from .test_api_providers import BODY
from .test_checks import is_healthy


@pytest.fixture(params=[Transport.UDP, Transport.TCP])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[RecordingPeer]:
    async with recording_peer(request.param) as running:
        yield running


async def test_without_settings_it_is_as_the_rfc_wants_it(daemon: RunningDaemon, peer: RecordingPeer) -> None:
    added = await daemon.add(peer.hostname, transport=peer.transport)
    await daemon.client.check_provider(added.id)
    request = peer.requests[0]
    assert (request.method, request.uri, request.body) == ("OPTIONS", f"sip:{peer.hostname}", b"")
    via = request.top_via
    assert len(request.vias) == 1
    assert via.transport == peer.transport.value.upper()
    assert "rport" in via.params
    assert str(via.branch).startswith("z9hG4bK")
    if peer.transport is Transport.UDP:
        assert (via.host, via.port) == peer.sources[0]
    over = ";transport=tcp" if peer.transport is Transport.TCP else ""
    ours = f"sip:provd@{via.host}:{via.port}"
    assert str(request.headers.get("From")).startswith(f"<{ours}>;tag=")
    assert request.headers.get("To") == f"<sip:{peer.hostname}>"
    assert request.headers.get("Contact") == f"<{ours}{over}>"
    assert (request.cseq.number, request.cseq.method) == (1, "OPTIONS")
    assert (request.max_forwards, request.content_length) == (70, 0)
    assert request.headers.get("Accept") == "application/sdp"
    assert request.headers.get("User-Agent") == "provd"


async def test_every_setting_of_a_provider_shows(daemon: RunningDaemon, peer: RecordingPeer) -> None:
    probe = {
        "interval_s": 1,
        "timeout_s": 1,
        "from_uri": "sip:watch@sbc.example.com",
        "contact": "sip:sbc.example.com:5062",
        "user_agent": "Example SBC 1.0",
        "max_forwards": 5,
        "headers": {"X-Site": "north", "X-Role": "monitor"},
        "send_tech_headers": True,
    }
    tech = {"X-Trunk-Key": "k=1; v=2"}
    added = await daemon.add(peer.hostname, transport=peer.transport, probe=probe, tech_headers=tech)
    await daemon.client.check_provider(added.id)
    headers = peer.requests[0].headers
    assert str(headers.get("From")).startswith("<sip:watch@sbc.example.com>;tag=")
    assert headers.get("Contact") == "<sip:sbc.example.com:5062>"
    assert headers.get_all("User-Agent") == ("Example SBC 1.0",)
    assert headers.get("Max-Forwards") == "5"
    assert (headers.get("X-Site"), headers.get("X-Role")) == ("north", "monitor")
    assert headers.get("X-Trunk-Key") == "k=1; v=2"


async def test_tech_headers_stay_at_home_unless_they_are_to_be_sent(
    daemon: RunningDaemon, peer: RecordingPeer
) -> None:
    tech = {"X-Trunk-Key": "secret"}
    added = await daemon.add(peer.hostname, transport=peer.transport, tech_headers=tech)
    await daemon.client.check_provider(added.id)
    assert "X-Trunk-Key" not in peer.requests[0].headers


async def test_a_tech_header_that_every_check_carries_is_not_sent_twice(
    daemon: RunningDaemon, peer: RecordingPeer
) -> None:
    added = await daemon.add(
        peer.hostname,
        transport=peer.transport,
        tech_headers={"User-Agent": "dialplan"},
        probe={"send_tech_headers": True},
    )
    await daemon.client.check_provider(added.id)
    assert len(peer.requests[0].headers.get_all("User-Agent")) == 1


async def test_the_daemons_settings_hold_where_a_provider_has_none(peer: RecordingPeer) -> None:
    ours = {
        "from_uri": "sip:fleet@example.com",
        "contact": "sip:fleet@example.com:5070",
        "user_agent": "fleet",
        "max_forwards": 9,
        "interval_s": 1,
        "timeout_s": 1,
    }
    async with temporary_folder() as folder, running_daemon(folder, probe=ours) as daemon:
        added = await daemon.add(peer.hostname, transport=peer.transport, probe={"user_agent": "own"})
        await daemon.client.check_provider(added.id)
    headers = peer.requests[0].headers
    assert str(headers.get("From")).startswith("<sip:fleet@example.com>;tag=")
    assert headers.get("Contact") == "<sip:fleet@example.com:5070>"
    assert (headers.get("User-Agent"), headers.get("Max-Forwards")) == ("own", "9")


async def test_a_change_of_shape_shows_in_the_next_request(
    daemon: RunningDaemon, peer: RecordingPeer
) -> None:
    added = await daemon.add(peer.hostname, transport=peer.transport)
    await daemon.client.check_provider(added.id)
    probe = {"interval_s": 1, "timeout_s": 1, "user_agent": "renewed"}
    await daemon.client.patch_provider(added.id, {"probe": probe})
    seen = len(peer.requests)
    await eventually(peer.count, lambda count: count > seen)
    assert peer.requests[-1].headers.get("User-Agent") == "renewed"
    assert is_healthy(await daemon.client.provider(added.id))


async def test_a_provider_chooses_where_its_checks_come_from(daemon: RunningDaemon) -> None:
    port = free_port()
    probe = {"interval_s": 1, "timeout_s": 1, "bind": f"127.0.0.9:{port}"}
    async with recording_peer() as peer:
        added = await daemon.add(peer.hostname, probe=probe)
        await daemon.client.check_provider(added.id)
    assert peer.sources[0] == ("127.0.0.9", port)
    via = peer.requests[0].top_via
    assert (via.host, via.port) == ("127.0.0.9", port)
    assert peer.requests[0].headers.get("Contact") == f"<sip:provd@127.0.0.9:{port}>"


async def test_the_daemons_own_address_is_where_checks_come_from() -> None:
    port = free_port()
    async with (
        temporary_folder() as folder,
        running_daemon(folder, probe={"bind": f"{HOST}:{port}"}) as daemon,
        recording_peer() as peer,
    ):
        await daemon.client.check_provider((await daemon.add(peer.hostname)).id)
    assert peer.sources[0] == (HOST, port)


async def test_an_address_that_is_not_ours_is_a_local_failure_and_harms_nobody_else(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    beside = await daemon.add(hostname)
    probe = {"interval_s": 1, "timeout_s": 1, "bind": "192.0.2.77:0"}
    for transport in (Transport.UDP, Transport.TCP):
        added = await daemon.add(hostname, transport=transport, probe=probe)
        found = await daemon.until(added.id, lambda provider: provider.health.cause is not None)
        assert (found.health_status, found.health.cause) == ("unknown", "local")
        assert found.health.next_step
    assert is_healthy(await daemon.until(beside.id, is_healthy))


async def test_teams_sees_our_own_name_in_from_and_contact(
    daemon: RunningDaemon, peer: RecordingPeer
) -> None:
    contact = "sip:sbc.example.com:5061;transport=tls"
    probe = {"interval_s": 1, "timeout_s": 1, "preset": "teams", "contact": contact}
    added = await daemon.add(peer.hostname, transport=peer.transport, probe=probe)
    assert any("Microsoft Teams answers over TLS only" in each for each in added.warnings)
    await daemon.client.check_provider(added.id)
    headers = peer.requests[0].headers
    assert headers.get("Contact") == f"<{contact}>"
    assert str(headers.get("From")).startswith("<sip:sbc.example.com:5061>;tag=")


async def test_teams_without_our_own_name_is_refused(daemon: RunningDaemon) -> None:
    answer = await daemon.http.post("/v1.0/providers", json=BODY | {"probe": {"preset": "teams"}})
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "preset teams needs contact with the SBC's own FQDN" in answer.text


async def test_a_carriers_own_limit_is_kept_and_told(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    twilio, hostname = await start_carrier()
    other, beside = await start_carrier()
    probe = {"interval_s": 1, "timeout_s": 1, "codes": "2xx", "fall": 2}
    added = await daemon.add(hostname, carrier="Twilio", probe=probe)
    assert added.warnings == [
        "Twilio bans who checks it more often than every 15 s: it is checked every 15 s, not every 1 s"
    ]
    await daemon.until(added.id, is_healthy)
    refused = await daemon.http.post(f"/v1.0/providers/{added.id}/check")
    assert refused.status_code == httpx.codes.TOO_MANY_REQUESTS
    assert re.search(r"Twilio bans .* every 15 s: check again in 1[45] s", refused.text)
    assert refused.headers["Retry-After"] in {"14", "15"}
    await daemon.add(beside)
    await eventually(lambda: _count(other), lambda count: count >= 4)
    assert twilio.requests == 1


async def test_the_limit_is_kept_for_one_that_is_not_watched(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    twilio, hostname = await start_carrier()
    added = await daemon.add(hostname, carrier="Twilio", enabled=False)
    await daemon.client.check_provider(added.id)
    with pytest.raises(ClientError, match="check again in 15 s"):
        await daemon.client.check_provider(added.id)
    assert twilio.requests == 1


async def _count(carrier: object) -> int:
    return int(carrier.requests)  # type: ignore[attr-defined]


async def test_a_carriers_own_limit_is_kept_when_a_provider_is_disabled_and_enabled(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    twilio, hostname = await start_carrier()
    other, elsewhere = await start_carrier()
    added = await daemon.add(hostname, carrier="twilio", probe={"timeout_s": 1})
    await daemon.until(added.id, is_healthy)
    for enabled in (False, True):
        changed = await daemon.http.patch(f"/v1.0/providers/{added.id}", json={"enabled": enabled})
        assert changed.status_code == httpx.codes.OK
    refused = await daemon.http.post(f"/v1.0/providers/{added.id}/check")
    assert refused.status_code == httpx.codes.TOO_MANY_REQUESTS
    await daemon.add(elsewhere)
    await eventually(lambda: _count(other), lambda count: count > 2)  # the first check comes within a second
    assert twilio.requests == 1
