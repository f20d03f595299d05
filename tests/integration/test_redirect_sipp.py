"""SIPp asks the redirect server what a switch may ask, many times over, beside messages made to break it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from provd.schema.route import RouteCreate
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.unit.sip.test_rfc4475 import EXPECTED, _read

from .callers import LONDON
from .peers.sipp import PROGRAM, play
from .test_redirect import LISTEN, add, counts, place

pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs SIPp: the Debian package sip-tester")]

CALLS, PER_S = 240, 80
"""A call has two requests that are no INVITE, of which a source may send 250 a second."""


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, running_daemon(folder, redirect=LISTEN) as running:
        yield running


async def route(daemon: RunningDaemon) -> None:
    for priority in range(3):
        provider = await add(daemon, f"carrier {priority}")
        new = RouteCreate(name=provider.name, provider_id=provider.id, target="+44", priority=priority)
        await daemon.client.create_route(new)


@asynccontextmanager
async def tortured(address: tuple[str, int]) -> AsyncIterator[None]:
    """Have every message of RFC 4475, whole and cut short, sent to ``address`` over and over."""
    messages = [_read(name) for name in EXPECTED]
    messages += [each[: len(each) // 2] for each in messages]

    async def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while True:
                for each in messages:
                    sender.sendto(each, address)
                    await asyncio.sleep(0.005)

    sending = asyncio.create_task(send())
    try:
        yield
    finally:
        sending.cancel()
        await asyncio.wait([sending])


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_every_call_goes_as_the_rfc_says(
    daemon: RunningDaemon,
    tmp_path: Path,
    tcp: bool,
) -> None:
    await route(daemon)
    host, port = await place(daemon, int(tcp))
    before = await counts(daemon)
    await play("redirected", LONDON, f"{host}:{port}", tmp_path, calls=CALLS, per_s=PER_S, tcp=tcp)
    assert (await counts(daemon)).redirects_total - before.redirects_total == CALLS


async def test_messages_made_to_break_it_are_in_no_calls_way(
    daemon: RunningDaemon,
    tmp_path: Path,
) -> None:
    await route(daemon)
    host, port = address = await place(daemon)
    async with tortured(address):
        await play("redirected", LONDON, f"{host}:{port}", tmp_path, calls=CALLS, per_s=PER_S)
        assert (await daemon.client.status()).redirect.refused_total > 0
