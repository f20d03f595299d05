"""The use case: many providers and routes from a stream of lines."""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from provd.schema.audit import Outcome
from provd.schema.events import EventType, ImportEvent
from provd.schema.provider import ProviderCreate
from provd.schema.timestamps import NEVER, to_timestamp
from provd.schema.transfer import Became, ImportReport
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit, first_revision
from provd.services.importing.lines import Line
from provd.services.importing.report import count, fail, words
from provd.services.importing.routes import plan_routes, write_routes
from provd.services.importing.wanted import Wanted, wanted_of
from provd.services.providers import ProviderService, differs, new_fields
from provd.services.routing.book import RouteBook
from provd.store import providers as stored_providers
from provd.store import routes as stored_routes
from provd.store.engine import Store, Transaction
from provd.store.errors import StoreError
from provd.store.tables import ProviderRow

BATCH = 250


class ImportService:
    """Takes in lines in batches: each is one transaction, so what was read before a break stays. One event
    tells of it at the end, also when that is a break.

    The audit log has two lines of an import: one that is written with its first change, so that there is one
    also of an import that breaks off, and one at its end, with what became of it.
    """

    def __init__(self, store: Store, providers: ProviderService, book: RouteBook) -> None:
        self._store = store
        self._providers = providers
        self._book = book

    async def take(
        self, lines: AsyncIterator[Line], form: str, actor: Actor, *, dry_run: bool
    ) -> ImportReport:
        """Import every line that is right, say what is wrong with the others. ``form`` is the format's name;
        ``dry_run`` changes nothing."""
        report = ImportReport(dry_run=dry_run)
        run = _Run(actor, Subject("import", str(uuid.uuid4()), form))
        try:
            await self._take_lines(lines, report, run)
        except BaseException:
            if run.begun:
                with suppress(StoreError):  # what broke it off is what is told
                    await self._announce(run, None)
            raise
        if run.begun:
            await self._announce(run, report)
        return report

    async def _take_lines(self, lines: AsyncIterator[Line], report: ImportReport, run: "_Run") -> None:
        batch: list[Wanted] = []
        seen: set[str] = set()
        coming: set[str] = set()
        async for line in lines:
            wanted = wanted_of(line, report)
            if wanted is None:
                continue
            if wanted.id in seen:
                fail(report, line.number, f"has the id {wanted.id}, which an earlier line has too")
                continue
            if wanted.given:
                seen.add(wanted.id)
            batch.append(wanted)
            if len(batch) >= BATCH:
                await self._take_batch(batch, coming, report, run)
                batch = []
        if batch:
            await self._take_batch(batch, coming, report, run)

    async def _take_batch(
        self, batch: list[Wanted], coming: set[str], report: ImportReport, run: "_Run"
    ) -> None:
        """Take a batch in one transaction. ``coming`` are the providers that a dry run would have made."""
        lines = [each for each in batch if not each.route]
        routes = [each for each in batch if each.route]
        given = {each.id for each in lines if each.given}
        route_ids = {each.id for each in routes if each.given}
        leading_to = {str(each.fields.get("provider_id")) for each in routes}
        if report.dry_run:
            known = await self._store.read(stored_providers.some, given)
            created, _ = _sort(lines, known, report)
            coming |= {wanted.id for wanted, _ in created}
            there = _alive(await self._store.read(stored_providers.some, leading_to - coming))
            known_routes = await self._store.read(stored_routes.some, route_ids)
            plan_routes(routes, known_routes, coming | there, report)
            return
        async with self._store.write() as transaction:
            known = await transaction.run(stored_providers.some, given)
            created, changed = _sort(lines, known, report)
            rows = [new_fields(wanted.id, new) for wanted, new in created]
            await transaction.run(stored_providers.insert_many, rows)
            transaction.revise(*(first_revision(row, run.actor, "import") for row in rows))
            for wanted, (row, health) in changed:
                await self._providers.change_in(transaction, row, health, wanted.fields, run.actor, "import")
            transaction.after_commit(lambda: self._providers.watch_new(rows))
            if routes:
                there = _alive(await transaction.run(stored_providers.some, leading_to))
                known_routes = await transaction.run(stored_routes.some, route_ids)
                planned = plan_routes(routes, known_routes, there, report)
                write_routes(transaction, planned, self._book, run.actor)
            if _changed(report):
                run.go_on(transaction, report)

    async def _announce(self, run: "_Run", whole: ImportReport | None) -> None:
        """Tell what was committed; ``whole`` is what became of an import that was not broken off."""
        at = to_timestamp(time.time())
        event = ImportEvent(at=at, by=run.actor.user, created=run.created, updated=run.updated)
        async with self._store.write() as transaction:
            transaction.record(EventType.PROVIDERS_IMPORTED, at, None, event.model_dump_json())
            if whole is not None:
                run.end(transaction, whole)


@dataclass(slots=True)
class _Run:
    """One import, as others hear of it: how many providers were ``created`` and ``updated`` by the latest
    commit, and whether anything was changed by then."""

    actor: Actor
    subject: Subject
    begun: bool = False
    created: int = 0
    updated: int = 0

    def go_on(self, transaction: Transaction, report: ImportReport) -> None:
        """Write, once, that it changes something, and note what ``report`` says once that is committed."""
        transaction.after_commit(lambda: self._has_changed(report))
        if not self.begun:
            audit(transaction, self.actor, "import", self.subject, outcome=Outcome.BEGUN)

    def end(self, transaction: Transaction, report: ImportReport) -> None:
        """Write what became of it."""
        counts = {
            **report.model_dump(include={"created", "updated", "unchanged"}),
            "failed": report.failed_total,
            "routes": report.routes.model_dump(),
        }
        audit(transaction, self.actor, "import", self.subject, after=counts)

    def _has_changed(self, report: ImportReport) -> None:
        self.begun, self.created, self.updated = True, report.created, report.updated


def _changed(report: ImportReport) -> int:
    return report.created + report.updated + report.routes.created + report.routes.updated


def _sort(
    lines: list[Wanted], known: dict[str, stored_providers.Stored], report: ImportReport
) -> tuple[list[tuple[Wanted, ProviderCreate]], list[tuple[Wanted, stored_providers.Stored]]]:
    """Tell new providers from changes, and count them."""
    created, changed = [], []
    for wanted in lines:
        stored = known.get(wanted.id)
        before = None if stored is None else _fields_of(stored[0], wanted.fields)
        if stored is None:
            try:
                new = ProviderCreate.model_validate(wanted.fields)
            except ValidationError as error:
                fail(report, wanted.number, words(error))
                continue
            created.append((wanted, new))
            became = Became.CREATED
        elif stored[0].tm_delete != NEVER:
            fail(report, wanted.number, f"has the id {wanted.id} of a provider that was deleted")
            continue
        elif differs(stored[0], wanted.fields):
            changed.append((wanted, stored))
            became = Became.UPDATED
        else:
            became = Became.UNCHANGED
        count(report, became, wanted.number, wanted.id, before, wanted.fields, route=False)
    return created, changed


def _alive(found: dict[str, stored_providers.Stored]) -> set[str]:
    return {key for key, (row, _) in found.items() if row.tm_delete == NEVER}


def _fields_of(row: ProviderRow, names: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", *names)}
