"""Trunks after their setup: what is at the carrier, whether it is still as it was made, its key, its end."""

import asyncio
import logging
import math
import time
from collections.abc import Mapping

from pydantic import JsonValue

from provd.carriers.credentials import exposed, last_four
from provd.carriers.saga import ids
from provd.schema.audit import Outcome
from provd.schema.carriers import Account
from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.setup import (
    DeletedProvider,
    Deprovisioned,
    DriftEvent,
    Setup,
    SetupState,
    StepState,
    Verification,
)
from provd.schema.timestamps import to_timestamp
from provd.secrets.errors import VaultError
from provd.services.actor import Actor
from provd.services.errors import ServiceError, conflict
from provd.services.precondition import Precondition
from provd.services.providers import ProviderService
from provd.services.setups.catalogue import Catalogue, read
from provd.services.setups.comparison import compare
from provd.services.setups.journal import enter, steps_of
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.login import with_login
from provd.services.setups.refusals import refusing
from provd.services.setups.runs import SetupRuns, audit_setup
from provd.services.setups.shown import shown
from provd.services.setups.words import busy
from provd.store import setups as stored
from provd.store.engine import Store
from provd.store.errors import StoreError
from provd.store.setups import StoredSetup
from provd.store.tables import SetupRow

log = logging.getLogger(__name__)

COMPARE_EVERY_S = 86400.0
ASK_FOR_BALANCE_EVERY_S = 3600.0
_LOOK_EVERY_S = 60.0
_AT_ONCE = 20


