"""Checks over TLS by the whole daemon, with certificates that the real ``openssl`` made."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from provd.probe.stream.tls import TlsFilesError
from provd.schema.alerts import AlertState
from provd.schema.events import EventType, HealthCertificate
from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Provider, Transport
from tests.fakes.certificates import Identity
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.dns import FakeDns, fake_dns
from tests.unit.probe.stream.peers import (
    Peer,
    always_ok,
    refusing_tls_peer,
    running_peer,
    says,
    server_context,
)

from .announced import announced
from .peers.certified import PROGRAM, OpenSslAuthority, made_authority
from .test_checks import is_checked, is_healthy, is_unhealthy

# skip, as skipif is not counted in one line at the end
pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs openssl: the Debian package openssl")]

IP = "IP:127.0.0.1"


@pytest.fixture
async def authority(tmp_path: Path) -> OpenSslAuthority:
    return await made_authority(tmp_path)


@pytest.fixture
async def dns() -> AsyncIterator[FakeDns]:
    async with fake_dns() as server:
        yield server


@pytest.fixture
async def daemon(authority: OpenSslAuthority, dns: FakeDns) -> AsyncIterator[RunningDaemon]:
    """One that trusts the authority."""
    sections: dict[str, Any] = {
        "tls": {"ca_file": str(authority.cert_file)},
        "dns": {"nameservers": [dns.address]},
    }
    async with temporary_folder() as folder, running_daemon(folder, **sections) as running:
        yield running


@asynccontextmanager
async def carrier(identity: Identity, client_ca: Path | None = None) -> AsyncIterator[tuple[Peer, str]]:
    """A carrier over TLS that answers 200, and the hostname that leads to it."""
    context = server_context(identity, None if client_ca is None else str(client_ca))
    async with running_peer(always_ok, context) as peer:
        yield peer, f"{peer.address[0]}:{peer.address[1]}"


async def add(daemon: RunningDaemon, hostname: str, **probe: Any) -> Provider:
    quick = {"interval_s": 1, "timeout_s": 1, **probe}
    return await daemon.add(hostname, transport=Transport.TLS, probe=quick)


async def test_a_good_certificate_is_healthy_and_shown(
    daemon: RunningDaemon, authority: OpenSslAuthority
) -> None:
    async with carrier(await authority.issue(IP, ends_in=timedelta(days=60, hours=1))) as (peer, hostname):
        added = await add(daemon, hostname)
        found = await daemon.until(added.id, is_healthy)
        assert (found.health.cause, found.health.code, found.health.tls_days_left) == (Cause.OK, 200, 60)
        await daemon.until(added.id, lambda provider: len(provider.health.recent) >= 3)
        report = await daemon.client.check_provider(added.id)
        health = await daemon.client.health(added.id)
        assert len(peer.visits) == 1  # one connection for all of these
    (target,), (shown,) = report.targets, health.targets
    assert target.certificate is not None
    assert target.certificate == shown.certificate
    assert target.certificate.subject == "CN=127.0.0.1,O=Carrier"
    assert target.certificate.issuer == "CN=Example Root,O=Example"
    assert target.certificate.days_left == 60
    assert (shown.address, shown.transport, shown.status) == (
        hostname,
        Transport.TLS,
        HealthStatus.HEALTHY,
    )
    assert shown.stages_ms.connect is not None
    assert shown.stages_ms.tls is not None
    assert shown.stages_ms.sip is not None
    assert (target.stages_ms.connect, target.stages_ms.tls) == (None, None)  # it was open already


async def test_without_reuse_each_check_has_a_connection_of_its_own(
    daemon: RunningDaemon, authority: OpenSslAuthority
) -> None:
    async with carrier(await authority.issue(IP)) as (peer, hostname):
        added = await add(daemon, hostname, reuse=False)
        await daemon.until(added.id, lambda provider: len(provider.health.recent) >= 2)
        report = await daemon.client.check_provider(added.id)
        assert len(peer.visits) >= 3
        status = await eventually(daemon.client.status, lambda status: not status.monitor.connections)
    assert report.targets[0].stages_ms.tls is not None
    assert status.monitor.strays_total == 0


@pytest.mark.parametrize(
    ("names", "ends_in", "words"),
    [
        (IP, timedelta(hours=-1), "expired"),
        ("DNS:other.example", timedelta(days=60), "mismatch"),
        ("IP:127.0.0.2", timedelta(days=60), "mismatch"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_unhealthy_and_shown(
    daemon: RunningDaemon, authority: OpenSslAuthority, names: str, ends_in: timedelta, words: str
) -> None:
    async with carrier(await authority.issue(names, ends_in=ends_in)) as (_, hostname):
        added = await add(daemon, hostname)
        down = await daemon.until(added.id, is_unhealthy)
        (shown,) = (await daemon.client.health(added.id)).targets
        report = await daemon.client.check_provider(added.id)
    assert down.health.cause is Cause.TLS_VERIFY
    assert words in down.health.explanation
    assert "[tls] ca_file" in str(down.health.next_step)
    for certificate in (shown.certificate, report.targets[0].certificate):
        assert certificate is not None
        assert certificate.subject.endswith(",O=Carrier")
        assert (certificate.days_left < 0) == (ends_in < timedelta())


async def test_a_certificate_that_ends_soon_is_told_as_an_alert(
    authority: OpenSslAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provd.services.alerts.keeper.TICK_S", 0.05)
    rules = {"ends": {"metric": "tls_days_left", "below": 14}}
    alerts = {"group_wait_s": 0.2, "rules": rules, "built_in": False}
    sections: dict[str, Any] = {"tls": {"ca_file": str(authority.cert_file)}, "alerts": alerts}
    soon, later = [await authority.issue(IP, ends_in=timedelta(days=days, hours=1)) for days in (10, 60)]
    async with (
        temporary_folder() as folder,
        running_daemon(folder, **sections) as daemon,
        carrier(soon) as (_, hostname),
        carrier(later) as (_, another),
    ):
        added = await add(daemon, hostname)
        other = await add(daemon, another)
        for each in (added, other):
            await daemon.until(each.id, is_healthy)
        page = await eventually(daemon.client.alerts.page, lambda page: bool(page.result))
    assert [each.provider_id for each in page.result[0].providers] == [added.id]
    assert page.result[0].providers[0].value == "certificate's days left is 10"


async def test_a_restart_while_a_carrier_is_away_renews_no_certificate(
    authority: OpenSslAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provd.services.alerts.keeper.TICK_S", 0.05)
    monkeypatch.setattr("provd.services.alerts.keeper.ROUND_EVERY_S", 0.2)
    rules = {"ends": {"metric": "tls_days_left", "below": 14}, "down": {"metric": "health"}}
    alerts = {"group_wait_s": 0.2, "clear_s": 0, "rules": rules, "built_in": False}
    sections: dict[str, Any] = {"tls": {"ca_file": str(authority.cert_file)}, "alerts": alerts}
    soon, later = [await authority.issue(IP, ends_in=timedelta(days=days, hours=1)) for days in (5, 60)]
    async with temporary_folder() as folder, carrier(later) as (_, renewed):
        async with running_daemon(folder, **sections) as daemon, carrier(soon) as (_, hostname):
            added = await add(daemon, hostname)
            await states(daemon, {"ends": AlertState.OPEN})
        async with running_daemon(folder, **sections) as daemon:
            await states(daemon, {"ends": AlertState.OPEN, "down": AlertState.OPEN})
            await daemon.client.patch_provider(added.id, {"hostname": renewed})
            await states(daemon, {"ends": AlertState.RESOLVED, "down": AlertState.RESOLVED})
            found = (await daemon.client.alerts.page()).result
    assert [each.providers[0].cleared_why for each in found] == ["", ""]


async def test_the_alert_of_a_certificate_ends_with_tls(
    authority: OpenSslAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provd.services.alerts.keeper.TICK_S", 0.05)
    rules = {"ends": {"metric": "tls_days_left", "below": 14}}
    alerts = {"group_wait_s": 0.2, "rules": rules, "built_in": False}
    sections: dict[str, Any] = {"tls": {"ca_file": str(authority.cert_file)}, "alerts": alerts}
    soon = await authority.issue(IP, ends_in=timedelta(days=5, hours=1))
    async with (
        temporary_folder() as folder,
        running_daemon(folder, **sections) as daemon,
        carrier(soon) as (_, hostname),
    ):
        added = await add(daemon, hostname)
        await states(daemon, {"ends": AlertState.OPEN})
        await daemon.client.patch_provider(added.id, {"transport": "udp"})
        await states(daemon, {"ends": AlertState.RESOLVED})
        (alert,) = (await daemon.client.alerts.page()).result
    assert alert.providers[0].cleared_why == "it is not over TLS any more"


async def states(daemon: RunningDaemon, wanted: dict[str, AlertState]) -> None:
    """Wait until there is one alert of each of these rules, and none else, in this state."""

    async def found() -> list[tuple[str, AlertState]]:
        return sorted((each.rule, each.state) for each in (await daemon.client.alerts.page()).result)

    await eventually(found, lambda states: states == sorted(wanted.items()))


async def test_an_issuer_that_nobody_knows_is_unhealthy(
    daemon: RunningDaemon, authority: OpenSslAuthority, tmp_path: Path
) -> None:
    stranger = await made_authority(tmp_path / "stranger", "Strange Root")
    async with carrier(await stranger.issue(IP)) as (_, hostname):
        down = await daemon.until((await add(daemon, hostname)).id, is_unhealthy)
    assert down.health.cause is Cause.TLS_VERIFY
    assert "issuer" in down.health.explanation
    assert down.health.tls_days_left is not None


async def test_a_private_issuer_is_not_trusted_unless_it_is_configured(authority: OpenSslAuthority) -> None:
    async with (
        temporary_folder() as folder,
        running_daemon(folder) as daemon,
        carrier(await authority.issue(IP)) as (_, hostname),
    ):
        down = await daemon.until((await add(daemon, hostname)).id, is_unhealthy)
    assert down.health.cause is Cause.TLS_VERIFY


async def test_without_tls_verify_any_certificate_will_do_and_the_record_warns(
    daemon: RunningDaemon, authority: OpenSslAuthority
) -> None:
    expired = await authority.issue("DNS:other.example", ends_in=timedelta(hours=-1))
    async with carrier(expired) as (_, hostname):
        added = await add(daemon, hostname, tls_verify=False)
        found = await daemon.until(added.id, is_healthy)
        assert any("tls_verify is false" in warning for warning in added.warnings)
        assert found.health.tls_days_left == -1
        probe = {"interval_s": 1, "timeout_s": 1, "tls_verify": True}
        changed = await daemon.client.patch_provider(added.id, {"probe": probe})
        assert changed.warnings == []
        down = await daemon.until(added.id, is_unhealthy)  # though a connection was open
    assert down.health.cause is Cause.TLS_VERIFY


async def test_the_certificate_must_name_the_providers_host_wherever_that_leads(
    daemon: RunningDaemon, authority: OpenSslAuthority, dns: FakeDns
) -> None:
    identity = await authority.issue("DNS:trunk.example.com")
    async with carrier(identity) as (_, hostname):
        port = hostname.rpartition(":")[2]
        dns.zone["_sips._tcp.trunk.example.com"] = [f"SRV 10 0 {port} sbc.example.net."]
        dns.zone["_sips._tcp.else.example.com"] = [f"SRV 10 0 {port} sbc.example.net."]
        dns.zone["sbc.example.net"] = ["127.0.0.1"]
        good, bad = await add(daemon, "trunk.example.com"), await add(daemon, "else.example.com")
        named = await add(daemon, "else.example.com", tls_sni="trunk.example.com")
        up = await daemon.until(good.id, is_healthy)
        down = await daemon.until(bad.id, is_unhealthy)
        await daemon.until(named.id, is_healthy)
        (shown,) = (await daemon.client.health(good.id)).targets
    assert (shown.name, shown.address, shown.priority) == ("sbc.example.net", hostname, 10)
    assert (up.health.targets_total, down.health.cause) == (1, Cause.TLS_VERIFY)
    assert "SRV _sips._tcp.trunk.example.com" in dns.asked


async def test_the_name_that_is_asked_for_can_be_chosen(
    daemon: RunningDaemon, authority: OpenSslAuthority
) -> None:
    context = server_context(await authority.issue("DNS:other.example"))
    asked: list[str | None] = []

    def note(_: ssl.SSLObject, name: str | None, __: ssl.SSLContext) -> None:
        asked.append(name)

    context.sni_callback = note  # type: ignore[assignment]
    async with running_peer(always_ok, context) as peer:
        added = await add(daemon, f"{peer.address[0]}:{peer.address[1]}", tls_sni="other.example")
        await daemon.until(added.id, is_healthy)
    assert asked == ["other.example"]


async def test_a_carrier_that_wants_our_certificate(authority: OpenSslAuthority) -> None:
    ours = await authority.issue("DNS:sbc.example.com")
    shown = {"cert_file": str(ours.cert_file), "key_file": str(ours.key_file)}
    trusted = {"ca_file": str(authority.cert_file)}
    context = server_context(await authority.issue(IP), str(authority.cert_file))
    async with temporary_folder() as folder, running_daemon(folder, tls=trusted) as daemon:
        with refusing_tls_peer(context) as (host, port):
            down = await daemon.until((await add(daemon, f"{host}:{port}")).id, is_unhealthy)
    assert down.health.cause is Cause.TLS_ERROR
    assert "certificate" in down.health.explanation
    assert "[tls] cert_file" in str(down.health.next_step)
    async with (
        temporary_folder() as folder,
        running_daemon(folder, tls={**trusted, **shown}) as daemon,
        running_peer(always_ok, context) as peer,
    ):
        added = await add(daemon, f"{peer.address[0]}:{peer.address[1]}")
        await daemon.until(added.id, is_healthy)
        assert peer.visits[0].session.getpeercert()


async def test_files_that_can_not_be_used_are_told_at_the_start(authority: OpenSslAuthority) -> None:
    async with temporary_folder() as folder:
        (folder / "empty.pem").write_text("")
        for tls in ({"ca_file": str(folder / "none.pem")}, {"ca_file": str(folder / "empty.pem")}):
            with pytest.raises(TlsFilesError, match=r"\.pem"):
                async with running_daemon(folder, tls=tls):
                    pass


async def told(daemon: RunningDaemon, provider_id: str, count: int) -> list[HealthCertificate]:
    seen = await announced(daemon, EventType.HEALTH_CERTIFICATE, provider_id, at_least=count)
    return [HealthCertificate.model_validate(each.data) for each in seen]


async def test_the_end_of_a_certificate_is_told_once_for_each_threshold(authority: OpenSslAuthority) -> None:
    ends = {days: await authority.issue(IP, ends_in=timedelta(days=days, hours=1)) for days in (29, 13, 6)}
    context = server_context(ends[29])
    trusted = {"ca_file": str(authority.cert_file)}
    async with temporary_folder() as folder, running_peer(always_ok, context) as peer:
        hostname = f"{peer.address[0]}:{peer.address[1]}"
        async with running_daemon(folder, tls=trusted) as daemon:
            added = await add(daemon, hostname)
            for days, identity in ends.items():
                context.load_cert_chain(identity.cert_file, identity.key_file)
                await eventually(lambda: days_left(daemon, added.id), lambda found, days=days: found == days)
                for _ in range(3):
                    await daemon.client.check_provider(added.id)
            seen = await told(daemon, added.id, 3)
            assert is_healthy(await daemon.client.provider(added.id))
        assert [each.threshold_days for each in seen] == [30, 14, 7]
        assert [each.certificate.days_left for each in seen] == [29, 13, 6]
        assert {each.address for each in seen} == {hostname}
        assert seen[0].explanation == (
            "The carrier's certificate ends in 29 days. Ask the carrier to renew it."
        )
        async with running_daemon(folder, tls=trusted) as daemon:
            for _ in range(2):
                await daemon.client.check_provider(added.id)
            await daemon.client.patch_provider(added.id, {"detail": "later"})
            assert await told(daemon, added.id, 3) == seen


async def days_left(daemon: RunningDaemon, provider_id: str) -> int | None:
    return (await daemon.client.provider(provider_id)).health.tls_days_left


async def test_of_two_addresses_the_certificate_that_ends_is_told_once(
    authority: OpenSslAuthority, dns: FakeDns
) -> None:
    good = server_context(await authority.issue("DNS:two.example.com", ends_in=timedelta(days=90)))
    ending = server_context(await authority.issue("DNS:two.example.com", ends_in=timedelta(days=5, hours=1)))
    sections: dict[str, Any] = {
        "tls": {"ca_file": str(authority.cert_file)},
        "dns": {"nameservers": [dns.address]},
    }
    async with (
        temporary_folder() as folder,
        running_peer(always_ok, good) as first,
        running_peer(always_ok, ending) as second,
    ):
        dns.zone["_sips._tcp.two.example.com"] = [
            f"SRV 10 0 {peer.address[1]} sbc.example.com." for peer in (first, second)
        ]
        dns.zone["sbc.example.com"] = ["127.0.0.1"]
        async with running_daemon(folder, **sections) as daemon:
            added = await add(daemon, "two.example.com")
            found = await daemon.until(added.id, lambda provider: provider.health.targets_up == 2)
            for _ in range(3):
                await daemon.client.check_provider(added.id)
            seen = await told(daemon, added.id, 1)
        assert (found.health.tls_days_left, [each.threshold_days for each in seen]) == (5, [7])
        async with running_daemon(folder, **sections) as daemon:
            for _ in range(3):
                await daemon.client.check_provider(added.id)
        async with running_daemon(folder, **sections) as daemon:  # what was found is written by now
            assert await told(daemon, added.id, 1) == seen


async def test_a_renewed_certificate_is_seen_without_a_restart(
    daemon: RunningDaemon, authority: OpenSslAuthority
) -> None:
    context = server_context(await authority.issue(IP, ends_in=timedelta(days=3)))
    renewed = await authority.issue(IP, ends_in=timedelta(days=60, hours=1))
    async with running_peer(always_ok, context) as peer:
        added = await add(daemon, f"{peer.address[0]}:{peer.address[1]}")
        await daemon.until(added.id, lambda provider: provider.health.tls_days_left == 2)
        context.load_cert_chain(renewed.cert_file, renewed.key_file)
        await daemon.until(added.id, lambda provider: provider.health.tls_days_left == 60)
        assert len(await told(daemon, added.id, 1)) == 1


async def test_something_that_does_not_speak_tls_is_a_tls_error(daemon: RunningDaemon) -> None:
    async with running_peer(says(b"SIP/2.0 400 Bad Request\r\n\r\n")) as peer:
        added = await add(daemon, f"{peer.address[0]}:{peer.address[1]}")
        found = await daemon.until(added.id, is_checked)
    assert found.health.cause is Cause.TLS_ERROR
    assert "TLS" in found.health.explanation
