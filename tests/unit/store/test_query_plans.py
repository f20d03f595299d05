"""What is asked for by id is found by id, however many providers there are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from provd.store import calls, providers, readings
from provd.store.engine import Store
from tests.fakes.new_store import make_store

IDS = {f"{number:08x}-0000-4000-8000-000000000000" for number in range(20)}

READS: dict[str, Callable[[Session], Any]] = {
    "readings.some": lambda session: readings.some(session, IDS),
    "calls.providers_named": lambda session: calls.providers_named(session, IDS, set()),
    "providers.some": lambda session: providers.some(session, IDS),
    "providers.names": lambda session: providers.names(session, IDS),
    "providers.get": lambda session: providers.get(session, min(IDS)),
}


def plan(session: Session, read: Callable[[Session], Any]) -> list[str]:
    """How SQLite would find what a read asks for, without any statistics of its tables."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    read(session)
    event.remove(connection, "before_cursor_execute", note)
    return [
        str(row[3])
        for statement, parameters in asked
        for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]


@pytest.mark.parametrize("name", READS)
async def test_providers_are_found_by_their_ids(name: str, tmp_path: Path) -> None:
    make_store(tmp_path / "provd.db")
    store = Store(tmp_path / "provd.db")
    try:
        steps = store.read_now(plan, READS[name])
    finally:
        await store.close()
    of_providers = [step for step in steps if step.startswith(("SEARCH provider ", "SCAN provider"))]
    assert of_providers
    assert all("(id=?)" in step for step in of_providers), steps