class TrunkService:
    """The use cases of providers that a setup made. ``run`` compares each with its carrier once a day, and
    asks for the account's balance once an hour."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        keys: KeyKeeper,
        runs: SetupRuns,
        providers: ProviderService,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._keys = keys
        self._runs = runs
        self._providers = providers

    async def setup(self, provider_id: str) -> Setup:
        """What setup made for a provider."""
        return shown(await self._stored(provider_id))

    async def verify(self, provider_id: str) -> Verification:
        """Compare the carrier with the journal now."""
        found = await self._stored(provider_id)
        with refusing():
            return await self._verify(found)

    async def rotate(self, provider_id: str, given: Mapping[str, JsonValue], actor: Actor) -> Setup:
        """Replace the key: the new one is proved at the carrier, then kept, then the old one is removed."""
        found = await self._stored(provider_id)
        with refusing():
            await self._runs.tasks.do(found.setup.id, self._rotate(provider_id, given, actor))
        return await self.setup(provider_id)

    async def deprovision(
        self, provider_id: str, actor: Actor, precondition: Precondition, *, cascade: bool = False
    ) -> DeletedProvider:
        """Delete a provider, and what setup made for it at the carrier; what is left is told, and retried."""
        found = await self._stored(provider_id)
        setup = found.setup
        if setup.id in self._runs.tasks:
            raise busy(setup.id)
        with refusing():
            await self._keys.get(setup)  # before anything is deleted
        before = {row.number for row in found.steps if row.state != StepState.UNDONE}
        both = self._delete(setup, provider_id, actor, precondition, cascade=cascade)
        provider, state = await self._runs.tasks.do(setup.id, both)
        after = await self._store.read(stored.get, setup.id)
        steps = shown(after).steps if after is not None else []
        mine = [step for number, step in enumerate(steps, 1) if number in before]
        return DeletedProvider(
            **provider.model_dump(),
            deprovisioned=Deprovisioned(
                state=state,
                removed=[step for step in mine if step.state is StepState.UNDONE],
                left=[step for step in mine if step.state is not StepState.UNDONE],
            ),
        )

    async def run(self) -> None:
        """Look for drift and at balances, until cancelled."""
        while True:
            try:
                for row in await self._store.read(stored.to_verify, _since(COMPARE_EVERY_S), _AT_ONCE):
                    await self._look_for_drift(row)
                since = _since(ASK_FOR_BALANCE_EVERY_S)
                for row in await self._store.read(stored.to_ask_for_balance, since, _AT_ONCE):
                    await self._ask_for_balance(row)
            except StoreError as error:
                log.warning("trunks can't be compared with their carriers: %s", error)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look_for_drift(self, row: SetupRow) -> None:
        found = await self._store.read(stored.get, row.id)
        if found is None:
            return
        try:
            with refusing():
                await self._verify(found)
        except ServiceError as error:
            log.warning("the trunk of %s at %s can't be compared: %s", row.name, row.carrier, error)
            async with self._store.write() as transaction:
                at = to_timestamp(time.time())
                await transaction.run(stored.save_verification, row.id, at, None)

    async def _ask_for_balance(self, row: SetupRow) -> None:
        amount = row.balance  # when nobody can be asked, what was known is still the best there is
        try:
            with refusing():
                async with self._runs.open(row) as (carrier, api):
                    amount = _amount(await carrier.balance(api))
        except ServiceError as error:
            log.warning("the balance of %s at %s can't be read: %s", row.name, row.carrier, error)
        async with self._store.write() as transaction:
            at = to_timestamp(time.time())
            await transaction.run(stored.save_balance, row.id, at, amount)

    async def _verify(self, found: StoredSetup) -> Verification:
        setup, steps = found.setup, steps_of(found.steps)
        async with self._runs.open(setup) as (carrier, api):
            findings = await compare(api, steps)
            numbers = await carrier.numbers(api, ids(steps))
            account = await carrier.balance(api)
        at = to_timestamp(time.time())
        told = [each.model_dump(mode="json") for each in findings]
        async with self._store.write() as transaction:
            now = await transaction.run(stored.get, setup.id)
            is_current = now is not None and now.setup.state == SetupState.DONE
            if is_current:  # else it is being removed, and what is missing is so by intent
                await transaction.run(stored.save_verification, setup.id, at, told)
                await transaction.run(stored.save_balance, setup.id, at, _amount(account))
            if is_current and told != setup.drift:
                event = DriftEvent(
                    provider_id=setup.provider_id or "", name=setup.name, at=at, findings=findings
                )
                transaction.record(EventType.PROVIDER_DRIFT, at, setup.provider_id, event.model_dump_json())
        return Verification(
            provider_id=setup.provider_id or "",
            setup_id=setup.id,
            at=at,
            ok=not findings,
            findings=findings,
            numbers=numbers,
            account=account,
        )

    async def _rotate(self, provider_id: str, given: Mapping[str, JsonValue], actor: Actor) -> None:
        found = await self._stored(provider_id)  # as it is, now that nobody else changes it
        setup, steps = found.setup, steps_of(found.steps)
        carrier = self._catalogue.carrier(setup.carrier)
        read(carrier.credentials, given, "credentials")  # its own mistakes come first
        whole = with_login(given, await self._credentials_before(setup), steps)
        credentials = read(carrier.credentials, whole, "credentials")
        async with self._catalogue.open(carrier, credentials) as api:
            await carrier.validate(api)
            known = ids(steps)
            for step in steps:
                if step.may_be_there and await api.look(step.resource, known, step.carrier_id) is not None:
                    break
            else:
                raise _of_another_account(carrier.title)
        ref = await self._keys.put(setup.id, exposed(credentials), last_four(credentials))
        old = setup.credential_ref
        async with self._store.write() as transaction:
            await transaction.run(stored.save_credential_ref, setup.id, ref)
            audit_setup(transaction, actor, "setup.credentials", setup, Outcome.DONE)
        self._keys.settle(ref)
        if old is not None:
            await self._keys.discard(old)

    async def _credentials_before(self, setup: SetupRow) -> dict[str, str]:
        try:
            return await self._keys.get(setup)
        except VaultError:  # which may be why there is to be a new key
            return {}

    async def _delete(
        self,
        setup: SetupRow,
        provider_id: str,
        actor: Actor,
        precondition: Precondition,
        *,
        cascade: bool,
    ) -> tuple[Provider, SetupState]:
        async with self._store.write() as transaction:
            provider = await self._providers.delete_in(
                transaction,
                provider_id,
                actor,
                precondition,
                cascade=cascade,
                action="provider.deprovision",
            )
            await enter(transaction, setup, SetupState.UNDOING)
        return provider, await self._runs.undo_in_task(setup.id)

    async def _stored(self, provider_id: str) -> StoredSetup:
        row, _ = self._providers.stored(provider_id)
        found = await self._store.read(stored.of_provider, row.id)
        if found is None:
            raise conflict(
                "NOT_SET_UP",
                f"the provider {row.name} was added by hand, so provd made nothing for it at a carrier: "
                "POST /v1.0/providers/setup sets one up",
            )
        return found


def _of_another_account(title: str) -> ServiceError:
    return ServiceError(
        ErrorStatus.UNPROCESSABLE,
        "CARRIER_CREDENTIALS_REJECTED",
        f"{title} accepts this key, but its account has nothing of this trunk: give a key of the account "
        "that the trunk was set up in. The old key stays",
    )


def _since(seconds: float) -> tuple[str, str]:
    """The time since which something is not due again, from and to: what is of a time to come is due."""
    now = time.time()
    return to_timestamp(now - seconds), to_timestamp(now)


def _amount(account: Account | None) -> float | None:
    """The balance as a number; None when the carrier tells none, or writes it in a way of its own."""
    try:
        amount = float(account.balance) if account is not None else math.nan
    except ValueError:
        return None
    return amount if math.isfinite(amount) else None
