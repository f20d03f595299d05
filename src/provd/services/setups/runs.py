"""Runs of setups: each is a task of its own, goes on without its caller, and is mended after a crash."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from provd.carriers.api import CarrierApi
from provd.carriers.base import AnyCarrier, Order, Plan, ProviderDraft
from provd.carriers.credentials import CarrierModel, exposed, last_four
from provd.carriers.errors import CarrierError, NotThere
from provd.carriers.gateways import Gateway
from provd.carriers.saga import Saga, Step, leave
from provd.schema.audit import Outcome
from provd.schema.provider import Provider
from provd.schema.setup import SetupState
from provd.secrets.errors import VaultError
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.errors import ServiceError, conflict
from provd.services.idempotency import Repeatable, check_same, first_answer
from provd.services.providers import ProviderService
from provd.services.setups.catalogue import Catalogue, read
from provd.services.setups.journal import StoredJournal, enter, rows_of, steps_of
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.refusals import no_keyring, refusal_of
from provd.services.setups.tasks import SetupTasks
from provd.services.setups.words import (
    NOTHING_LEFT,
    has_numbers,
    id_was_used,
    no_such_setup,
    not_now,
    what_is_left,
)
from provd.store import setups as stored
from provd.store.engine import Store, Transaction
from provd.store.errors import StoreError
from provd.store.setups import StoredSetup
from provd.store.tables import SetupRow

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
_FIRST_RETRY_S = 60.0
_LAST_RETRY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a setup is to begin with."""

    carrier: AnyCarrier
    credentials: CarrierModel
    settings: CarrierModel
    gateways: list[Gateway]


