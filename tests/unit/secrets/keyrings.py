"""Keyring backends: one that works, and others that fail in one way each."""

import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from provd.secrets.durable import SystemCalls
from provd.secrets.encrypted_file import EncryptedFileKeyring
from provd.secrets.master_key import find_master_key

HERE = "tests.unit.secrets.keyrings"


def file_keyring(folder: Path, calls: SystemCalls = SystemCalls()) -> EncryptedFileKeyring:
    """The encrypted file of a state directory, with the key that is made there."""
    return EncryptedFileKeyring(folder / "keyring.json", find_master_key(None, folder, {}), calls)


class InMemory(KeyringBackend):
    """Works, as a third party's does."""

    priority = 0.5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("no such password")


class Hanging(InMemory):
    """Answers when it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait()
        return super().get_password(service, username)


class Locked(InMemory):
    """Wants to be unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")

    def delete_password(self, service: str, username: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class Forgetful(InMemory):
    """Keeps nothing, and does not say so."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class NeverForgets(InMemory):
    """Can't delete."""

    def delete_password(self, service: str, username: str) -> None:
        raise PasswordDeleteError("deleting is not supported")


class OnlySaysThatItForgot(InMemory):
    """Deletes nothing, and does not say so."""

    def delete_password(self, service: str, username: str) -> None:
        pass


class Talkative(InMemory):
    """Fails with its password in the message of one of keyring's errors."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringError(f"can't keep {password}")


class Crashing(InMemory):
    """Fails with its password in the message of an error of its own."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise LookupError(f"can't keep {password}")

    def get_password(self, service: str, username: str) -> str | None:
        raise SystemExit("s3cret")


class Unsuited(InMemory):
    """Can't work on this system."""

    @property
    def name(self) -> str:
        return "unsuited"

    class _Priority:
        def __get__(self, instance: object, owner: object) -> float:
            raise RuntimeError("it needs an enclave")

    priority = _Priority()  # type: ignore[assignment]


class WantsArguments(InMemory):
    """Can't be made from its name alone."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


NOT_A_CLASS = InMemory
NOT_A_BACKEND = dict
