"""Test calls: refused, placed, told while they go on, kept."""

import asyncio
import logging
import math
import time
import uuid
from collections.abc import Callable
from typing import Protocol

from pydantic import BaseModel

from provd.agent.calling.caller import Handle
from provd.agent.calling.placing import End, OnRung, Placed, Rung, Until, Wanted
from provd.probe.address import SocketAddress
from provd.routing.dialling import DialledCall, dial
from provd.routing.number import parse_number
from provd.schema.audit import Outcome
from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType
from provd.schema.health import HealthStatus
from provd.schema.hostname import parse_hostname
from provd.schema.test_calls import (
    CallMode,
    CallOutcome,
    CallTest,
    CallTestPage,
    CallTestRequest,
    CallTestStep,
)
from provd.schema.timestamps import to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.errors import ServiceError, conflict, invalid, not_found
from provd.services.hub import EventHub
from provd.services.idempotency import Repeatable, first_answer, keep_answer, repeatable
from provd.services.providers import ProviderService
from provd.services.test_calls.logins import LoginBook, user_of
from provd.services.test_calls.results import UNKNOWN, event_of, result_of, step_of, told
from provd.services.test_calls.rules import Rules, reserved_s
from provd.services.watching import Watching
from provd.sip.digest import Login
from provd.store import idempotency
from provd.store import test_calls as stored
from provd.store.engine import Store, Transaction
from provd.store.errors import StoreError
from provd.store.tables import CallTestRow, ProviderRow

log = logging.getLogger(__name__)

FORGET_EVERY_S = 3600.0
STOP_S = 8.0
_AT_ONCE = 500
_MAX_AT_ONCE = 20
_KIND = "provider"
_UNTIL = {CallMode.RING: Until.RING, CallMode.ANSWER: Until.ANSWER}


class Places(Protocol):
    """What places calls."""

    async def place(self, wanted: Wanted, handle: Handle, on_rung: OnRung) -> Placed:
        """Place a call and wait for its end."""
        ...

    async def stop(self) -> None:
        """Hang up what is left."""
        ...


class _Order(BaseModel):
    """What makes a request the same when it comes again."""

    provider_id: str
    request: CallTestRequest


class _Running:
    """A call that is under way."""

    def __init__(self, call_id: str, repeated: Repeatable | None) -> None:
        self.call_id = call_id
        self.repeated = repeated
        self.handle = Handle()
        self.task: asyncio.Task[CallTest] | None = None


