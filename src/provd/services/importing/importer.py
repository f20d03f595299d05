"""The use case: many providers from a stream of lines."""

import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from provd.schema.events import EventType, ImportEvent
from provd.schema.provider import READ_ONLY_FIELDS, ProviderCreate
from provd.schema.timestamps import NEVER, to_timestamp
from provd.schema.transfer import MAX_FAILURES_SHOWN, FailedLine, ImportedProvider, ImportReport
from provd.services.actor import Actor
from provd.services.importing.lines import Line
from provd.services.providers import ProviderService, differs, new_fields
from provd.store import providers as stored_providers
from provd.store.engine import Store

BATCH = 250
_IGNORED = READ_ONLY_FIELDS - {"id"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    number: int
    id: str
    given: bool
    fields: dict[str, Any]


class ImportService:
    """Takes in lines in batches: each is one transaction, so what was read before a break stays."""

    def __init__(self, store: Store, providers: ProviderService) -> None:
        self._store = store
        self._providers = providers

    async def take(self, lines: AsyncIterator[Line], actor: Actor, *, dry_run: bool) -> ImportReport:
        """Import every line that is right, say what is wrong with the others. ``dry_run`` changes nothing."""
        report = ImportReport(dry_run=dry_run)
        batch: dict[str, _Wanted] = {}
        seen: set[str] = set()
        async for line in lines:
            wanted = _wanted(line, report)
            if wanted is None:
                continue
            if wanted.id in seen:
                _fail(report, line.number, f"has the id {wanted.id}, which an earlier line has too")
                continue
            if wanted.given:
                seen.add(wanted.id)
            batch[wanted.id] = wanted
            if len(batch) >= BATCH:
                await self._take_batch(batch, report)
                batch = {}
        if batch:
            await self._take_batch(batch, report)
        if not dry_run and report.created + report.updated:
            await self._announce(report, actor)
        return report

    async def _take_batch(self, batch: dict[str, _Wanted], report: ImportReport) -> None:
        given = {wanted.id for wanted in batch.values() if wanted.given}
        if report.dry_run:
            known = await self._store.read(stored_providers.some, given)
            self._sort(batch, known, report)
            return
        async with self._store.write() as transaction:
            known = await transaction.run(stored_providers.some, given)
            created, changed = self._sort(batch, known, report)
            rows = [new_fields(wanted.id, new) for wanted, new in created]
            await transaction.run(stored_providers.insert_many, rows)
            for wanted, (row, health) in changed:
                await self._providers.change_in(transaction, row, health, wanted.fields)
            transaction.after_commit(lambda: self._providers.watch_new(rows))

    def _sort(
        self, batch: dict[str, _Wanted], known: dict[str, stored_providers.Stored], report: ImportReport
    ) -> tuple[list[tuple[_Wanted, ProviderCreate]], list[tuple[_Wanted, stored_providers.Stored]]]:
        """Tell new lines from changes, and count them."""
        created, changed = [], []
        for wanted in batch.values():
            stored = known.get(wanted.id)
            if stored is None:
                try:
                    new = ProviderCreate.model_validate(wanted.fields)
                except ValidationError as error:
                    _fail(report, wanted.number, _words(error))
                    continue
                created.append((wanted, new))
                report.created += 1
            elif stored[0].tm_delete != NEVER:
                _fail(report, wanted.number, f"has the id {wanted.id} of a provider that was deleted")
            elif differs(stored[0], wanted.fields):
                changed.append((wanted, stored))
                report.updated += 1
            else:
                report.unchanged += 1
        return created, changed

    async def _announce(self, report: ImportReport, actor: Actor) -> None:
        at = to_timestamp(time.time())
        event = ImportEvent(at=at, by=actor.user, created=report.created, updated=report.updated)
        async with self._store.write() as transaction:
            transaction.record(EventType.PROVIDERS_IMPORTED, at, None, event.model_dump_json())


def _wanted(line: Line, report: ImportReport) -> _Wanted | None:
    if line.record is None:
        _fail(report, line.number, line.problem)
        return None
    try:
        read = ImportedProvider.model_validate(
            {name: value for name, value in line.record.items() if name not in _IGNORED}
        )
        given = read.id is not None
        key = str(uuid.UUID(read.id)) if read.id is not None else str(uuid.uuid4())
    except ValidationError as error:
        _fail(report, line.number, _words(error))
        return None
    except ValueError:
        _fail(report, line.number, "id is not a UUID")
        return None
    fields = read.model_dump(mode="json", exclude_unset=True, exclude={"id"})
    return _Wanted(line.number, key, given, fields)


def _fail(report: ImportReport, number: int, message: str) -> None:
    report.failed_total += 1
    if len(report.failed) < MAX_FAILURES_SHOWN:
        report.failed.append(FailedLine(line=number, message=message))


def _words(error: ValidationError) -> str:
    said = []
    for each in error.errors():
        field = ".".join(str(part) for part in each["loc"] if part != "[key]") or "the line"
        message = {"missing": "is missing", "extra_forbidden": "is not a known field"}.get(
            each["type"], str(each["msg"]).removeprefix("Value error, ")
        )
        said.append(f"{field} {message[:1].lower()}{message[1:]}")
    return "; ".join(said)
