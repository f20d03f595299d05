"""Calls and their rollups are forgotten at their time, a bounded number at a time."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from provd.calls.impairment import Thresholds
from provd.schema.timestamps import to_timestamp
from provd.services.calls.intake import CallService
from provd.services.calls.pruner import SLACK_S, CallPruner
from provd.services.calls.recent import RecentCalls
from provd.services.calls.retention import CallRetention
from provd.services.importing.lines import Line
from provd.store.engine import Store
from provd.store.providers import insert_many

DAY_S = 86_400
NOW = 20_000 * DAY_S + 43_200.0
KEPT = CallRetention(calls_s=10 * DAY_S, rollups_s=20 * DAY_S)


@pytest.fixture
async def store(store: Store) -> Store:
    at = "2026-01-01 00:00:00.000000"
    row = {"id": "p", "name": "Acme", "hostname": "192.0.2.1", "tm_create": at, "tm_update": at}
    async with store.write() as transaction:
        await transaction.run(insert_many, [row])
    return store


async def report(store: Store, *ats: float) -> None:
    calls = CallService(
        store, RecentCalls(store, Thresholds(), lambda: ats[0]), CallRetention(), lambda: max(ats)
    )

    async def lines() -> AsyncIterator[Line]:
        for number, at in enumerate(ats, 1):
            yield Line(number, {"provider": "Acme", "code": 200, "at": to_timestamp(at)})

    assert (await calls.take(lines())).created == len(ats)


def counts(store: Store) -> list[int]:
    def count(session: Session) -> list[int]:
        tables = ("call", "call_hour", "call_day")
        return [session.execute(text(f"SELECT count(*) FROM {each}")).scalar_one() for each in tables]

    return store.read_now(count)


async def test_what_is_young_enough_stays_and_what_is_older_goes(store: Store) -> None:
    await report(store, *(NOW - days * DAY_S for days in (1, 9, 11, 19, 21, 40)))
    assert counts(store) == [6, 6, 6]
    pruned = CallPruner(store, KEPT, lambda: NOW)
    assert await pruned.step() > 0
    assert counts(store) == [2, 4, 4]
    assert await pruned.step() == 0


async def test_a_call_is_kept_a_little_longer_than_it_has_to_be(store: Store) -> None:
    await report(store, NOW - KEPT.calls_s - SLACK_S + 60, NOW)
    await CallPruner(store, KEPT, lambda: NOW).step()
    assert counts(store)[0] == 2


async def test_a_step_forgets_a_bounded_number(store: Store) -> None:
    await report(store, *(NOW - 15 * DAY_S + second for second in range(8)), NOW)
    pruned = CallPruner(store, KEPT, lambda: NOW, at_once=3)
    left: list[Any] = []
    while await pruned.step():
        left.append(counts(store)[0])
    assert left == [6, 3, 1]


async def test_other_retention_counts_from_the_next_step_on(store: Store) -> None:
    await report(store, NOW - 9 * DAY_S, NOW)
    kept = CallRetention(KEPT.calls_s, KEPT.rollups_s)
    pruned = CallPruner(store, kept, lambda: NOW)
    assert await pruned.step() == 0
    kept.replace(CallRetention(8 * DAY_S, 20 * DAY_S))
    assert await pruned.step() == 1
