"""The backends that ``[keyring] backend`` may name. Each is imported only when it is first used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from provd.secrets.durable import may_exist
from provd.secrets.errors import KeyringUnavailable
from provd.secrets.master_key import MasterKey, find_master_key
from provd.secrets.secret_service import says_yes

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

NAMED = ("auto", "file", "secret-service")
"""The backends with a name of their own; all others are named by the path of their class."""

KEYRING_FILE = "keyring.json"
_BUS = "DBUS_SESSION_BUS_ADDRESS"
_USE_THE_FILE = 'or set [keyring] backend = "file"'


@dataclass(frozen=True, slots=True)
class Backend:
    """A backend, not opened yet.

    ``name`` is what is stored beside references, ``description`` what people read, ``open`` makes the
    keyring (it blocks, and raises KeyringUnavailable or whatever the backend does). ``complaint`` and
    ``remedy`` are what to say before and after the backend's own reason for a failure; ``when_silent`` is
    what to do when it does not answer.
    """

    name: str
    description: str
    open: "Callable[[], KeyringBackend]"
    complaint: str
    remedy: str
    when_silent: str


def choose_backend(
    name: str,
    key_file: Path | None,
    state_dir: Path,
    environ: Mapping[str, str],
    answers: Callable[[], bool],
) -> Backend:
    """The backend of that name: ``file``, ``secret-service``, a class's dotted path, or ``auto``.

    ``auto`` is the file once there is one or a master key was provided for it, and where no Secret Service
    ``answers`` on the environment's D-Bus session. A name that is none gives a backend that can't be opened.
    """
    master = find_master_key(key_file, state_dir, environ)
    path = state_dir / KEYRING_FILE
    if name == "auto":
        is_settled = master.given or may_exist(path) or not environ.get(_BUS)
        name = "file" if is_settled or not says_yes(answers) else "secret-service"
    if name == "file":
        return _file(path, master)
    if name == "secret-service":
        return _secret_service(environ)
    return _third_party(name)


def why_no_backend(name: str) -> str | None:
    """What speaks against a name that can't be a backend's anywhere; None for one that may be."""
    if name in NAMED or all(name.rpartition(".")):
        return None
    return f"{name!r} is none: use {', '.join(NAMED)}, or a class's path, like package.module.Class"


def class_named(name: str) -> "type[KeyringBackend]":
    """The backend of somebody else's that ``name`` is the path of: it is imported. KeyringUnavailable when it
    is none that could keep anything."""
    if (wrong := why_no_backend(name)) is not None:
        raise KeyringUnavailable(f"[keyring] backend = {wrong}")
    from keyring.backend import KeyringBackend
    from keyring.backends import fail, null

    module_name, _, class_name = name.rpartition(".")
    try:
        found = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise KeyringUnavailable(
            f"[keyring] backend = {name!r} can't be imported: {error}. Install its package where provd runs, "
            f"correct the name, {_USE_THE_FILE}"
        ) from None
    if not (isinstance(found, type) and issubclass(found, KeyringBackend)):
        raise KeyringUnavailable(
            f"[keyring] backend = {name!r} is no keyring.backend.KeyringBackend: correct the name, "
            + _USE_THE_FILE
        )
    if issubclass(found, (fail.Keyring, null.Keyring)):
        raise KeyringUnavailable(f"[keyring] backend = {name!r} keeps nothing: name another, {_USE_THE_FILE}")
    return found


def _file(path: Path, master: MasterKey) -> Backend:
    def open_file() -> "KeyringBackend":
        from provd.secrets.encrypted_file import EncryptedFileKeyring

        return EncryptedFileKeyring(path, master)

    return Backend(
        "file",
        f"the encrypted file {path}, key from {master.origin}",
        open_file,
        complaint="",
        remedy="",
        when_silent="look whether another process holds its lock, or the disk hangs",
    )


def _secret_service(environ: Mapping[str, str]) -> Backend:
    def open_service() -> "KeyringBackend":
        if not environ.get(_BUS):
            raise KeyringUnavailable(
                f"the Secret Service needs a D-Bus session, and ${_BUS} is not set: start provd within one, "
                + _USE_THE_FILE
            )
        from keyring.backends.SecretService import Keyring

        return _checked(Keyring, "secret-service")()

    return Backend(
        "secret-service",
        "the Secret Service on the D-Bus session",
        open_service,
        complaint="the Secret Service can't be used: ",
        remedy=f". Start and unlock it, {_USE_THE_FILE}",
        when_silent=f"unlock it if it asks for a password somewhere, {_USE_THE_FILE}",
    )


def _third_party(name: str) -> Backend:
    def open_class() -> "KeyringBackend":
        return _checked(class_named(name), name)()

    return Backend(
        name,
        f"the keyring backend {name}",
        open_class,
        complaint=f"the keyring backend {name} can't be used: ",
        remedy=f". See its documentation, {_USE_THE_FILE}",
        when_silent=f"look at what it connects to, {_USE_THE_FILE}",
    )


def _checked(found: "type[KeyringBackend]", name: str) -> "type[KeyringBackend]":
    try:
        found.priority  # noqa: B018 - this raises where the backend can't work
    except RuntimeError as error:
        reason = str(error) or "it has no priority"
        raise KeyringUnavailable(
            f"[keyring] backend = {name!r} does not work here: {reason}. Change that, {_USE_THE_FILE}"
        ) from None
    return found
