"""Transitions in the store."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from provd.store import transitions
from provd.store.engine import Store
from tests.fakes.new_store import make_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    make_store(tmp_path / "provd.db")
    opened = Store(tmp_path / "provd.db")
    yield opened
    await opened.close()


def at(second: int) -> str:
    return f"2026-01-01 00:00:{second:02}.000000"


def row(provider_id: str, second: int, **more: Any) -> dict[str, Any]:
    columns = {"previous": "unknown", "status": "healthy", "cause": "ok", "code": 200, "reason": "OK"}
    exchange = {"rtt_ms": 1.5, "address": "udp:192.0.2.1:5060", "sent": None, "received": None}
    return {"provider_id": provider_id, "at": at(second), **columns, **exchange, **more}


async def add(store: Store, *rows: dict[str, Any]) -> None:
    async with store.write() as transaction:
        await transaction.run(transitions.add, rows)


async def test_the_newest_come_first_and_only_those_of_the_provider(store: Store) -> None:
    await add(store, *(row("a", second) for second in (1, 3, 2)), row("b", 9))
    await add(store, row("a", 3, status="unhealthy"))
    found = store.read_now(transitions.newest, "a", 3)
    assert [(each.at, each.status) for each in found] == [
        (at(3), "unhealthy"),
        (at(3), "healthy"),
        (at(2), "healthy"),
    ]


async def test_a_range_has_its_start_and_not_its_end(store: Store) -> None:
    await add(store, *(row("a", second) for second in range(10)))
    found = store.read_now(transitions.between, "a", at(2), at(6), 3)
    assert [each.at for each in found] == [at(5), at(4), at(3)]
    assert store.read_now(transitions.between, "a", at(2), at(3), 9)[0].at == at(2)


async def test_only_the_newest_keep_their_exchange(store: Store) -> None:
    await add(store, *(row("a", n, sent=f"s{n}" if n % 2 else None, received="r") for n in range(10)))

    async def prune(keep: int, limit: int) -> list[str | None]:
        async with store.write() as transaction:
            await transaction.run(transitions.prune_exchanges, keep, limit)
        return [each.sent for each in store.read_now(transitions.newest, "a", 10) if each.sent]

    assert await prune(3, 1) == ["s9", "s7", "s5", "s1"]
    assert await prune(3, 100) == ["s9", "s7", "s5"]
    plan = store.read_now(
        lambda session: session.execute(
            text("EXPLAIN QUERY PLAN SELECT id FROM transition WHERE sent IS NOT NULL ORDER BY id DESC")
        ).all()
    )
    assert any("ix_transition_trace" in line[3] for line in plan)


async def test_old_ones_are_deleted_a_step_at_a_time(store: Store) -> None:
    await add(store, *(row("a", second) for second in range(10)))
    for limit, left in ((3, 7), (3, 5), (3, 5)):
        async with store.write() as transaction:
            await transaction.run(transitions.prune, at(5), limit)
        assert len(store.read_now(transitions.newest, "a", 99)) == left