class SetupRuns:
    """Takes setups forward and back, one task for each; ``run`` owns them."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        keys: KeyKeeper,
        providers: ProviderService,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.tasks = SetupTasks()
        self._store = store
        self._catalogue = catalogue
        self._keys = keys
        self._providers = providers
        self._clock = clock
        self._sleep = sleep
        self._retries: dict[str, tuple[int, float]] = {}

    async def run(self) -> None:
        """Mend what a crash left, then try again what could not be undone, until cancelled."""
        async with asyncio.TaskGroup() as group:
            self.tasks.own(group)
            while True:
                try:
                    await self._keys.sweep()
                    await self._mend()
                except StoreError as error:
                    log.warning("setups can't be looked at: %s", error)
                await self._sleep(LOOK_EVERY_S)

    async def begin(self, setup: SetupRow, wanted: Wanted, actor: Actor) -> Provider:
        """Write a new setup down and run it; it goes on when the caller is cancelled.

        A repetition, by the idempotency key, waits for the first and has its answer, also with an id of its
        own.
        """
        while setup.idempotency_key is not None and setup.id in self.tasks:
            await self.tasks.settled(setup.id)
        return await self.tasks.do(setup.id, self._begin(setup, wanted, actor))

    async def resume(self, setup_id: str, actor: Actor) -> Provider:
        """Go on with a setup where it stopped. ServiceError 409 when there is nothing to go on with."""
        return await self.tasks.do(setup_id, self._resume(setup_id, actor))

    async def undo(self, setup_id: str, actor: Actor) -> SetupState:
        """Undo a setup; how it ended."""
        return await self.tasks.do(setup_id, self.undo_in_task(setup_id, actor))

    # forward

    async def _begin(self, setup: SetupRow, wanted: Wanted, actor: Actor) -> Provider:
        carrier, request = wanted.carrier, _repeatable(setup)
        async with self._store.write() as transaction:
            before = await first_answer(transaction, request, Provider)
            twin = None
            if request is not None and before is None:
                twin = await transaction.run(stored.of_key, request.uid, request.key)
            if before is None and twin is None:
                if await transaction.run(stored.get, setup.id) is not None:
                    raise id_was_used(setup.id)
                await enter(transaction, setup, SetupState.RUNNING)
                audit_setup(transaction, actor, "setup.begin", setup)
        if before is not None:
            return before
        if request is not None and twin is not None:
            return await self._answer_of(twin, request)
        try:
            async with self._catalogue.open(carrier, wanted.credentials) as api:
                await carrier.validate(api)
                ref = await self._keys.put(
                    setup.id, exposed(wanted.credentials), last_four(wanted.credentials)
                )
                setup.credential_ref = ref
                order = Order(name=setup.name, tag=tag_of(setup.id), gateways=wanted.gateways)
                plan: Plan = await carrier.plan(api, order, wanted.settings)
                steps = [Step(resource) for resource in plan.resources]
                setup.draft, setup.by_hand = plan.provider.model_dump(mode="json"), plan.by_hand
                async with self._store.write() as transaction:
                    await transaction.session.merge(setup)
                    transaction.session.add_all(rows_of(setup.id, steps))
                self._keys.settle(ref)
        except (CarrierError, VaultError) as error:
            await self._give_up(setup, str(error))
            raise refusal_of(error) if isinstance(error, CarrierError) else no_keyring(error) from error
        return await self._forward(setup, steps, actor)

    async def _answer_of(self, twin: SetupRow, request: Repeatable) -> Provider:
        """What a setup answers that the same request began."""
        check_same(request, twin.request_hash)
        await self.tasks.settled(twin.id)
        async with self._store.write() as transaction:
            answer = await first_answer(transaction, request, Provider)
        if answer is None:
            raise conflict(
                "SETUP_FAILED",
                f"the setup that this Idempotency-Key began did not end well: GET /v1.0/setups/{twin.id} "
                "tells why",
            )
        return answer

    async def _resume(self, setup_id: str, actor: Actor) -> Provider:
        found = self._now(setup_id)
        setup = found.setup
        if setup.state == SetupState.DONE or setup.provider_id is not None:
            raise not_now(setup, "it made its provider already")
        if setup.state == SetupState.UNDONE or not found.steps:
            raise not_now(setup, "nothing of it is left, nor its key: set it up again")
        return await self._forward(setup, steps_of(found.steps), actor, "setup.resume")

    def _now(self, setup_id: str) -> StoredSetup:
        """A setup as it is. Asked in its task, or while it has none: so nobody else changes it."""
        found = self._store.read_now(stored.get, setup_id)
        if found is None:
            raise no_such_setup(setup_id)
        return found

    async def _forward(self, setup: SetupRow, steps: list[Step], actor: Actor, asked: str = "") -> Provider:
        """Go through the steps for an actor; ``asked`` is what they asked for, if that is news."""
        async with self._store.write() as transaction:
            await enter(transaction, setup, SetupState.RUNNING)
            if asked:
                audit_setup(transaction, actor, asked, setup)
        try:
            async with self.open(setup) as (carrier, api):
                saga = Saga(api, carrier, steps, StoredJournal(self._store, setup, steps))
                await saga.forward()
                return await self._finish(setup, saga.ids, actor)
        except CarrierError as error:
            state = await self._back(setup, steps, str(error))
            since = NOTHING_LEFT if state is SetupState.UNDONE else what_is_left(setup, steps)
            raise refusal_of(error, since) from error
        except VaultError as error:
            raise no_keyring(
                error, f"The setup {setup.id} waits: it goes on when the keyring works."
            ) from error

    async def _finish(self, setup: SetupRow, ids: dict[str, str], actor: Actor) -> Provider:
        draft = ProviderDraft.model_validate(setup.draft)
        metadata = {
            key: ids[steps] if isinstance(steps, str) else [ids[step] for step in steps]
            for key, steps in draft.metadata.items()
        }
        fields = {
            "name": setup.name,
            "detail": setup.detail,
            "hostname": draft.hostname,
            "transport": draft.transport.value,
            "tech_prefix": draft.tech_prefix,
            "carrier": setup.carrier,
            "carrier_metadata": metadata,
        }
        async with self._store.write() as transaction:
            provider = await self._providers.create_in(transaction, fields, actor, _repeatable(setup))
            setup.provider_id = provider.id
            await enter(transaction, setup, SetupState.DONE)
        return provider

    # back

    async def undo_in_task(self, setup_id: str, actor: Actor | None = None) -> SetupState:
        """The same as ``undo``, for who is in the setup's task already. Without an ``actor`` it is no news to
        the audit log."""
        found = self._now(setup_id)
        if found.setup.state == SetupState.UNDONE:
            return SetupState.UNDONE
        if actor is not None:
            async with self._store.write() as transaction:
                await enter(transaction, found.setup, SetupState.UNDOING, found.setup.error)
                audit_setup(transaction, actor, "setup.rollback", found.setup)
        return await self._back(found.setup, steps_of(found.steps), found.setup.error, ask_first=True)

    async def _back(
        self, setup: SetupRow, steps: list[Step], why: str, *, ask_first: bool = False
    ) -> SetupState:
        """Undo steps; with ``ask_first`` nothing is undone while the trunk has numbers."""
        async with self._store.write() as transaction:
            await enter(transaction, setup, SetupState.UNDOING, why)
        journal = StoredJournal(self._store, setup, steps)
        clean = not any(step.may_be_there for step in steps)
        if not clean:
            try:
                async with self.open(setup) as (carrier, api):
                    saga = Saga(api, carrier, steps, journal)
                    blocked = await _why_it_stays(carrier, saga, api, setup.id) if ask_first else ""
                    clean = not blocked and await saga.back()
            except (CarrierError, VaultError, ServiceError) as error:
                blocked = str(error)
            if blocked:
                await leave(steps, journal, blocked)
        if not clean:
            async with self._store.write() as transaction:
                await enter(transaction, setup, SetupState.LEFT, why)
            if setup.id not in self._retries:
                self._retry_later(setup.id)
            return SetupState.LEFT
        await self._give_up(setup, why)
        return SetupState.UNDONE

    async def _give_up(self, setup: SetupRow, why: str) -> None:
        """End a setup of which nothing is at the carrier: its key goes too."""
        ref, setup.credential_ref = setup.credential_ref, None
        if ref is not None:
            await self._keys.discard(ref)
        async with self._store.write() as transaction:
            await enter(transaction, setup, SetupState.UNDONE, why)
        self._retries.pop(setup.id, None)

    @asynccontextmanager
    async def open(self, setup: SetupRow) -> AsyncIterator[tuple[AnyCarrier, CarrierApi]]:
        """The API of a setup's carrier, with its key out of the keyring. Raises VaultError."""
        carrier = self._catalogue.carrier(setup.carrier)
        credentials = read(carrier.credentials, await self._keys.get(setup), "credentials")
        async with self._catalogue.open(carrier, credentials) as api:
            yield carrier, api

    # after a crash, and again

    async def _mend(self) -> None:
        """Go on with what nobody is at work on: forward or back, as it was going."""
        for row in await self._store.read(stored.unfinished):
            _, at = self._retries.get(row.id, (0, 0.0))
            if row.id in self.tasks or self._clock() < at:
                continue
            self._retry_later(row.id)
            self.tasks.start(row.id, self._go_on(row.id))

    async def _go_on(self, setup_id: str) -> None:
        found = self._now(setup_id)  # it may have ended since it was listed
        setup = found.setup
        try:
            if setup.state == SetupState.RUNNING and found.steps:
                await self._forward(setup, steps_of(found.steps), Actor(setup.uid, setup.by))
            elif setup.state == SetupState.RUNNING:
                await self._give_up(setup, "provd stopped before anything was made: set it up again")
            elif setup.state in (SetupState.UNDOING, SetupState.LEFT):
                await self.undo_in_task(setup_id)
        except ServiceError as error:
            log.warning("the setup of %s at %s did not go on: %s", setup.name, setup.carrier, error)

    def _retry_later(self, setup_id: str) -> None:
        tries, _ = self._retries.get(setup_id, (0, 0.0))
        wait_s = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2.0**tries)
        self._retries[setup_id] = (tries + 1, self._clock() + wait_s)


def audit_setup(
    transaction: Transaction, actor: Actor, action: str, setup: SetupRow, outcome: Outcome = Outcome.BEGUN
) -> None:
    """Have the audit log tell what an actor asked of a setup."""
    about = {"carrier": setup.carrier, "provider_id": setup.provider_id}
    audit(transaction, actor, action, Subject("setup", setup.id, setup.name), after=about, outcome=outcome)


def _repeatable(setup: SetupRow) -> Repeatable | None:
    if setup.idempotency_key is None:
        return None
    return Repeatable(setup.uid, setup.idempotency_key, setup.request_hash)


def tag_of(setup_id: str) -> str:
    """What a setup's things at a carrier have in their names."""
    return setup_id.replace("-", "")[:8]


async def _why_it_stays(carrier: AnyCarrier, saga: Saga, api: CarrierApi, setup_id: str) -> str:
    try:
        numbers = await carrier.numbers(api, saga.ids)
    except NotThere:  # part of the trunk is gone already: then it has no numbers any more
        if not await saga.any_is_gone():
            raise
        return ""
    if not numbers:
        return ""
    return has_numbers(carrier.title, setup_id, numbers)
