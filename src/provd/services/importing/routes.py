"""The routes of an import, within its transactions."""

import time
from typing import Any

from pydantic import ValidationError

from provd.schema.route import RouteCreate
from provd.schema.timestamps import NEVER, to_timestamp
from provd.schema.transfer import Became, ImportReport
from provd.services.actor import Actor
from provd.services.auditing import revision_before, revision_now
from provd.services.importing.report import count, fail, words
from provd.services.importing.wanted import Wanted
from provd.services.routing.book import RouteBook
from provd.store.engine import Transaction
from provd.store.tables import RouteRow

Planned = tuple[Wanted, RouteRow | None, dict[str, Any]]
"""A line, the route that it changes, and the fields to write."""


def plan_routes(
    batch: list[Wanted], known: dict[str, RouteRow], providers: set[str], report: ImportReport
) -> list[Planned]:
    """Tell new routes from changes, and count them. ``providers`` are those that there are or will be."""
    planned: list[Planned] = []
    for wanted in batch:
        row = known.get(wanted.id)
        if row is not None and row.tm_delete != NEVER:
            fail(report, wanted.number, f"has the id {wanted.id} of a route that was deleted")
            continue
        fields = dict(wanted.fields)
        if row is None:
            try:
                fields = RouteCreate.model_validate(fields).model_dump(mode="json")
            except ValidationError as error:
                fail(report, wanted.number, words(error))
                continue
        else:
            fields.pop("customer_id", None)
        if fields["provider_id"] not in providers:
            fail(report, wanted.number, f"provider_id is {fields['provider_id']}: there is no such provider")
            continue
        before = None if row is None else row.model_dump()
        if before is None:
            became = Became.CREATED
        else:
            same = all(before[name] == value for name, value in fields.items())
            became = Became.UNCHANGED if same else Became.UPDATED
        count(report, became, wanted.number, wanted.id, before, fields, route=True)
        if became is not Became.UNCHANGED:
            planned.append((wanted, row, fields))
    return planned


def write_routes(transaction: Transaction, planned: list[Planned], book: RouteBook, actor: Actor) -> None:
    """Write what was planned, and keep the revisions; the book has it after the commit."""
    now = to_timestamp(time.time())
    rows = []
    for wanted, row, fields in planned:
        if row is None:
            row = RouteRow(id=wanted.id, tm_create=now, tm_update=now, **fields)
            transaction.session.add(row)
        else:
            transaction.revise(revision_before(row))
            for name, value in fields.items():
                setattr(row, name, value)
            row.revision += 1
            row.tm_update = now
        transaction.revise(revision_now(row, actor, "import"))
        rows.append(row)

    def take() -> None:
        for row in rows:
            book.put(row)

    transaction.after_commit(take)
