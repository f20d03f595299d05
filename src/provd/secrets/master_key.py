"""The master key of the encrypted file: where it is, what it may look like, and how a first one is made."""

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provd.secrets.durable import create, may_exist
from provd.secrets.errors import KeyringUnavailable

CREDENTIAL = "provd-master-key"
STATE_KEY = "master.key"
KEY_BYTES = 32
_FILE_MAX = 4096
_HOW_TO_MAKE = "make one with: (umask 077; openssl rand -out {path} 32)"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The place of a master key. ``given`` is a key that someone else has to provide; ``origin`` says, for
    people, where it comes from."""

    path: Path
    origin: str
    given: bool
    mode_matters: bool

    def read(self) -> bytes | None:
        """The key, 32 bytes or more; None when there is no such file.

        The file has the bytes themselves, or hex digits, or base64. Raises KeyringUnavailable when it
        can't be read, others may read it, or it has no such key.
        """
        try:
            # a FIFO in the key's place must not keep us waiting
            handle = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            try:
                unsafe = why_unsafe(os.fstat(handle), os.geteuid(), mode_matters=self.mode_matters)
                content = b"" if unsafe else os.read(handle, _FILE_MAX + 1)
            finally:
                os.close(handle)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyringUnavailable(
                f"the master key {self.path} can't be read: {error.strerror}. "
                "Make it readable for provd's user"
            ) from None
        problem = unsafe
        if problem is None:
            try:
                return decode_key(content)
            except ValueError as error:
                problem = f"{error}: {self.how_to_make}"
        raise KeyringUnavailable(f"the master key {self.path} {problem}")

    def make(self) -> None:
        """Write a new random key, durably, 0600. Raises FileExistsError, or another OSError."""
        create(self.path, os.urandom(KEY_BYTES))

    @property
    def how_to_make(self) -> str:
        """For people: the command that makes a key here."""
        return _HOW_TO_MAKE.format(path=self.path)


def find_master_key(key_file: Path | None, state_dir: Path, environ: Mapping[str, str]) -> MasterKey:
    """The configured ``key_file``, else systemd's credential if there is one, else the state directory's."""
    credentials = environ.get("CREDENTIALS_DIRECTORY", "")
    if key_file is not None:
        # systemd sets the modes of credentials, and they may show an ACL in the group's place
        mode_matters = not credentials or key_file.parent != Path(credentials)
        return MasterKey(key_file, str(key_file), given=True, mode_matters=mode_matters)
    if credentials and may_exist(Path(credentials) / CREDENTIAL):
        place = Path(credentials) / CREDENTIAL
        return MasterKey(place, "systemd's credentials", given=True, mode_matters=False)
    place = state_dir / STATE_KEY
    return MasterKey(place, str(place), given=False, mode_matters=True)


def why_unsafe(status: os.stat_result, our_uid: int, *, mode_matters: bool) -> str | None:
    """What speaks against a key file with this status, with what to do; None when nothing does."""
    if not stat.S_ISREG(status.st_mode):
        return "is not a file: name the file that has the key"
    if status.st_uid not in (0, our_uid):
        return f"belongs to uid {status.st_uid}: give it to root or to provd's user with chown"
    if mode_matters and status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        return f"may be used by others (mode {mode:04o}): chmod 0600 it, and replace the key if others saw it"
    return None


def decode_key(content: bytes) -> bytes:
    """The key in a file's content: text is hex (first) or base64, anything else is the key itself.

    Raises ValueError that says, without the content, why there is no key of 32 bytes in it.
    """
    if len(content) > _FILE_MAX:
        raise ValueError(f"is longer than {_FILE_MAX} bytes")
    key = content
    if all(byte in b"\t\n\r" or 0x20 <= byte <= 0x7E for byte in content):
        text = b"".join(content.split())
        try:
            key = _decode_text(text)
        except binascii.Error:
            raise ValueError("is text, but neither hex nor base64") from None
    if len(key) < KEY_BYTES:
        raise ValueError(f"has {len(key)} bytes of key, and {KEY_BYTES} are needed")
    return key


def _decode_text(text: bytes) -> bytes:
    try:
        return binascii.unhexlify(text)
    except binascii.Error:
        standard = text.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        return base64.b64decode(standard + b"=" * (-len(standard) % 4), validate=True)
