"""A daemon that is killed at random moments, while clients write and carriers' health changes."""

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol

from provd.client import Client
from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.schema.provider import ProviderCreate
from tests.fakes.daemon import eventually
from tests.fakes.programs import Programs
from tests.integration.test_lifecycle import answers

from .listener import Listener
from .writer import QUICK, Writer

WRITERS, CARRIERS, WATCHED = 4, 4, 6
LIFE_S, BIRTH_S, DIES_AT_BIRTH = 0.5, 1.0, 0.1
UPSET_EVERY_S = 0.05
WELL = Behaviour(delay_s=0.001, jitter_s=0.001)
BEHAVIOURS = [WELL, Behaviour(503, delay_s=0.001, jitter_s=0.001), Behaviour(silent=True)]

REVISIONS = """
SELECT {kind}.id, {kind}.revision,
       (SELECT count(*) FROM revision WHERE kind = '{kind}' AND object_id = {kind}.id),
       (SELECT count(*) FROM audit WHERE kind = '{kind}' AND object_id = {kind}.id)
FROM {kind}
"""
ANNOUNCED = """
SELECT json_extract(data, '$.{kind}.id'), count(*) FROM event
WHERE type IN ('{kind}.created', '{kind}.updated', '{kind}.deleted') GROUP BY 1
"""


class Process(Protocol):
    """A daemon's process."""

    @property
    def returncode(self) -> int | None: ...

    def kill(self) -> None: ...

    def terminate(self) -> None: ...

    async def wait(self) -> int: ...


Start = Callable[[Path], AbstractAsyncContextManager[Process]]
"""Starts a daemon whose socket is ``s`` in a folder, and its state ``state``; it need not answer yet."""


@dataclass
class Outcome:
    """What a series of kills was: how many, at what, and how long each start took until the socket
    answered, in seconds."""

    kills: int = 0
    at_birth: int = 0
    acknowledged: int = 0
    cut_off: int = 0
    events: int = 0
    changes: int = 0
    starts_s: list[float] = field(default_factory=list)


async def kill_often(start: Start, folder: Path, kills: int, seed: str, series: int) -> Outcome:
    """Kill a daemon ``kills`` times, and hold the store against what was promised after each start.

    ``seed`` and ``series`` decide on the moments and on what clients do; a failure tells the seed.
    """
    try:
        return await _kill_often(start, folder, kills, f"{seed}.{series}")
    except BaseException as error:
        error.add_note(f"the same again: SEED={seed}, series {series}")
        raise


async def _kill_often(start: Start, folder: Path, kills: int, seed: str) -> Outcome:
    random, outcome, listener = Random(seed), Outcome(), Listener()
    async with _carriers() as carriers:
        hostnames = list(carriers)
        writers = [Writer(f"w{number}", Random(f"{seed}-{number}"), hostnames) for number in range(WRITERS)]
        for _ in range(kills):
            async with start(folder) as process:
                if random.random() < DIES_AT_BIRTH:
                    await asyncio.sleep(random.uniform(0.0, BIRTH_S))
                    outcome.at_birth += 1
                    process.kill()
                else:
                    await _come_up(process, folder, writers, listener, outcome)
                    if not outcome.kills:
                        await _add_watched(folder, hostnames)
                    await _live(process, folder, writers, listener, list(carriers.values()), random)
                    outcome.cut_off += sum(each.attempted is not None for each in writers)
                await process.wait()
            outcome.kills += 1
        async with start(folder) as process:
            await _come_up(process, folder, writers, listener, outcome)
            process.terminate()
            assert await process.wait() == 0
    outcome.acknowledged = sum(each.acknowledged for each in writers)
    outcome.events, outcome.changes = listener.last_seq, listener.changes
    return outcome


def forked(programs: Programs) -> Start:
    """Daemons that begin at once."""

    def start(folder: Path) -> AbstractAsyncContextManager[Process]:
        return programs.started("provd", "run", "--socket", folder / "s", "--state-dir", folder / "state")

    return start


