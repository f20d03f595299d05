"""Files for TLS that can't be used are told with a sentence, before any check."""

import ssl
from pathlib import Path

import pytest

from provd.probe.stream.tls import TlsFiles, TlsFilesError
from tests.fakes.certificates import Authority, Identity, self_signed, with_password


@pytest.fixture
def identity(tmp_path: Path) -> Identity:
    return self_signed(tmp_path, "provd.example")


def told(**files: Path) -> str:
    with pytest.raises(TlsFilesError) as caught:
        TlsFiles(**files)
    return str(caught.value)


def test_without_files_the_systems_issuers_are_trusted_and_nothing_is_shown() -> None:
    files = TlsFiles()
    assert not files.has_certificate
    assert files.context(verify=True).verify_mode.name == "CERT_REQUIRED"
    assert files.context(verify=True).check_hostname
    assert files.context(verify=False).verify_mode.name == "CERT_NONE"


@pytest.mark.parametrize("verify", [True, False])
def test_tls_before_1_2_is_not_spoken(verify: bool) -> None:
    assert TlsFiles().context(verify=verify).minimum_version.name == "TLSv1_2"


@pytest.mark.parametrize("verify", [True, False])
def test_nothing_is_negotiated_again(verify: bool) -> None:
    assert TlsFiles().context(verify=verify).options & ssl.OP_NO_RENEGOTIATION


def test_given_issuers_take_the_place_of_the_systems(authority: Authority) -> None:
    trusted = TlsFiles(ca_file=authority.cert_file).context(verify=True).get_ca_certs()
    assert [certificate["subject"] for certificate in trusted] == [((("commonName", "Test CA"),),)]


def test_the_systems_issuers_are_read_when_somebody_is_to_be_verified(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = tmp_path / "system.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    files = TlsFiles()
    files.context(verify=False)
    assert files.context(verify=True).get_ca_certs() == []  # they can't be read
    system.write_bytes(authority.cert_file.read_bytes())
    for _ in range(2):
        assert len(files.context(verify=True).get_ca_certs()) == 1
    system.write_bytes(self_signed(tmp_path, "other.example").cert_file.read_bytes())
    assert len(files.context(verify=True).get_ca_certs()) == 1


def test_a_certificate_with_its_key_is_taken(identity: Identity) -> None:
    assert TlsFiles(cert_file=identity.cert_file, key_file=identity.key_file).has_certificate


def test_a_certificate_and_its_key_may_be_in_one_file(identity: Identity, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(identity.cert_file.read_bytes() + identity.key_file.read_bytes())
    assert TlsFiles(cert_file=both).has_certificate


@pytest.mark.parametrize("option", ["ca_file", "cert_file"])
def test_a_missing_file_is_told(tmp_path: Path, option: str) -> None:
    missing = tmp_path / "missing.pem"
    assert told(**{option: missing}) == f"{missing} can't be read: No such file or directory"


def test_a_missing_key_is_told(identity: Identity, tmp_path: Path) -> None:
    missing = tmp_path / "missing.key"
    words = told(cert_file=identity.cert_file, key_file=missing)
    assert words == f"{missing} can't be read: No such file or directory"


@pytest.mark.parametrize("option", ["ca_file", "cert_file"])
def test_a_folder_is_told(tmp_path: Path, option: str) -> None:
    assert told(**{option: tmp_path}) == f"{tmp_path} can't be read: Is a directory"


@pytest.mark.parametrize("content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_issuers_that_are_none_are_told(tmp_path: Path, content: str) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text(content)
    assert told(ca_file=wrong) == f"{wrong} has no CA certificate in PEM form"


def test_a_certificate_that_is_none_is_told(identity: Identity, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    words = told(cert_file=wrong, key_file=identity.key_file)
    assert words == f"{wrong} has no certificate, or {identity.key_file} no key, in PEM form"


def test_a_certificate_without_its_key_is_told(identity: Identity) -> None:
    words = told(cert_file=identity.cert_file)
    assert words == f"{identity.cert_file} has no certificate with its key in PEM form"


def test_a_key_of_another_certificate_is_told(identity: Identity, tmp_path: Path) -> None:
    other = self_signed(tmp_path, "other.example")
    words = told(cert_file=identity.cert_file, key_file=other.key_file)
    assert words == f"the key {other.key_file} is not that of the certificate {identity.cert_file}"


def test_a_key_with_a_password_is_told_and_none_is_asked_for(identity: Identity) -> None:
    locked = with_password(identity, b"secret")
    words = told(cert_file=identity.cert_file, key_file=locked)
    assert words == f"the key {locked} has a password: give one without"


def test_a_key_without_a_certificate_is_told(identity: Identity) -> None:
    words = told(key_file=identity.key_file)
    assert words == f"the key {identity.key_file} has no certificate: give the certificate's file too"
