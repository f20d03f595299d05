"""Credentials in the keyring, and the references to them in the store.

A reference is written before its credentials go into the keyring, and deleted after they left it: so
whatever is in the keyring is known here, and what no setup refers to is removed at the next start.
"""

import logging
import time
import uuid
from collections.abc import Mapping

from provd.schema.setup import KeyringReport
from provd.schema.timestamps import to_timestamp
from provd.secrets.errors import KeyringUnavailable, VaultError
from provd.secrets.vault import Vault
from provd.store import setups as stored
from provd.store.engine import Store
from provd.store.tables import CredentialRow, SetupRow

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 3600.0


class KeyKeeper:
    """Keeps the credentials of setups, of channels and of logins. Raises VaultError, or StoreError."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._coming: set[str] = set()
        self._swept_at = -SWEEP_EVERY_S

    async def put(self, setup_id: str, credentials: Mapping[str, str], ends: str) -> str:
        """Keep credentials that were proved just now; the reference to them. Those of a channel or a
        login are of no setup: then ``setup_id`` is empty."""
        now = to_timestamp(time.time())
        row = CredentialRow(
            ref=str(uuid.uuid4()),
            setup_id=setup_id,
            backend=self._vault.backend,
            ends=ends,
            tm_create=now,
            verified_at=now,
        )
        self._coming.add(row.ref)
        async with self._store.write() as transaction:
            transaction.session.add(row)
        try:
            await self._vault.put(row.ref, credentials)
        except VaultError:
            await self.discard(row.ref)
            raise
        return row.ref

    async def get(self, setup: SetupRow) -> dict[str, str]:
        """The credentials of a setup."""
        if setup.credential_ref is None:
            raise KeyringUnavailable("this setup has no key in it any more: it was removed with the trunk")
        return await self.fetch(setup.credential_ref)

    async def fetch(self, ref: str) -> dict[str, str]:
        """The credentials that a reference leads to."""
        row = await self._store.read(stored.credential, ref)
        if row is None:
            raise KeyringUnavailable("the reference to this key leads nowhere any more: enter the key again")
        if row.backend != self._vault.backend:
            raise KeyringUnavailable(
                f"this key was put into the keyring {row.backend!r}, and {self._vault.backend!r} is "
                f'in use: set backend = "{row.backend}" under [keyring] in provd\'s config'
            )
        return await self._vault.get(row.ref)

    async def discard(self, ref: str) -> None:
        """Remove credentials that are not needed any more; if that fails, it is tried again by ``sweep``."""
        self._coming.discard(ref)
        row = await self._store.read(stored.credential, ref)
        if row is not None and row.backend != self._vault.backend:
            log.warning(
                "credentials that nothing uses stay in the keyring %s: they leave it once it is in use again",
                row.backend,
            )
            return
        try:
            await self._vault.delete(ref)
        except VaultError as error:
            log.warning("credentials that nothing uses stay in the keyring for now: %s", error)
            return
        async with self._store.write() as transaction:
            row = await transaction.run(stored.credential, ref)
            if row is not None:
                await transaction.session.delete(row)

    def settle(self, ref: str) -> None:
        """Credentials that were put are referred to by their setup now."""
        self._coming.discard(ref)

    async def sweep(self) -> None:
        """Remove what no setup refers to: at the start, and once in SWEEP_EVERY_S."""
        if time.monotonic() - self._swept_at < SWEEP_EVERY_S:
            return
        self._swept_at = time.monotonic()
        # one look at both, between two turns of the loop: what is coming may be in use a moment later
        unused = self._store.read_now(stored.unused_credentials)
        for ref in [row.ref for row in unused if row.ref not in self._coming]:
            await self.discard(ref)

    async def report(self) -> KeyringReport:
        """Which keyring is in use, and whether it works."""
        error = ""
        try:
            await self._vault.round_trip()
        except VaultError as problem:
            error = str(problem)
        return KeyringReport(
            backend=self._vault.backend,
            description=self._vault.description,
            usable=not error,
            error=error,
            keys=await self._store.read(stored.count_credentials),
        )
