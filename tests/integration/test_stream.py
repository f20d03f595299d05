"""Checks over TLS with certificates as an operator makes them, by the real ``openssl``."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from provd.probe.stream.tls import TlsFiles
from provd.schema.health import Cause
from tests.fakes.certificates import Identity
from tests.unit.probe.stream.asking import asking, tls
from tests.unit.probe.stream.peers import always_ok, running_peer, server_context

PROGRAM = shutil.which("openssl")
# skip, as skipif is not counted in one line at the end
pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs openssl: the Debian package openssl")]

NAME = "carrier.example"
RSA = ("-newkey", "rsa:2048", "-noenc")


def openssl(folder: Path, *arguments: str) -> str:
    command = [PROGRAM or "", *arguments]
    ended = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=60)
    return ended.stdout


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    """An authority, ``ca.crt``, and a certificate of it for a carrier."""
    ca = ("-keyout", "ca.key", "-out", "ca.crt", "-subj", "/O=Example/CN=Example Root", "-days", "10")
    openssl(tmp_path, "req", "-x509", *RSA, *ca)
    wanted = ("-keyout", "peer.key", "-out", "peer.csr", "-subj", f"/O=Carrier/CN={NAME}")
    openssl(tmp_path, "req", *RSA, *wanted)
    (tmp_path / "names").write_text(f"subjectAltName=DNS:{NAME},IP:127.0.0.1,URI:sip:{NAME}\n")
    signing = ("-in", "peer.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "5")
    openssl(tmp_path, "x509", "-req", *signing, "-extfile", "names", "-out", "peer.crt")
    return Identity(tmp_path / "peer.crt", tmp_path / "peer.key")


async def test_a_certificate_that_openssl_made_is_trusted_and_read(
    identity: Identity, tmp_path: Path
) -> None:
    async with (
        asking(TlsFiles(ca_file=tmp_path / "ca.crt")) as asker,
        running_peer(always_ok, server_context(identity)) as peer,
    ):
        outcomes = [await asker.ask(tls(peer.address, name)) for name in (NAME, "127.0.0.1")]
        stranger = await asker.ask(tls(peer.address, "other.example"))
    assert [outcome.cause for outcome in outcomes] == [Cause.OK, Cause.OK]
    assert stranger.cause is Cause.TLS_VERIFY
    found = outcomes[0].certificate
    assert found is not None
    assert found == stranger.certificate
    assert found.subject == f"CN={NAME},O=Carrier"
    assert found.issuer == "CN=Example Root,O=Example"
    assert found.names == (NAME, "127.0.0.1", f"sip:{NAME}")
    expires = openssl(tmp_path, "x509", "-in", "peer.crt", "-noout", "-enddate")
    assert found.not_after == ssl.cert_time_to_seconds(expires.strip().removeprefix("notAfter="))
    assert found.days_left(found.not_after - 86_400) == 1


async def test_our_certificate_may_be_one_that_openssl_made(identity: Identity, tmp_path: Path) -> None:
    files = TlsFiles(tmp_path / "ca.crt", identity.cert_file, identity.key_file)
    async with (
        asking(files) as asker,
        running_peer(always_ok, server_context(identity, str(tmp_path / "ca.crt"))) as peer,
    ):
        assert (await asker.ask(tls(peer.address))).cause is Cause.OK
