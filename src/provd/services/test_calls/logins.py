"""The logins that test calls use: given over the API, or made by a setup."""

import time

from provd.routing.dialling import escaped_user
from provd.schema.test_calls import SipLogin, SipLoginRequest
from provd.schema.timestamps import to_timestamp
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.errors import not_found
from provd.services.providers import ProviderService
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.refusals import refusing
from provd.sip.digest import Login
from provd.store import setups as stored_setups
from provd.store import test_calls as stored
from provd.store.engine import Store
from provd.store.tables import SipLoginRow

KEPT_OF_DELETED_S = 7 * 86400.0
_KIND = "provider"


class LoginBook:
    """The use cases of logins."""

    def __init__(self, store: Store, keys: KeyKeeper, providers: ProviderService) -> None:
        self._store = store
        self._keys = keys
        self._providers = providers

    async def get(self, provider_id: str) -> SipLogin:
        """Which login a provider's test calls have; its password is never shown."""
        row, _ = self._providers.stored(provider_id)
        known = await self._store.read(stored.login, row.id)
        if known is not None:
            return _shown(known)
        login = await self.login_of(row.id)
        if login is None:
            return SipLogin(provider_id=row.id, source="none")
        return SipLogin(provider_id=row.id, username=login.username, source="setup")

    async def put(self, provider_id: str, wanted: SipLoginRequest, actor: Actor) -> SipLogin:
        """Give a provider a login, in the place of any before."""
        row, _ = self._providers.stored(provider_id)
        secret = {"sip_username": wanted.username, "sip_password": wanted.password.get_secret_value()}
        with refusing():
            ref = await self._keys.put("", secret, "")
        now = to_timestamp(time.time())
        made = SipLoginRow(provider_id=row.id, username=wanted.username, credential_ref=ref, tm_update=now)
        async with self._store.write() as transaction:
            before = await transaction.run(stored.login, row.id)
            old = None if before is None else before.credential_ref
            told = None if before is None else {"sip_username": before.username}
            await transaction.session.merge(made)
            audit(
                transaction,
                actor,
                "sip_login.put",
                Subject(_KIND, row.id, row.name),
                before=told,
                after={"sip_username": wanted.username, "password_changed": True},
            )
        self._keys.settle(ref)
        if old is not None:
            with refusing():
                await self._keys.discard(old)
        return _shown(made)

    async def delete(self, provider_id: str, actor: Actor) -> SipLogin:
        """Forget a provider's login."""
        row, _ = self._providers.stored(provider_id)
        async with self._store.write() as transaction:
            before = await transaction.run(stored.login, row.id)
            if before is None:
                raise not_found(
                    "SIP_LOGIN_NOT_FOUND",
                    f"{row.name} was given no login: GET .../sip-login tells where one comes from",
                )
            gone = _shown(before)
            ref = before.credential_ref
            await transaction.session.delete(before)
            told = {"sip_username": before.username}
            audit(transaction, actor, "sip_login.delete", Subject(_KIND, row.id, row.name), before=told)
        with refusing():
            await self._keys.discard(ref)
        return gone

    async def login_of(self, provider_id: str) -> Login | None:
        """The login itself; ServiceError when the keyring can't be used."""
        known = await self._store.read(stored.login, provider_id)
        with refusing():
            if known is not None:
                return _login(await self._keys.fetch(known.credential_ref))
            setup = await self._store.read(stored_setups.of_provider, provider_id)
            if setup is None or setup.setup.credential_ref is None:
                return None
            return _login(await self._keys.get(setup.setup))

    async def forget_deleted(self, now: float) -> None:
        """Forget the logins of providers that were deleted KEPT_OF_DELETED_S before ``now``, or earlier.

        Raises StoreError.
        """
        before = to_timestamp(now - KEPT_OF_DELETED_S)
        for row in await self._store.read(stored.logins_of_deleted, before):
            async with self._store.write() as transaction:
                known = await transaction.run(stored.login, row.provider_id)
                if known is not None:
                    await transaction.session.delete(known)
            await self._keys.discard(row.credential_ref)


def user_of(login: Login | None, caller: str) -> str:
    """Who calls, as a URI has it: the caller that was asked for, else the login's, else provd."""
    return escaped_user(caller or ("provd" if login is None else login.username))


def _login(credentials: dict[str, str]) -> Login | None:
    username = credentials.get("sip_username")
    return None if not username else Login(username, credentials.get("sip_password", ""))


def _shown(row: SipLoginRow) -> SipLogin:
    return SipLogin(provider_id=row.provider_id, username=row.username, source="api", tm_update=row.tm_update)
