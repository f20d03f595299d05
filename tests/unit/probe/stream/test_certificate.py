"""What a certificate says to an operator."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provd.probe.stream.certificate import Certificate, read_certificate
from tests.fakes.certificates import Authority, Identity, self_signed

DAY_S = 86_400


def der(identity: Identity) -> bytes:
    return x509.load_pem_x509_certificate(identity.cert_file.read_bytes()).public_bytes(Encoding.DER)


def test_subject_issuer_expiry_and_names_are_read(authority: Authority) -> None:
    issued = authority.issue("a.example", "*.b.example", "2001:db8::1", "sip:a.example", subject="the peer")
    found = read_certificate(der(issued))
    parsed = x509.load_pem_x509_certificate(issued.cert_file.read_bytes())
    assert found == Certificate(
        "CN=the peer",
        "CN=Test CA",
        parsed.not_valid_after_utc.timestamp(),
        ("a.example", "*.b.example", "2001:db8::1", "sip:a.example"),
    )


def test_a_certificate_without_names_has_none(tmp_path: Path) -> None:
    found = read_certificate(der(self_signed(tmp_path)))
    assert found is not None
    assert found.names == ()


def test_control_characters_do_not_reach_the_operator(tmp_path: Path) -> None:
    found = read_certificate(der(self_signed(tmp_path, subject="a\x1b[2Jb")))
    assert found is not None
    assert found.subject == "CN=a\N{REPLACEMENT CHARACTER}[2Jb"


def test_only_the_first_hundred_names_are_kept(tmp_path: Path) -> None:
    found = read_certificate(der(self_signed(tmp_path, *(f"n{n}.example" for n in range(150)))))
    assert found is not None
    assert (len(found.names), found.names[-1]) == (100, "n99.example")


@pytest.mark.parametrize("garbage", [b"", b"\x30\x03\x02\x01\x01", b"x" * 1000])
def test_what_cannot_be_read_is_none(garbage: bytes) -> None:
    assert read_certificate(garbage) is None


def test_any_bytes_that_are_changed_are_read_or_not_and_nothing_else(authority: Authority) -> None:
    whole = der(authority.issue("a.example", "192.0.2.1", "sip:a.example"))
    outcomes = set()
    for position in range(len(whole)):
        for value in (0, whole[position] ^ 1, 255):
            changed = whole[:position] + bytes([value]) + whole[position + 1 :]
            outcomes.add(read_certificate(changed) is None)
    assert outcomes == {True, False}


def test_an_unknown_version_is_not_read(authority: Authority) -> None:
    version_3 = b"\xa0\x03\x02\x01\x02"
    assert read_certificate(der(authority.issue()).replace(version_3, b"\xa0\x03\x02\x01\x45")) is None


def test_odd_names_are_left_out_and_the_rest_is_read(authority: Authority) -> None:
    found = read_certificate(der(authority.issue("a.example")).replace(b"a.example", b"\xff.example"))
    assert found is not None
    assert (found.issuer, found.names) == ("CN=Test CA", ())


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=30), 30),
        (timedelta(days=1) - timedelta(seconds=1), 0),
        (timedelta(0), 0),
        (-timedelta(seconds=1), -1),
        (-timedelta(days=3), -3),
    ],
)
def test_the_days_left_are_whole_and_negative_after_the_end(left: timedelta, days: int) -> None:
    certificate = Certificate("CN=a", "CN=b", 1_900_000_000.0, ())
    assert certificate.days_left(1_900_000_000.0 - left.total_seconds()) == days
