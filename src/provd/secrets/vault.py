"""The vault, as the services use it: secrets in, references out."""

import json
import uuid
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from provd.secrets.backends import Backend, choose_backend
from provd.secrets.bounded import BoundedCalls
from provd.secrets.complaint import reason_of
from provd.secrets.errors import KeyringUnavailable, SecretMissing, VaultError
from provd.secrets.secret_service import answers as secret_service_answers

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "provd"
"""The service under which a keyring has all our entries; the user is the reference."""

R = TypeVar("R")


class Vault:
    """Secrets, each a few named strings, under references that the caller makes up (not empty ones).

    ``backend`` is the name to store beside a reference, ``description`` is for people. A keyring that does
    not work shows at the calls, not before: each raises KeyringUnavailable, also after ``patience_s``
    without an answer; what it began may then still be done later. Calls are made one after the other.
    """

    def __init__(self, backend: Backend, patience_s: float = 10.0) -> None:
        self.backend = backend.name
        self.description = backend.description
        self._backend = backend
        self._keyring: KeyringBackend | None = None
        self._calls = BoundedCalls(patience_s)

    def __repr__(self) -> str:
        return f"Vault({self.backend!r})"

    async def put(self, ref: str, secret: Mapping[str, str]) -> None:
        """Keep a secret, in the place of what ``ref`` had, and make sure that it can be read again.

        After an error ``ref`` may have the secret all the same: ``delete`` it.
        """
        await self._run(lambda keyring: self._put(keyring, ref, dict(secret)), secret.values())

    async def get(self, ref: str) -> dict[str, str]:
        """The secret. Raises SecretMissing when there is none."""
        found = await self._run(lambda keyring: keyring.get_password(SERVICE, ref))
        if found is None:
            raise SecretMissing(
                f"{self.description} has no entry {ref!r} of {SERVICE!r}: enter the carrier's key again"
            )
        secret = _decode(found)
        if secret is None:
            raise KeyringUnavailable(
                f"the entry {ref!r} of {SERVICE!r} in {self.description} is not what provd wrote: "
                "enter the carrier's key again"
            )
        return secret

    async def delete(self, ref: str) -> None:
        """Forget a secret. There may be none."""
        await self._run(lambda keyring: _delete(keyring, ref))

    async def round_trip(self) -> None:
        """Prove that the keyring keeps, gives back and forgets, with an entry of its own that never stays."""
        ref = f"round-trip-{uuid.uuid4()}"

        def there_and_back(keyring: "KeyringBackend") -> None:
            try:
                self._put(keyring, ref, {"text": uuid.uuid4().hex})
            finally:
                _delete(keyring, ref)
            if keyring.get_password(SERVICE, ref) is not None:
                raise KeyringUnavailable(f"{self.description} does not forget what was deleted: use another")

        await self._run(there_and_back)

    def _put(self, keyring: "KeyringBackend", ref: str, secret: dict[str, str]) -> None:
        keyring.set_password(SERVICE, ref, json.dumps(secret))
        if _decode(keyring.get_password(SERVICE, ref)) != secret:
            raise KeyringUnavailable(f"{self.description} does not give back what was put in: use another")

    async def _run(self, work: Callable[["KeyringBackend"], R], hidden: Collection[str] = ()) -> R:
        def attempt() -> R:
            try:
                return work(self._opened())
            except VaultError:
                raise
            except BaseException as error:  # noqa: BLE001 - even SystemExit, if a backend raises that
                reason = reason_of(error, hidden)
            # out of the handler, so that the backend's exception is not chained: it may hold the secret
            raise KeyringUnavailable(f"{self._backend.complaint}{reason}{self._backend.remedy}")

        try:
            return await self._calls.run(attempt)
        except TimeoutError:
            reason = f"did not answer within {self._calls.patience_s:g} s"
        except RuntimeError:
            reason = "can't be asked, since no thread could be started"
        raise KeyringUnavailable(f"{self.description} {reason}: {self._backend.when_silent}")

    def _opened(self) -> "KeyringBackend":
        if self._keyring is None:
            self._keyring = self._backend.open()
        return self._keyring


def open_vault(
    backend: str,
    key_file: Path | None,
    state_dir: Path,
    environ: Mapping[str, str],
    *,
    secret_service_answers: Callable[[], bool] = secret_service_answers,
    patience_s: float = 10.0,
) -> Vault:
    """The vault for ``[keyring] backend``, see ``choose_backend``. Never fails, and makes no files.

    Only ``auto`` in a D-Bus session asks somebody at once, for three seconds at the most. The Secret
    Service's library takes the session from the process's environment, so ``environ`` should be that.
    """
    return Vault(choose_backend(backend, key_file, state_dir, environ, secret_service_answers), patience_s)


def _delete(keyring: "KeyringBackend", ref: str) -> None:
    from keyring.errors import PasswordDeleteError

    try:
        keyring.delete_password(SERVICE, ref)
    except PasswordDeleteError:  # there was none, or it can't be deleted
        if keyring.get_password(SERVICE, ref) is not None:
            raise


def _decode(text: str | None) -> dict[str, str] | None:
    try:
        secret = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(secret, dict) or not all(isinstance(value, str) for value in secret.values()):
        return None
    return secret
