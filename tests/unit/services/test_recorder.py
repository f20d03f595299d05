"""What the recorder writes, also when the daemon stops as it does."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Connection, Engine, event

from provd.probe.endpoints import Endpoints
from provd.probe.findings import Transition
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.schema.health import Cause, HealthStatus
from provd.schema.hostname import parse_hostname
from provd.services.hub import EventHub
from provd.services.recorder import HealthRecorder
from provd.store.engine import Store
from provd.store.tables import ProviderRow

AT = "2026-01-01 00:00:00.000000"
KEY = "10000000-0000-4000-8000-000000000000"


@pytest.fixture
async def store(store: Store) -> Store:
    async with store.write() as transaction:
        transaction.session.add(
            ProviderRow(id=KEY, name="Acme", hostname="192.0.2.1", tm_create=AT, tm_update=AT)
        )
    return store


def rows(store: Store, table: str) -> int:
    with closing(sqlite3.connect(store.path)) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)


async def test_what_is_being_written_as_the_daemon_stops_is_told_once(store: Store) -> None:
    monitor = Monitor(Resolver([]), Endpoints(), StreamClient(TlsFiles(), lambda *_: None))
    recorder = HealthRecorder(monitor, store, EventHub(0))
    watch = monitor.watch(KEY, parse_hostname("192.0.2.1"), ProbeSettings())
    running = asyncio.create_task(recorder.run())

    def stop(_: Connection) -> None:
        running.cancel()

    monitor.assessor.find(
        Transition(
            watch, 1.8e9, HealthStatus.HEALTHY, HealthStatus.UNHEALTHY, Cause.TIMEOUT, None, None, None
        )
    )
    event.listen(Engine, "commit", stop)
    try:
        await asyncio.wait([running])
    finally:
        event.remove(Engine, "commit", stop)
    await recorder.flush()
    assert (rows(store, "transition"), rows(store, "event")) == (1, 1)
