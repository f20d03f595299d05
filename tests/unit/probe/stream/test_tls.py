"""Exchanges over TLS: whom we trust, what we show, and what each refusal is called."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from provd.probe.stream.tls import TlsFiles
from provd.schema.health import Cause
from provd.schema.provider import Transport
from tests.fakes.certificates import Authority, self_signed
from tests.fakes.daemon import eventually
from tests.unit.probe.stream.asking import Asker, asking, connections_are, open_sockets, tcp, tls
from tests.unit.probe.stream.peers import (
    Visit,
    always_ok,
    closed_port,
    deaf_port,
    refusing_tls_peer,
    running_peer,
    says,
    server_context,
)

SHORT_S = 0.3
NAME = "carrier.example"


# well


async def test_a_valid_certificate_is_ok_and_shown(trusting: Asker, authority: Authority) -> None:
    context = server_context(authority.issue(NAME, "sip:carrier.example", "192.0.2.1", subject="the carrier"))
    async with running_peer(always_ok, context) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reason) == (Cause.OK, None)
    assert outcome.certificate is not None
    assert outcome.certificate.subject == "CN=the carrier"
    assert outcome.certificate.issuer == "CN=Test CA"
    assert outcome.certificate.names == (NAME, "sip:carrier.example", "192.0.2.1")
    assert None not in (outcome.connect_ms, outcome.tls_ms, outcome.rtt_ms)


async def test_an_open_connection_is_used_again_with_its_certificate(
    trusting: Asker, authority: Authority
) -> None:
    async with running_peer(always_ok, server_context(authority.issue(NAME))) as peer:
        first, second = [await trusting.ask(tls(peer.address)) for _ in range(2)]
    assert (second.cause, second.reused) == (Cause.OK, True)
    assert (second.connect_ms, second.tls_ms) == (None, None)
    assert second.certificate == first.certificate is not None
    assert len(peer.visits) == 1


async def test_a_closed_idle_connection_is_replaced(trusting: Asker, authority: Authority) -> None:
    async with running_peer(always_ok, server_context(authority.issue(NAME))) as peer:
        await trusting.ask(tls(peer.address))
        peer.visits[0].close()
        await connections_are(trusting, 0)
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reused) == (Cause.OK, False)


async def test_a_connection_that_closes_under_a_request_is_no_failure(
    trusting: Asker, authority: Authority
) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        await visit.request()

    async with running_peer(script, server_context(authority.issue(NAME))) as peer:
        outcomes = [await trusting.ask(tls(peer.address)) for _ in range(3)]
    assert [outcome.cause for outcome in outcomes] == [Cause.OK] * 3


async def test_without_reuse_each_exchange_shakes_hands(trusting: Asker, authority: Authority) -> None:
    async with running_peer(always_ok, server_context(authority.issue(NAME))) as peer:
        outcomes = [await trusting.ask(tls(peer.address, reuse=False)) for _ in range(2)]
        await connections_are(trusting, 0)
    assert [outcome.tls_ms is not None for outcome in outcomes] == [True, True]


async def test_a_renewed_certificate_is_seen_with_the_next_handshake(
    trusting: Asker, authority: Authority
) -> None:
    context = server_context(authority.issue(NAME, subject="old"))
    async with running_peer(always_ok, context) as peer:
        outcomes = [await trusting.ask(tls(peer.address))]
        renewed = authority.issue(NAME, subject="new")
        context.load_cert_chain(renewed.cert_file, renewed.key_file)
        outcomes.append(await trusting.ask(tls(peer.address)))
        trusting.client.close_route(tls(peer.address))
        outcomes.append(await trusting.ask(tls(peer.address)))
    subjects = [outcome.certificate.subject for outcome in outcomes if outcome.certificate]
    assert subjects == ["CN=old", "CN=old", "CN=new"]


async def test_the_name_is_asked_for_and_an_address_is_not(trusting: Asker, authority: Authority) -> None:
    asked: list[str | None] = []
    context = server_context(authority.issue(NAME, "127.0.0.1", "::1"))
    context.sni_callback = lambda _session, name, _context: asked.append(name)
    async with running_peer(always_ok, context) as peer:
        for name in (NAME, f"{NAME}.", "127.0.0.1", "::1"):
            assert (await trusting.ask(tls(peer.address, name))).cause is Cause.OK
    assert asked == [NAME, NAME, None, None]


async def test_a_peers_request_over_tls_is_told_as_such(trusting: Asker, authority: Authority) -> None:
    async def script(visit: Visit) -> None:
        request = await visit.request()
        await visit.send(request.to_bytes())
        await visit.message()
        await visit.answer(request)
        await visit.until_closed()

    async with running_peer(script, server_context(authority.issue(NAME))) as peer:
        await trusting.ask(tls(peer.address))
    assert [transport for _, _, transport in trusting.requests] == [Transport.TLS]


async def test_a_large_answer_over_tls_is_taken(trusting: Asker, authority: Authority) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request(), body=b"x" * 65_000)
        await visit.until_closed()

    async with running_peer(script, server_context(authority.issue(NAME))) as peer:
        assert (await trusting.ask(tls(peer.address))).cause is Cause.OK


# certificates that can't be verified


async def test_an_expired_certificate_is_told_and_shown(trusting: Asker, authority: Authority) -> None:
    context = server_context(authority.issue(NAME, subject="late", expires_in=timedelta(days=-3)))
    async with running_peer(always_ok, context) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reason) == (Cause.TLS_VERIFY, "certificate has expired")
    assert outcome.certificate is not None
    assert outcome.certificate.subject == "CN=late"
    assert outcome.sent == b""
    assert trusting.client.open_connections == 0


async def test_after_a_look_at_a_certificate_no_socket_is_left(trusting: Asker, tmp_path: Path) -> None:
    async def left() -> set[str]:
        return open_sockets() - before

    async with running_peer(always_ok, server_context(self_signed(tmp_path, NAME))) as peer:
        before = open_sockets()
        outcome = await trusting.ask(tls(peer.address))
        assert outcome.certificate is not None
        await eventually(left, lambda found: not found)


async def test_a_certificate_for_another_name_is_told(trusting: Asker, authority: Authority) -> None:
    async with running_peer(always_ok, server_context(authority.issue("other.example"))) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert outcome.cause is Cause.TLS_VERIFY
    assert outcome.reason == "Hostname mismatch, certificate is not valid for 'carrier.example'"
    assert outcome.certificate is not None
    assert outcome.certificate.names == ("other.example",)


async def test_a_certificate_for_another_address_is_told(trusting: Asker, authority: Authority) -> None:
    async with running_peer(always_ok, server_context(authority.issue("127.0.0.1"))) as peer:
        outcome = await trusting.ask(tls(peer.address, "127.0.0.2"))
    assert outcome.cause is Cause.TLS_VERIFY
    assert outcome.reason == "IP address mismatch, certificate is not valid for '127.0.0.2'"


async def test_an_unknown_issuer_is_told(trusting: Asker, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "Nobody")
    async with running_peer(always_ok, server_context(stranger.issue(NAME))) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reason) == (
        Cause.TLS_VERIFY,
        "unable to get local issuer certificate",
    )
    assert outcome.certificate is not None
    assert outcome.certificate.issuer == "CN=Nobody"


async def test_a_self_signed_certificate_is_told(trusting: Asker, tmp_path: Path) -> None:
    async with running_peer(always_ok, server_context(self_signed(tmp_path, NAME))) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert outcome.cause is Cause.TLS_VERIFY
    assert outcome.reason in ("self-signed certificate", "self signed certificate")
    assert outcome.certificate is not None


async def test_without_verification_any_certificate_will_do_and_is_shown(
    asker: Asker, tmp_path: Path
) -> None:
    async with running_peer(always_ok, server_context(self_signed(tmp_path, "other.example"))) as peer:
        outcome = await asker.ask(tls(peer.address, verify=False))
    assert outcome.cause is Cause.OK
    assert outcome.certificate is not None
    assert outcome.certificate.names == ("other.example",)


async def test_a_self_signed_certificate_can_be_trusted(tmp_path: Path) -> None:
    identity = self_signed(tmp_path, NAME)
    async with (
        asking(TlsFiles(ca_file=identity.cert_file)) as asker,
        running_peer(always_ok, server_context(identity)) as peer,
    ):
        assert (await asker.ask(tls(peer.address))).cause is Cause.OK


async def test_what_cannot_be_verified_is_told_in_time_when_the_certificate_cannot_be_seen_either(
    trusting: Asker, tmp_path: Path
) -> None:
    """The second handshake, which is only to see the certificate, finds nobody any more."""
    context = server_context(self_signed(tmp_path, NAME))

    def stop(*_: object) -> None:
        peer.stop_listening()

    context.sni_callback = stop
    async with running_peer(always_ok, context) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.certificate) == (Cause.TLS_VERIFY, None)


# client certificates


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_our_certificate_is_shown_to_a_peer_that_wants_it(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    shown: list[object] = []

    async def script(visit: Visit) -> None:
        certificate = visit.session.getpeercert()
        assert certificate is not None
        shown.append(certificate["subject"])
        await always_ok(visit)

    ours = authority.issue("provd.example", subject="provd")
    context = server_context(authority.issue(NAME), str(authority.cert_file))
    context.maximum_version = version
    files = TlsFiles(authority.cert_file, ours.cert_file, ours.key_file)
    async with asking(files) as asker, running_peer(script, context) as peer:
        assert (await asker.ask(tls(peer.address))).cause is Cause.OK
    assert shown == [((("commonName", "provd"),),)]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_peer_that_wants_a_certificate_we_do_not_have_is_told(
    trusting: Asker, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = server_context(authority.issue(NAME), str(authority.cert_file))
    context.maximum_version = version
    with refusing_tls_peer(context) as address:
        outcome = await trusting.ask(tls(address))
    assert outcome.cause is Cause.TLS_ERROR
    assert outcome.reason is not None
    assert "wants a c" in outcome.reason
    assert "certificate" in outcome.reason


async def test_a_peer_that_does_not_trust_our_certificate_is_told(
    authority: Authority, tmp_path: Path
) -> None:
    ours = self_signed(tmp_path, "provd.example")
    context = server_context(authority.issue(NAME), str(authority.cert_file))
    files = TlsFiles(authority.cert_file, ours.cert_file, ours.key_file)
    async with asking(files) as asker:
        with refusing_tls_peer(context) as address:
            outcome = await asker.ask(tls(address))
    assert outcome.cause is Cause.TLS_ERROR
    assert outcome.reason is not None
    assert outcome.reason.startswith("the peer refuses our client certificate (")


# other ends


async def test_a_peer_with_other_versions_is_told(trusting: Asker, authority: Authority) -> None:
    context = server_context(authority.issue(NAME))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with refusing_tls_peer(context) as address:
        outcome = await trusting.ask(tls(address))
    assert outcome.cause is Cause.TLS_ERROR
    assert outcome.reason is not None
    assert "no TLS version from 1.2 on" in outcome.reason


async def test_a_peer_without_a_common_cipher_is_told(trusting: Asker, authority: Authority) -> None:
    context = server_context(authority.issue(NAME))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")  # which an ECDSA certificate can't do
    with refusing_tls_peer(context) as address:
        outcome = await trusting.ask(tls(address))
    assert outcome.cause is Cause.TLS_ERROR
    assert outcome.reason is not None
    assert "no cipher in common" in outcome.reason


async def test_a_peer_with_an_old_key_exchange_is_spoken_to(trusting: Asker, authority: Authority) -> None:
    context = server_context(authority.issue(NAME, with_rsa=True))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256")
    async with running_peer(always_ok, context) as peer:
        assert (await trusting.ask(tls(peer.address))).cause is Cause.OK


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"SIP/2.0 400 Bad Request\r\n\r\n"]
)
async def test_plain_text_on_a_tls_port_is_told(trusting: Asker, said: bytes) -> None:
    async with running_peer(says(said)) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert outcome.cause is Cause.TLS_ERROR
    assert outcome.reason is not None
    assert outcome.reason.startswith("the peer does not speak TLS on this port")


async def test_a_peer_that_closes_at_our_hello_is_told(trusting: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.some_bytes()

    async with running_peer(script) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reason) == (
        Cause.TLS_ERROR,
        "the peer closed the connection during the TLS handshake",
    )


async def test_a_peer_that_resets_at_our_hello_is_told(trusting: Asker) -> None:
    async def script(visit: Visit) -> None:
        await visit.some_bytes()
        visit.reset()

    async with running_peer(script) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reason) == (
        Cause.TLS_ERROR,
        "the peer closed the connection during the TLS handshake",
    )


async def test_a_handshake_that_stalls_is_a_timeout_that_says_so(trusting: Asker) -> None:
    async with running_peer(Visit.until_closed) as peer:
        outcome = await trusting.ask(tls(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (
        Cause.TIMEOUT,
        "connected, but the TLS handshake did not end within 0.3 s",
    )
    assert outcome.connect_ms is not None
    assert outcome.tls_ms is None


async def test_silence_after_the_handshake_is_a_timeout_that_says_so(
    trusting: Asker, authority: Authority
) -> None:
    async with running_peer(Visit.until_closed, server_context(authority.issue(NAME))) as peer:
        outcome = await trusting.ask(tls(peer.address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.TIMEOUT, "connected, but no answer within 0.3 s")
    assert outcome.certificate is not None


async def test_a_peer_that_closes_after_the_handshake_has_refused(
    trusting: Asker, authority: Authority
) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()

    async with running_peer(script, server_context(authority.issue(NAME))) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert (outcome.cause, outcome.reason) == (
        Cause.REFUSED,
        "the peer closed the connection without an answer",
    )


async def test_a_tls_peer_on_a_tcp_port_has_refused(trusting: Asker, authority: Authority) -> None:
    """OpenSSL sends no alert when what comes is not TLS; a peer that does is told by its alert."""
    with refusing_tls_peer(server_context(authority.issue(NAME))) as address:
        outcome = await trusting.ask(tcp(address))
    assert outcome.cause is Cause.REFUSED


async def test_http_inside_tls_is_told(trusting: Asker, authority: Authority) -> None:
    script = says(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    async with running_peer(script, server_context(authority.issue(NAME))) as peer:
        outcome = await trusting.ask(tls(peer.address))
    assert outcome.cause is Cause.PROTOCOL
    assert outcome.received == b"HTTP/1.1 400 Bad Request\r\n\r\n"


async def test_refused_and_never_made_connections_are_told_as_over_tcp(trusting: Asker) -> None:
    assert (await trusting.ask(tls(closed_port()))).cause is Cause.REFUSED
    with deaf_port() as address:
        outcome = await trusting.ask(tls(address), SHORT_S)
    assert (outcome.cause, outcome.reason) == (Cause.TIMEOUT, "no TCP connection within 0.3 s")


@pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64 + ".example"])
async def test_a_name_that_tls_cannot_ask_for_is_our_own_fault(trusting: Asker, name: str) -> None:
    outcome = await trusting.ask(tls(closed_port(), name))
    assert outcome.cause is Cause.LOCAL
    assert outcome.reason is not None
    assert "server name" in outcome.reason


async def test_a_cancelled_handshake_leaves_no_socket(trusting: Asker) -> None:
    async def accepted() -> int:
        return len(peer.visits)

    async def left() -> set[str]:
        return open_sockets() - before

    async with running_peer(Visit.until_closed) as peer:
        before = open_sockets()
        task = asyncio.create_task(trusting.ask(tls(peer.address)))
        await eventually(accepted, bool)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await eventually(left, lambda found: not found)


async def test_a_peer_that_ignores_the_end_of_tls_does_not_hold_up_closing(authority: Authority) -> None:
    async def script(visit: Visit) -> None:
        await visit.answer(await visit.request())
        visit.ignore()
        await asyncio.Event().wait()

    async with (
        running_peer(script, server_context(authority.issue(NAME))) as peer,
        asking(TlsFiles(ca_file=authority.cert_file)) as asker,
    ):
        assert (await asker.ask(tls(peer.address))).cause is Cause.OK
