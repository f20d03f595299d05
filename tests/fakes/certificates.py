"""Certificates for the tests' TLS peers, made when they are needed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

VALID_DAYS = 30
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, as PEM files."""

    cert_file: Path
    key_file: Path


class Authority:
    """An issuer with a certificate of its own; its files and those that it issues go to ``folder``."""

    def __init__(self, folder: Path, name: str = "Test CA") -> None:
        self.name = name
        self._folder = folder
        self._key = _ec_key()

    @cached_property
    def cert_file(self) -> Path:
        """The issuer's own certificate."""
        made = _certificate(
            self.name, (), self._key, self.name, self._key, timedelta(days=VALID_DAYS), is_authority=True
        )
        return _write(self._folder / f"{self.name}.crt", made.public_bytes(Encoding.PEM))

    def issue(
        self,
        *names: str,
        subject: str = "peer",
        expires_in: timedelta = timedelta(days=VALID_DAYS),
        with_rsa: bool = False,
    ) -> Identity:
        """A certificate for ``names``: DNS names, IP addresses and, when they begin with sip:, URIs."""
        key = _rsa_key() if with_rsa else _ec_key()
        return _identity(
            self._folder, _certificate(subject, names, key, self.name, self._key, expires_in), key
        )


def self_signed(folder: Path, *names: str, subject: str = "alone") -> Identity:
    """A certificate that nobody but itself vouches for."""
    key = _ec_key()
    made = _certificate(subject, names, key, subject, key, timedelta(days=VALID_DAYS))
    return _identity(folder, made, key)


def with_password(identity: Identity, password: bytes) -> Path:
    """The key of ``identity`` in a file that needs a password."""
    key = load_pem_private_key(identity.key_file.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    locked = identity.key_file.with_suffix(".locked")
    return _write(locked, _pem(key, BestAvailableEncryption(password)))


def _ec_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _rsa_key() -> Key:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _certificate(
    subject: str,
    names: tuple[str, ...],
    key: Key,
    issuer: str,
    issuer_key: Key,
    expires_in: timedelta,
    *,
    is_authority: bool = False,
) -> x509.Certificate:
    expires = datetime.now(UTC) + expires_in
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(expires - timedelta(days=365))
        .not_valid_after(expires)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if names:
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    if name.startswith("sip:"):
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _identity(folder: Path, made: x509.Certificate, key: Key) -> Identity:
    name = f"{made.serial_number:x}"
    return Identity(
        _write(folder / f"{name}.crt", made.public_bytes(Encoding.PEM)),
        _write(folder / f"{name}.key", _pem(key, NoEncryption())),
    )


def _pem(key: Key, encryption: KeySerializationEncryption) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