@asynccontextmanager
async def started_anew(folder: Path) -> AsyncIterator[Process]:
    """A daemon by an interpreter of its own, as it is started where it is installed."""
    command = (sys.executable, "-m", "provd", "run")
    with (folder / "daemon.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, "--socket", folder / "s", "--state-dir", folder / "state",
            stdin=asyncio.subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def _carriers() -> AsyncIterator[dict[str, SimulatedCarrier]]:
    """Carriers by their hostnames."""
    running = {}
    for _ in range(CARRIERS):
        carrier = SimulatedCarrier(WELL)
        running[f"127.0.0.1:{await carrier.start('127.0.0.1', 0)}"] = carrier
    try:
        yield running
    finally:
        for carrier in running.values():
            carrier.close()


async def _come_up(
    process: Process, folder: Path, writers: list[Writer], listener: Listener, outcome: Outcome
) -> None:
    """Wait until the daemon answers, and prove that all is there."""
    began = time.monotonic()
    async with Client(folder / "s") as client:
        await eventually(lambda: answers(client), lambda yes: yes or process.returncode is not None)
        assert process.returncode is None, "it ended by itself"
        outcome.starts_s.append(time.monotonic() - began)
        for writer in writers:
            await writer.settle(client)
        verified = await client.verify_audit()
        assert verified.ok, verified.message
    with closing(sqlite3.connect(f"file:{folder / 'state' / 'provd.db'}?mode=ro", uri=True)) as store:
        store.execute("BEGIN")
        listener.prove(store)
        _prove_whole(store)


def _prove_whole(store: sqlite3.Connection) -> None:
    """The store is sound, and has each change with its revision, its line of the audit log and its event."""
    assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert store.execute("PRAGMA foreign_key_check").fetchall() == []
    for kind in ("provider", "route"):
        announced = dict(store.execute(ANNOUNCED.format(kind=kind)).fetchall())
        rows = store.execute(REVISIONS.format(kind=kind)).fetchall()
        assert {number: revision for number, revision, *_ in rows} == announced
        for _, revision, revisions, lines in rows:
            assert (revisions, lines) == (revision, revision)
    (lines, events) = store.execute(
        "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM event WHERE type = 'audit')"
    ).fetchone()
    assert lines == events


async def _add_watched(folder: Path, hostnames: list[str]) -> None:
    """Providers that nobody changes: their health alone does."""
    async with Client(folder / "s") as client:
        for number in range(WATCHED):
            hostname = hostnames[number % len(hostnames)]
            await client.create_provider(
                ProviderCreate.model_validate({"name": f"own{number}", "hostname": hostname, "probe": QUICK})
            )


async def _live(
    process: Process,
    folder: Path,
    writers: list[Writer],
    listener: Listener,
    carriers: list[SimulatedCarrier],
    random: Random,
) -> None:
    """Have everybody at work until the daemon is killed."""
    async with asyncio.TaskGroup() as tasks:
        clients = [Client(folder / "s") for _ in range(len(writers) + 1)]
        work = [tasks.create_task(listener.listen(clients[-1]))]
        work += [tasks.create_task(each.work(client)) for each, client in zip(writers, clients, strict=False)]
        upsetting = tasks.create_task(_upset(carriers, random))
        await asyncio.sleep(random.uniform(0.02, 2 * LIFE_S - 0.02))
        process.kill()
        await asyncio.gather(*work)
        upsetting.cancel()
    for client in clients:
        await client.close()


async def _upset(carriers: list[SimulatedCarrier], random: Random) -> None:
    while True:
        random.choice(carriers).behaviour = random.choice(BEHAVIOURS)
        await asyncio.sleep(UPSET_EVERY_S)


def given_seed() -> str:
    """What decides on the moments of death: SEED in the environment, so that a series can be had again."""
    return os.environ.get("SEED") or str(time.time_ns())


def report(found: Outcome, seed: str, record_property: Callable[[str, object], None]) -> None:
    """Tell what a series was, for the closing lines."""
    record_property("seed", seed)
    record_property("kills", f"{found.kills}, {found.at_birth} of them before it answered")
    record_property("changes acknowledged", found.acknowledged)
    record_property("changes under way at a kill", found.cut_off)
    record_property("events heard", f"{found.events}, {found.changes} of them of health")