class CallTestService:
    """The use cases of test calls. ``on_result`` is told of each call that was made and not cancelled."""

    def __init__(
        self,
        store: Store,
        hub: EventHub,
        providers: ProviderService,
        watching: Watching,
        logins: LoginBook,
        caller: Places,
        user_agent: str,
    ) -> None:
        self.rules = Rules()
        self.on_result: Callable[[ProviderRow, CallTest], None] = lambda _provider, _result: None
        self._store = store
        self._hub = hub
        self._providers = providers
        self._watching = watching
        self._logins = logins
        self._caller = caller
        self._user_agent = user_agent
        self._running: dict[str, _Running] = {}
        self._stopping = False

    async def place(
        self,
        provider_id: str,
        request: CallTestRequest,
        actor: Actor,
        idempotency_key: str | None = None,
        *,
        schedule: str = "",
    ) -> CallTest:
        """Place a call, and give its result when it has ended.

        It goes on when nobody waits for that any more. A repeated request waits for the first one, and has
        its result.
        """
        row, _ = self._providers.stored(provider_id)
        repeated = repeatable(actor.uid, idempotency_key, _Order(provider_id=row.id, request=request))
        if repeated is not None:
            async with self._store.write() as transaction:
                before = await first_answer(transaction, repeated, CallTest)
            if before is not None:
                return before
        number = _number("destination", request.destination)
        caller = _number("caller", request.caller) if request.caller else ""
        call = dial(row, number, caller)
        begun = CallTest(
            id=str(uuid.uuid4()),
            provider_id=row.id,
            provider=row.name,
            by=actor.user,
            schedule=schedule,
            destination=number,
            mode=request.mode,
            tm_create=to_timestamp(time.time()),
        )
        try:
            # looking a number up in every country takes some hundredths of a second
            await asyncio.to_thread(self.rules.check_destination, number, call.number)
            first = self._running.get(row.id)
            if first is None or repeated is None or first.repeated != repeated:
                first = None
                running = self._take_turn(row, begun.id, repeated)
        except ServiceError as error:
            await self._audit_refusal(row, begun, actor, error)
            raise
        if first is not None and first.task is not None:
            return await asyncio.shield(first.task)

        async def work() -> CallTest:
            try:
                login = await self._logins.login_of(row.id)
                wanted = self._wanted(row, call, request, login, user_of(login, caller))
                await self._begin(row, begun, request, actor)
            except BaseException as error:
                self._running.pop(row.id, None)
                if isinstance(error, ServiceError):
                    await self._audit_refusal(row, begun, actor, error)
                raise
            return await self._conduct(row, begun, wanted, running)

        running.task = asyncio.create_task(work())
        return await asyncio.shield(running.task)

    async def cancel(self, provider_id: str, call_id: str) -> CallTest:
        """Hang a call up, and give its result."""
        row, _ = self._providers.stored(provider_id)
        running = self._running.get(row.id)
        if running is None or running.call_id != call_id or running.task is None:
            ended = await self.get(row.id, call_id)
            raise conflict(
                "TEST_CALL_OVER", f"this call is over: {ended.outcome.value}. There is nothing to hang up"
            )
        running.handle.cancel()
        return await asyncio.shield(running.task)

    async def get(self, provider_id: str, call_id: str) -> CallTest:
        """One call."""
        row, _ = self._providers.stored(provider_id)
        found = await self._store.read(stored.get, row.id, call_id)
        if found is None:
            raise not_found(
                "TEST_CALL_NOT_FOUND",
                f"{row.name} has no test call {call_id}: GET /v1.0/providers/{row.id}/test-calls lists them",
            )
        return CallTest.model_validate(found.result)

    async def page(self, provider_id: str, page_size: int, page_token: str) -> CallTestPage:
        """One page of a provider's calls, newest first."""
        row, _ = self._providers.stored(provider_id)
        cursor = pages.provider_cursor(page_token)
        rows = await self._store.read(stored.page, row.id, cursor, page_size + 1)
        shown = rows[:page_size]
        token = pages.encode(shown[-1].tm_create, shown[-1].id) if len(rows) > page_size else ""
        return CallTestPage(
            result=[CallTest.model_validate(each.result) for each in shown], next_page_token=token
        )

    async def stop(self) -> None:
        """Hang up every call, and wait until each is written down, within bounds."""
        self._stopping = True
        tasks = [each.task for each in self._running.values() if each.task is not None]
        for each in self._running.values():
            each.handle.cancel()
        await self._caller.stop()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_S)

    async def run(self) -> None:
        """Write the end of calls that a daemon before did not, and forget old ones, until cancelled."""
        ended = False
        while True:
            try:
                if not ended:
                    await self._end_abandoned()
                    ended = True
                await self._forget()
                await self._logins.forget_deleted(time.time())
            except StoreError as error:
                log.warning("test calls can't be kept in order: %s", error)
            await asyncio.sleep(FORGET_EVERY_S)

    # one call

    def _take_turn(self, row: ProviderRow, call_id: str, repeated: Repeatable | None) -> _Running:
        if self._stopping:
            raise ServiceError(ErrorStatus.UNAVAILABLE, "STOPPING", "provd is stopping: call again later")
        if row.id in self._running:
            raise conflict(
                "TEST_CALL_RUNNING",
                f"a test call to {row.name} is under way, {self._running[row.id].call_id}: wait for its end, "
                "or hang it up",
            )
        if len(self._running) >= _MAX_AT_ONCE:
            raise ServiceError(
                ErrorStatus.RESOURCE_EXHAUSTED,
                "TOO_MANY_TEST_CALLS",
                f"{_MAX_AT_ONCE} test calls are under way: call again in a minute",
                retry_after_s=60,
            )
        running = self._running[row.id] = _Running(call_id, repeated)
        return running

    def _wanted(
        self, row: ProviderRow, call: DialledCall, request: CallTestRequest, login: Login | None, user: str
    ) -> Wanted:
        settings = self._watching.settings.of(row)
        return Wanted(
            uri=call.request_uri,
            host=parse_hostname(row.hostname),
            transport=settings.transport,
            user=user,
            until=_UNTIL[request.mode],
            user_agent=self._user_agent,
            ring_s=self.rules.ring_s,
            talk_s=float(request.max_duration_s),
            digits=request.dtmf,
            headers=tuple(call.headers.items()),
            login=login,
            preferred=self._healthy_addresses(row),
            server_name=settings.server_name,
            verify=settings.tls_verify,
            bind=settings.bind,
        )

    def _healthy_addresses(self, row: ProviderRow) -> frozenset[SocketAddress]:
        watch = self._watching.watch_of(row)
        targets = () if watch is None else watch.targets
        return frozenset(
            each.address
            for each in targets
            if each.address is not None and each.status is HealthStatus.HEALTHY
        )

    async def _begin(self, row: ProviderRow, begun: CallTest, request: CallTestRequest, actor: Actor) -> None:
        async with self._store.write() as transaction:
            await self.rules.check_budget(transaction, reserved_s(request))
            transaction.session.add(
                CallTestRow(
                    id=begun.id,
                    provider_id=row.id,
                    uid=actor.uid,
                    outcome=begun.outcome.value,
                    seconds=reserved_s(request),
                    result=begun.model_dump(mode="json"),
                    tm_create=begun.tm_create,
                )
            )
            audit(
                transaction,
                actor,
                "test_call.begin",
                Subject(_KIND, row.id, row.name),
                outcome=Outcome.BEGUN,
                after=told(begun),
            )

    async def _conduct(
        self,
        row: ProviderRow,
        begun: CallTest,
        wanted: Wanted,
        running: _Running,
    ) -> CallTest:
        def climb(rung: Rung) -> None:
            at = to_timestamp(time.time())
            step = CallTestStep(provider_id=row.id, call_id=begun.id, at=at, step=step_of(rung))
            self._hub.publish_passing(EventType.TEST_CALL_STEP, row.id, step.model_dump_json())

        try:
            placed = await self._caller.place(wanted, running.handle, climb)
        except Exception as error:  # whatever a peer brought about, the call gets its end
            log.exception("the test call %s went wrong", begun.id)
            placed = Placed(End.FAILED, problem=f"the call itself went wrong: {type(error).__name__}")
        finally:
            self._running.pop(row.id, None)
        ended = result_of(begun, placed)
        await self._write_end(row, ended, running.repeated)
        if ended.outcome is not CallOutcome.CANCELLED:
            self.on_result(row, ended)
        return ended

    async def _write_end(self, row: ProviderRow, ended: CallTest, repeated: Repeatable | None) -> None:
        seconds = float(math.ceil((ended.talk_ms or 0.0) / 1000.0))
        event = event_of(row, ended)
        try:
            async with self._store.write() as transaction:
                await transaction.run(
                    stored.save, ended.id, ended.outcome.value, seconds, ended.model_dump(mode="json")
                )
                if not await _is_taken(transaction, repeated):
                    keep_answer(transaction, repeated, ended)
                transaction.record(EventType.TEST_CALL_ENDED, event.at, row.id, event.model_dump_json())
        except StoreError as error:
            log.error("the result of the test call %s can't be kept: %s", ended.id, error)

    async def _audit_refusal(
        self, row: ProviderRow, begun: CallTest, actor: Actor, error: ServiceError
    ) -> None:
        try:
            async with self._store.write() as transaction:
                audit(
                    transaction,
                    actor,
                    "test_call.begin",
                    Subject(_KIND, row.id, row.name),
                    outcome=Outcome.REFUSED,
                    message=f"{error.reason}: {error}",
                    after=told(begun),
                )
        except StoreError as problem:
            log.warning("a refused test call is not in the audit log: %s", problem)

    # keeping order

    async def _end_abandoned(self) -> None:
        mine = {each.call_id for each in self._running.values()}
        async with self._store.write() as transaction:
            for row in await transaction.run(stored.running):
                if row.id in mine:
                    continue
                ended = CallTest.model_validate(row.result).model_copy(
                    update={
                        "outcome": CallOutcome.FAILED,
                        "cause_text": UNKNOWN,
                        "tm_end": to_timestamp(time.time()),
                    }
                )
                result = ended.model_dump(mode="json")
                await transaction.run(stored.save, row.id, ended.outcome.value, row.seconds, result)

    async def _forget(self) -> None:
        before = to_timestamp(time.time() - self.rules.kept_s)
        forgotten = _AT_ONCE
        while forgotten == _AT_ONCE:
            async with self._store.write() as transaction:
                forgotten = await transaction.run(stored.forget, before, _AT_ONCE)


async def _is_taken(transaction: Transaction, repeated: Repeatable | None) -> bool:
    """Whether another call, at the same time, was begun with the same key and has ended before."""
    if repeated is None:
        return False
    return await transaction.run(idempotency.find, repeated.uid, repeated.key) is not None


def _number(field: str, text: str) -> str:
    try:
        return parse_number(text)
    except ValueError as error:
        raise invalid(field, str(error)) from None
