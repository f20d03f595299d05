"""The event stream: hello, resume, resync, filters, and readers who stop reading."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from provd.client import Client, DaemonUnavailable, Event
from provd.schema.events import EventType, HealthSample, Hello, ProviderEvent, Resync
from provd.schema.health import HealthStatus
from provd.services import events as event_service
from provd.services import hub as event_hub
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

from .conftest import StartCarrier

QUIET = {"enabled": False}


async def take(stream: AsyncIterator[Event], count: int) -> list[Event]:
    async with asyncio.timeout(20):
        return [await anext(stream) for _ in range(count)]


@asynccontextmanager
async def raw_stream(daemon: RunningDaemon, headers: str = "") -> AsyncIterator[asyncio.StreamReader]:
    """A reader that takes only what it asks for."""
    reader, writer = await asyncio.open_unix_connection(daemon.socket, limit=4096)
    writer.write(f"GET /v1.0/events HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
    try:
        yield reader
    finally:
        writer.close()


async def test_hello_comes_first_with_the_latest_number(daemon: RunningDaemon) -> None:
    await daemon.add("192.0.2.1", probe=QUIET)
    async with daemon.client.events() as stream:
        (hello,) = await take(stream, 1)
    assert isinstance(hello.data, Hello)
    assert hello.data.seq == 3  # daemon.started, provider.created, audit
    assert hello.seq is None


async def test_every_change_of_a_record_is_an_event_with_its_author_and_no_secret(
    daemon: RunningDaemon,
) -> None:
    async with daemon.client.events(types=(EventType.PROVIDER_CREATED, EventType.PROVIDER_UPDATED)) as stream:
        await take(stream, 1)
        added = await daemon.add("192.0.2.1", probe=QUIET, tech_headers={"X-Key": "s3cret"})
        await daemon.client.patch_provider(added.id, {"detail": "x"})
        created, updated = await take(stream, 2)
    assert isinstance(created.data, ProviderEvent)
    assert created.data.provider.tech_headers == {"X-Key": "***"}
    assert created.data.by
    assert (created.type, updated.type) == (EventType.PROVIDER_CREATED, EventType.PROVIDER_UPDATED)
    assert updated.seq == (created.seq or 0) + 2  # each with its line of the audit log
    log = await daemon.client.event_log(provider_id=added.id)
    assert "s3cret" not in log.model_dump_json()


async def test_a_transition_is_announced_after_it_is_stored(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    async with daemon.client.events(types=(EventType.HEALTH_CHANGED,)) as stream:
        await take(stream, 1)
        added = await daemon.add(hostname)
        (changed,) = await take(stream, 1)
        stored = await daemon.client.event_log(provider_id=added.id)
    assert changed.seq == stored.result[0].seq
    assert stored.result[0].data["status"] == HealthStatus.HEALTHY


async def test_samples_are_coalesced_and_have_no_number(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add(hostname)
    async with daemon.client.events(types=(EventType.HEALTH_SAMPLE,), provider_id=added.id) as stream:
        _, first, second = await take(stream, 3)
    for event in (first, second):
        assert event.seq is None
        assert isinstance(event.data, HealthSample)
        assert [sample.provider_id for sample in event.data.samples] == [added.id]


async def test_last_event_id_replays_what_was_missed_once(daemon: RunningDaemon) -> None:
    added = [await daemon.add("192.0.2.1", name=f"p{number}", probe=QUIET) for number in range(600)]
    async with daemon.client.events(types=(EventType.PROVIDER_CREATED,), last_seq=21) as stream:
        _, *replayed = await take(stream, 1 + 590)
        later = await daemon.add("192.0.2.1", name="later", probe=QUIET)
        (live,) = await take(stream, 1)
    assert [event.seq for event in replayed] == list(range(22, 1202, 2))
    assert isinstance(live.data, ProviderEvent)
    assert live.data.provider_id == later.id
    assert isinstance(replayed[0].data, ProviderEvent)
    assert replayed[0].data.provider_id == added[10].id


@pytest.mark.parametrize("last_seq", [10**6, 2])
async def test_what_cannot_be_replayed_is_a_resync(
    daemon: RunningDaemon, last_seq: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_service, "MAX_REPLAYED", 5)
    for number in range(10):
        await daemon.add("192.0.2.1", name=f"p{number}", probe=QUIET)
    async with daemon.client.events(last_seq=last_seq) as stream:
        _, resync = await take(stream, 2)
    assert isinstance(resync.data, Resync)
    assert resync.data.seq == 21


@pytest.mark.parametrize("last_event_id", ["x", "-1", "1.5", "9" * 30])
async def test_a_last_event_id_that_is_no_number_is_refused(
    daemon: RunningDaemon, last_event_id: str
) -> None:
    answer = await daemon.http.get("/v1.0/events", headers={"Last-Event-ID": last_event_id})
    assert answer.status_code == 400


async def test_a_reader_who_stops_reading_is_told_to_resync_and_costs_no_memory(
    daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_hub, "MAX_QUEUED", 20)
    added = await daemon.add("192.0.2.1", probe=QUIET, detail="x" * 4000)
    async with raw_stream(daemon) as reader:
        await reader.readuntil(b"event: hello")
        for number in range(150):
            await daemon.client.patch_provider(added.id, {"tech_prefix": str(number)})
        read = b""
        async with asyncio.timeout(20):
            while b"event: resync" not in read:
                read += await reader.read(4096)
    status = await daemon.client.status()
    assert status.events.resyncs_total == 1


async def test_a_reader_who_goes_is_forgotten(daemon: RunningDaemon) -> None:
    async with raw_stream(daemon) as reader:
        await reader.readuntil(b"event: hello")
        assert (await daemon.client.status()).events.subscribers == 1
    await eventually(daemon.client.status, lambda status: status.events.subscribers == 0)


async def test_readers_are_bounded(daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    from provd.api.routes import events as routes

    monkeypatch.setattr(routes, "MAX_READERS", 1)
    async with raw_stream(daemon) as reader:
        await reader.readuntil(b"event: hello")
        answer = await daemon.http.get("/v1.0/events")
    assert answer.status_code == 429
    assert answer.json()["error"]["status"] == "RESOURCE_EXHAUSTED"


async def test_a_silent_stream_says_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_service, "KEEP_ALIVE_S", 0.05)
    async with temporary_folder() as folder, running_daemon(folder) as daemon, raw_stream(daemon) as reader:
        await reader.readuntil(b"event: hello")
        async with asyncio.timeout(20):
            await reader.readuntil(b"\r\n:\n\n")


async def test_streams_end_in_order_when_the_daemon_stops(start_carrier: StartCarrier) -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            follower = Client(daemon.socket)
            opened = follower.events(types=(EventType.DAEMON_STOPPING,))
            stream = await opened.__aenter__()
            await take(stream, 1)
        (stopping,) = await take(stream, 1)
        assert stopping.type is EventType.DAEMON_STOPPING
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        await opened.__aexit__(None, None, None)
        with pytest.raises(DaemonUnavailable, match="no provd answers"):
            await follower.version()
        await follower.close()


async def test_the_log_pages_newest_first(daemon: RunningDaemon) -> None:
    for number in range(12):
        await daemon.add("192.0.2.1", name=f"p{number}", probe=QUIET)
    seen, token = [], ""
    while True:
        page = await daemon.client.event_log(page_size=5, page_token=token)
        seen += [event.seq for event in page.result]
        token = page.next_page_token
        if not token:
            break
    assert seen == list(range(25, 0, -1))


async def test_the_stream_is_well_formed(daemon: RunningDaemon) -> None:
    async with raw_stream(daemon) as reader:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-type: text/event-stream" in head.lower()
        assert b"cache-control: no-store" in head.lower()
        event = (await reader.readuntil(b"\n\n")).partition(b"\r\n")[2]
    name, data = event.decode().strip().split("\n")
    assert name == "event: hello"
    assert json.loads(data.removeprefix("data: "))["version"]
