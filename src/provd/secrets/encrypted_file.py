"""The keyring backend for servers without a desktop: one encrypted file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from provd.secrets.durable import SystemCalls, locked, replace
from provd.secrets.errors import KeyringUnavailable
from provd.secrets.master_key import MasterKey
from provd.secrets.sealed import DamagedError, Entries, FileKey, parse

_FORMER_KEY = (
    "Put back the key that was used before (the credential provd-master-key, [keyring] key_file, or "
    "master.key in the state directory). If it is lost, move {path} away and enter the carriers' keys again"
)


class EncryptedFileKeyring(KeyringBackend):
    """Passwords in the file ``path``, sealed with keys from ``master`` (see ``sealed`` for the format).

    Any number of processes may use it at once; a lock file lies beside it. The first ``set_password`` makes
    the master key, if that is not for somebody else to provide. Raises KeyringLocked when the master key is
    missing, unusable or not the file's; PasswordDeleteError for an entry that is not there; KeyringError
    when the file is damaged, or can't be read or written. Their messages say what to do.
    """

    priority = -1  # lower than the backend that always fails: never keyring's own choice

    def __init__(self, path: Path, master: MasterKey, calls: SystemCalls = SystemCalls()) -> None:
        # not the base class's: that one lets environment variables set attributes
        self._path = path
        self._lock = path.with_suffix(".lock")
        self._master = master
        self._calls = calls

    def get_password(self, service: str, username: str) -> str | None:
        """See KeyringBackend."""
        with self._explained("read"):
            entries = self._load()
            sealed = entries.get(service, username)
            if sealed is None:
                return None
            key = self._key_of(entries)
            try:
                return key.unseal(service, username, sealed)
            except DamagedError as error:
                raise KeyringError(
                    f"in {self._path} the entry {username!r} of {service!r} {error}. "
                    "Restore the file from a backup, or enter that key again"
                ) from None

    def set_password(self, service: str, username: str, password: str) -> None:
        """See KeyringBackend."""
        with self._explained("written"), locked(self._lock):
            entries = self._load()
            key = self._key_of(entries)
            sealed = key.seal(service, username, password)
            self._save(entries.with_entry(key.id, service, username, sealed))

    def delete_password(self, service: str, username: str) -> None:
        """See KeyringBackend. This needs no master key."""
        with self._explained("written"), locked(self._lock):
            entries = self._load()
            if entries.get(service, username) is None:
                raise PasswordDeleteError(f"{self._path} has no entry {username!r} of {service!r}")
            self._save(entries.without(service, username))

    def _load(self) -> Entries:
        try:
            return parse(self._path.read_bytes())
        except FileNotFoundError:
            return Entries()

    def _save(self, entries: Entries) -> None:
        replace(self._path, entries.to_bytes(), self._calls)

    def _key_of(self, entries: Entries) -> FileKey:
        master = self._master.read()
        if master is None and not entries.sealed and not self._master.given:
            self._master.make()
            master = self._master.read()
        if master is None:
            what = f"the master key {self._master.path} does not exist"
            if not entries.sealed:
                raise KeyringLocked(f"{what}: {self._master.how_to_make}")
            former = _FORMER_KEY.format(path=self._path)
            raise KeyringLocked(f"{what}, and {self._path} has entries that need it. {former}")
        key = FileKey.derive(master)
        if entries.sealed and entries.key_id != key.id:
            raise KeyringLocked(
                f"{self._path} was encrypted with another master key than the one in {self._master.path}. "
                + _FORMER_KEY.format(path=self._path)
            )
        return key

    @contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        try:
            yield
        except KeyringUnavailable as error:
            raise KeyringLocked(str(error)) from None
        except DamagedError as error:
            raise KeyringError(
                f"the keyring file {self._path} {error}. Restore it from a backup, or move it away and enter "
                "the carriers' keys again"
            ) from None
        except OSError as error:
            raise KeyringError(
                f"{error.filename or self._path} can't be {done}: {error.strerror or error}. "
                "Look at the state directory's permissions and free space"
            ) from None
