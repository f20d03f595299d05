"""The disk is full, breaks, or can't be written: what was promised is kept, and checks go on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from provd.client import ApiError, Event
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType, HealthChanged, HealthSample
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.route import RouteCreate
from provd.store.engine import STORE_NAME
from provd.store.errors import StoreOpenError
from tests.fakes.daemon import PATIENCE_S, RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.disks import failing_disk, fill, only_readable, small_disk

from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy

FOLLOWED = (EventType.HEALTH_SAMPLE, EventType.HEALTH_CHANGED)


async def test_with_a_full_disk_checks_and_events_go_on_and_what_was_learnt_is_kept_once_there_is_room(
    start_carrier: StartCarrier,
) -> None:
    carrier, hostname = await start_carrier()
    async with temporary_folder() as folder:
        with small_disk(folder / "state"):
            filler = folder / "state" / "filler"
            async with (
                running_daemon(folder) as daemon,
                daemon.client.events(types=FOLLOWED) as stream,
            ):
                added = await daemon.add(hostname)
                await until_event(stream, is_change_to("healthy"))
                fill(filler)
                promised = await _added_until_refused(daemon, "disk is full")
                await _every_change_is_refused(daemon, added.id, "disk is full")
                status = await daemon.client.status()
                assert status.store.writable is False
                assert "disk is full" in str(status.store.error)
                assert {each.id for each in await daemon.client.all_providers()} == {added.id, *promised}
                carrier.behaviour = Behaviour(silent=True)
                down = await daemon.until(added.id, is_unhealthy)
                await until_event(stream, is_sample_of(added.id, "unhealthy"))
                filler.unlink()
                changed = await until_event(stream, is_change_to("unhealthy"))
                assert isinstance(changed.data, HealthChanged)
                assert changed.data.at == down.health.since
                await eventually(daemon.client.status, lambda status: status.store.writable)
                promised.append((await daemon.add("192.0.2.1", enabled=False)).id)
            store = _store(folder)
            async with running_daemon(folder) as daemon:
                found = await daemon.client.all_providers()
                assert {each.id for each in found} == {added.id, *promised}
                assert (await daemon.client.verify_audit()).ok
                (newest, *_) = (await daemon.client.health(added.id)).transitions
                assert (newest.status, newest.at) == ("unhealthy", down.health.since)
            assert store == "ok"


async def test_a_disk_that_breaks_is_named_and_checks_go_on(start_carrier: StartCarrier) -> None:
    carrier, hostname = await start_carrier()
    async with temporary_folder() as folder:
        with failing_disk(folder / "state", folder / "image") as disk:
            async with running_daemon(folder) as daemon:
                added = await daemon.add(hostname)
                await daemon.until(added.id, is_healthy)
                disk.fail()
                await _every_change_is_refused(daemon, added.id, "made read-only")
                status = await daemon.client.status()
                assert (status.store.writable, "dmesg" in str(status.store.error)) == (False, True)
                carrier.behaviour = Behaviour(silent=True)
                await daemon.until(added.id, is_unhealthy)
                assert (await daemon.client.provider(added.id)).id == added.id
            with pytest.raises(StoreOpenError, match=r"state directory .* can't be written: Read-only"):
                await _start(folder)
            disk.repair()
            async with running_daemon(folder) as daemon:
                assert [each.id for each in await daemon.client.all_providers()] == [added.id]
                await daemon.client.patch_provider(added.id, {"detail": "x"})
                assert (await daemon.client.verify_audit()).ok
            assert _store(folder) == "ok"


async def test_on_a_disk_that_is_read_only_nothing_starts_and_nothing_is_changed() -> None:
    async with temporary_folder() as folder:
        with small_disk(folder / "state"):
            async with running_daemon(folder) as daemon:
                added = await daemon.add("192.0.2.1", enabled=False)
            before = (folder / "state" / STORE_NAME).read_bytes()
            with (
                only_readable(folder / "state"),
                pytest.raises(StoreOpenError, match=r"state directory .* can't be written: Read-only"),
            ):
                await _start(folder)
            assert (folder / "state" / STORE_NAME).read_bytes() == before
            async with running_daemon(folder) as daemon:
                assert [each.id for each in await daemon.client.all_providers()] == [added.id]


async def until_event(stream: AsyncIterator[Event], wanted: Callable[[Event], bool]) -> Event:
    """The next event that is wanted."""
    async with asyncio.timeout(PATIENCE_S):
        async for event in stream:
            if wanted(event):
                return event
    raise AssertionError("the stream ended")


def is_change_to(status: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event.data, HealthChanged) and event.data.status == status


def is_sample_of(provider_id: str, status: str) -> Callable[[Event], bool]:
    return lambda event: (
        isinstance(event.data, HealthSample)
        and any((each.provider_id, each.status) == (provider_id, status) for each in event.data.samples)
    )


async def _added_until_refused(daemon: RunningDaemon, why: str) -> list[str]:
    """Add providers until there is no room for one; the ids of those that were added."""
    promised = []
    while True:
        try:
            added = await daemon.add("192.0.2.1", detail="x" * 4000, enabled=False)
        except ApiError as error:
            if why not in str(error):
                raise
            return promised
        promised.append(added.id)


async def _every_change_is_refused(daemon: RunningDaemon, provider_id: str, why: str) -> None:
    """Each kind of change answers 503 and says why, and nothing is changed."""
    client = daemon.client
    route = RouteCreate(name="r", provider_id=provider_id, detail="x" * 4000)
    changes: list[Callable[[], Awaitable[object]]] = [
        lambda: client.patch_provider(provider_id, {"detail": "x" * 4000}),
        lambda: client.delete_provider(provider_id),
        lambda: client.create_route(route),
        lambda: client.set_maintenance(provider_id, MaintenanceRequest(reason="x" * 200)),
    ]
    before = await client.provider(provider_id)
    for change in changes:
        with pytest.raises(ApiError, match=why) as caught:
            await change()
        assert (caught.value.http_code, caught.value.body.reason) == (503, "STORE_UNAVAILABLE")
    after = await client.provider(provider_id)
    assert (after.revision, after.detail, after.maintenance) == (before.revision, "", before.maintenance)
    assert await client.all_routes() == []


async def _start(folder: Path) -> None:
    async with running_daemon(folder):
        pass


def _store(folder: Path) -> str:
    """What SQLite says of the store."""
    with closing(sqlite3.connect(folder / "state" / STORE_NAME)) as store:
        (said,) = store.execute("PRAGMA integrity_check").fetchone()
    return str(said)
