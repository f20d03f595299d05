"""The format of the encrypted file: names in the clear, each value sealed with AES-256-GCM (NIST SP 800-38D).

The file is a JSON object: ``version`` (1), ``key`` (names the master key, null without entries) and
``entries`` (by service, then by user), each of them base64 of a 96-bit nonce, the ciphertext and its tag.
Version, service and user are the associated data, so that no entry opens in another's place.
"""

import base64
import binascii
import json
import os
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
_NONCE_BYTES = 12
_KEY_BYTES = 32
_ID_BYTES = 8


class DamagedError(Exception):
    """What should be a keyring file, or an entry of it, is none; ``str()`` says in which way."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """What seals entries, and a name for it that tells nothing about it."""

    id: str
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def derive(cls, master: bytes) -> "FileKey":
        """From a master key of 32 random bytes or more (HKDF-SHA256, RFC 5869)."""
        return cls(
            _derive(master, b"provd keyring 1 id", _ID_BYTES).hex(),
            AESGCM(_derive(master, b"provd keyring 1 AES-256-GCM", _KEY_BYTES)),
        )

    def seal(self, service: str, user: str, password: str) -> str:
        """Encrypt a password, under a nonce of its own."""
        nonce = os.urandom(_NONCE_BYTES)
        plain = password.encode(errors="surrogatepass")
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, plain, _bound_to(service, user))).decode()

    def unseal(self, service: str, user: str, sealed: str) -> str:
        """The password again. Raises DamagedError when this key did not seal it for this service and user."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            plain = self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound_to(service, user))
        except (binascii.Error, ValueError, InvalidTag):
            raise DamagedError("was changed, or stands in another's place") from None
        return plain.decode(errors="surrogatepass")


@dataclass(frozen=True, slots=True)
class Entries:
    """The content of a keyring file; ``key_id`` names the key of all entries, None when there is none."""

    key_id: str | None = None
    sealed: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, service: str, user: str) -> str | None:
        """The sealed value of an entry."""
        return self.sealed.get(service, {}).get(user)

    def with_entry(self, key_id: str, service: str, user: str, sealed: str) -> "Entries":
        """The same with an entry added or replaced."""
        users = {**self.sealed.get(service, {}), user: sealed}
        return Entries(key_id, {**self.sealed, service: users})

    def without(self, service: str, user: str) -> "Entries":
        """The same without an entry."""
        users = {name: value for name, value in self.sealed[service].items() if name != user}
        rest = {name: each for name, each in {**self.sealed, service: users}.items() if each}
        return Entries(self.key_id if rest else None, rest)

    def to_bytes(self) -> bytes:
        """As the file has it."""
        content = {"version": VERSION, "key": self.key_id, "entries": self.sealed}
        return json.dumps(content, indent=1).encode() + b"\n"


def parse(content: bytes) -> Entries:
    """Read a file's content. Raises DamagedError."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise DamagedError("is not JSON") from None
    if not isinstance(data, dict) or type(data.get("version")) is not int:
        raise DamagedError("has no version")
    if data["version"] != VERSION:
        raise DamagedError(f"has version {data['version']}, and this provd knows version {VERSION} alone")
    key_id, sealed = data.get("key"), data.get("entries")
    if not _is_entries(sealed) or not isinstance(key_id, str if sealed else str | None):
        raise DamagedError("has something else in the place of its entries")
    return Entries(key_id, sealed)


def _is_entries(sealed: Any) -> TypeGuard[dict[str, dict[str, str]]]:
    return isinstance(sealed, dict) and all(
        isinstance(users, dict) and all(isinstance(each, str) for each in users.values())
        for users in sealed.values()
    )


def _bound_to(service: str, user: str) -> bytes:
    return json.dumps(["provd keyring", VERSION, service, user]).encode()


def _derive(master: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=purpose).derive(master)
