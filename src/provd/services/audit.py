"""The audit log: reading it, proving it, who was refused, and what is forgotten."""

import asyncio
import logging
import os
import time
from collections.abc import Callable

from provd.schema.audit import AuditEntry, AuditPage, AuditVerification, Outcome
from provd.schema.timestamps import to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.errors import not_found
from provd.services.refusal_bound import RefusalBound
from provd.store import audit as stored
from provd.store.audit import AuditFilter
from provd.store.audit_chain import Broken, Link
from provd.store.engine import Store
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

FORGET_EVERY_S = 3600.0
LOOK_EVERY_S = 10.0
_AT_ONCE = 500
_MAX_NAME = 256
_DAEMON = "provd"


class AuditService:
    """The use cases of the audit log. ``kept_s`` is how long lines are kept, by the time that is
    ``believed``; None: for ever."""

    def __init__(
        self,
        store: Store,
        kept_s: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        believed: Callable[[], float] = time.time,
    ) -> None:
        self.kept_s = kept_s
        self._store = store
        self._clock = clock
        self._believed = believed
        self._bound = RefusalBound()

    async def list(self, wanted: AuditFilter, page_size: int, page_token: str) -> AuditPage:
        """One page, newest first."""
        before = pages.event_cursor(page_token)
        rows = await self._store.read(stored.page, wanted, before, page_size + 1)
        shown = rows[:page_size]
        token = pages.encode(str(shown[-1].seq)) if len(rows) > page_size else ""
        return AuditPage(
            result=[AuditEntry.model_validate(stored.entry_of(row)) for row in shown], next_page_token=token
        )

    async def get(self, seq: int) -> AuditEntry:
        """One line; ServiceError 404 when there is none."""
        row = await self._store.read(stored.get, seq)
        if row is None:
            raise not_found(
                "AUDIT_ENTRY_NOT_FOUND", f"the audit log has no entry {seq}: GET /v1.0/audit lists them"
            )
        return AuditEntry.model_validate(stored.entry_of(row))

    async def verify(self) -> AuditVerification:
        """Go along the whole log, from what was forgotten last, and recompute every hash."""
        while True:
            start = await self._store.read(stored.anchored)
            found = await self._verify_from(start)
            if found.ok or await self._store.read(stored.anchored) == start:
                return found  # else lines were forgotten meanwhile, and are no gap

    async def _verify_from(self, start: Link) -> AuditVerification:
        last, seen = start, 0
        while True:
            walked = await self._store.read(stored.walk, last, _AT_ONCE)
            last, seen = walked.last, seen + walked.seen
            if walked.broken is not None:
                return _verification(start, last, seen, walked.broken)
            if not walked.seen:
                break
        written = await self._store.read(stored.written)
        after = await self._store.read(stored.walk, last, 1)  # one that came since is no gap
        if written > last.seq and not after.seen and after.broken is None:
            why = f"entry {last.seq + 1} is missing: entries up to {written} were written"
            return _verification(start, last, seen, Broken(last.seq + 1, why))
        return _verification(start, last, seen, None)

    async def refused(self, actor: Actor, path: str, reason: str) -> None:
        """Write down that a call was refused to somebody, within bounds. Never raises StoreError."""
        if not self._bound.admits(actor.uid, self._clock()):
            return
        called = f"{actor.method} {path}"[:_MAX_NAME].encode(errors="backslashreplace").decode()
        try:
            async with self._store.write() as transaction:
                audit(
                    transaction,
                    actor,
                    "access.refused",
                    Subject("call", name=called),
                    outcome=Outcome.REFUSED,
                    message=reason,
                )
        except StoreError as error:
            log.warning("a refused call of uid %d is not in the audit log: %s", actor.uid, error)

    async def run(self) -> None:
        """Say of refused calls how many were left out, and forget what is too old, until cancelled."""
        forgotten_at = -FORGET_EVERY_S
        while True:
            try:
                await self._tell_left_out(self._bound.ended(self._clock()))
                if self._clock() - forgotten_at >= FORGET_EVERY_S:
                    forgotten_at = self._clock()
                    await self.forget(self._believed())
            except StoreError as error:
                log.warning("the audit log can't be kept in order: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)

    async def flush(self) -> None:
        """Say how many were left out until now, as the daemon stops."""
        try:
            await self._tell_left_out(self._bound.close())
        except StoreError as error:
            log.warning("the audit log lacks how many refused calls were left out: %s", error)

    async def forget(self, now: float) -> None:
        """Forget the lines that are older than they are kept, as of ``now``, and say so in the log."""
        if self.kept_s is None:
            return
        before = to_timestamp(now - self.kept_s)
        if await self._store.read(stored.forgettable, before) is None:
            return
        async with self._store.write() as transaction:
            last = await transaction.run(stored.forget, before)
            if last is not None:
                about = {"last_seq": last.seq, "last_hash": last.hash}
                audit(transaction, _daemon(), "audit.forget", Subject("audit"), before=about)

    async def _tell_left_out(self, count: int) -> None:
        if not count:
            return
        async with self._store.write() as transaction:
            audit(
                transaction,
                _daemon(),
                "access.left_out",
                Subject("call"),
                outcome=Outcome.REFUSED,
                message=f"{count} more calls were refused, and are left out here: there were too many",
                after={"left_out": count},
            )


def _daemon() -> Actor:
    return Actor(os.geteuid(), _DAEMON)


def _verification(start: Link, last: Link, seen: int, broken: Broken | None) -> AuditVerification:
    kept = f"entries {start.seq + 1} to {last.seq} are as they were written"
    return AuditVerification(
        ok=broken is None,
        checked=seen,
        first_seq=start.seq + 1 if seen else 0,
        last_seq=last.seq,
        last_hash=last.hash,
        seq=None if broken is None else broken.seq,
        message=broken.message if broken is not None else kept if seen else "the audit log is empty",
    )
