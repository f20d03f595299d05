"""A thousand clients, of which a hundred stop reading: the others are served, and memory has a bound."""

import asyncio
import json
import os
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from provd.client import Client
from provd.schema.provider import ProviderCreate
from tests.fakes.daemon import PATIENCE_S, eventually, temporary_folder
from tests.fakes.programs import Programs

from .test_lifecycle import daemon_process

EVERYTHING, DELETIONS, ASKING = 20, 430, 450
DEAF_TO_EVENTS, DEAF_TO_ANSWERS = 50, 50
RECORDS, CHANGES = 100, 700
MAX_GROWTH = 64 * 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
LIST = "/v1.0/providers?page_size=1000"


class Connection:
    """One client's connection, which takes only what it asks for."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    def ask(self, path: str) -> None:
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    async def answer(self) -> bytes:
        """The body of one answer that is 200."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        size = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return await self.reader.readexactly(int(size))

    async def until(self, event: str) -> None:
        """Read events up to one of this kind."""
        async for line in self.reader:
            if line == f"event: {event}\n".encode():
                return
        raise AssertionError("the stream ended")


@asynccontextmanager
async def connected(socket: Path) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_unix_connection(socket, limit=65536)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


def resident(pid: int) -> int:
    """How much memory a process has, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open as many files as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("many_files")
async def test_those_who_read_are_served_and_those_who_do_not_cost_little(programs: Programs) -> None:
    async with (
        temporary_folder() as folder,
        daemon_process(programs, folder) as process,
        Client(folder / "s") as client,
        AsyncExitStack() as stack,
    ):
        added = [await client.create_provider(record(number)) for number in range(RECORDS)]

        async def connect(count: int, path: str) -> list[Connection]:
            made = [await stack.enter_async_context(connected(folder / "s")) for _ in range(count)]
            for each in made:
                each.ask(path)
            return made

        everything = await connect(EVERYTHING, "/v1.0/events")
        deletions = await connect(DELETIONS, "/v1.0/events?types=provider.deleted")
        deaf = await connect(DEAF_TO_EVENTS, "/v1.0/events")
        asking = await connect(ASKING, "/version")
        for each in (*everything, *deletions, *deaf):
            await each.until("hello")
        assert len({await each.answer() for each in asking}) == 1
        before = resident(process.pid)

        deaf_to_answers = await connect(DEAF_TO_ANSWERS, LIST)
        hearing = [asyncio.create_task(each.until("provider.deleted")) for each in (*everything, *deletions)]
        for number in range(CHANGES):
            await client.patch_provider(added[0].id, {"tech_prefix": str(number), "detail": "y" * 2000})
            asker = asking[number % ASKING]
            asker.ask("/version")
            await asker.answer()
        await client.delete_provider(added[0].id)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*hearing)
        assert resident(process.pid) - before < MAX_GROWTH

        for each in deaf_to_answers:
            assert len(json.loads(await each.answer())["result"]) == RECORDS
        async with asyncio.timeout(PATIENCE_S):
            for each in deaf:
                await each.until("resync")
        status = await client.status()
        assert status.events.subscribers == EVERYTHING + DELETIONS + DEAF_TO_EVENTS
        assert status.events.resyncs_total >= DEAF_TO_EVENTS
        await stack.aclose()
        await eventually(client.status, lambda found: found.events.subscribers == 0)


def record(number: int) -> ProviderCreate:
    fields = {"name": f"n{number}", "hostname": "192.0.2.1", "detail": "x" * 4000, "enabled": False}
    return ProviderCreate.model_validate(fields)
