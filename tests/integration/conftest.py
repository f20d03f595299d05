"""A running daemon for each test, and carriers for it to check."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.programs import Programs, preloaded_programs

StartCarrier = Callable[..., Awaitable[tuple[SimulatedCarrier, str]]]


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, running_daemon(folder) as running:
        yield running


@pytest.fixture(scope="session")
def programs() -> Iterator[Programs]:
    """provctl and provd, to be run as processes."""
    with preloaded_programs() as ready:
        yield ready


@pytest.fixture
async def start_carrier() -> AsyncIterator[StartCarrier]:
    """Start simulated carriers on loopback; each comes with the hostname that leads to it."""
    running: list[SimulatedCarrier] = []

    async def start(
        behaviour: Behaviour | None = None, host: str = "127.0.0.1"
    ) -> tuple[SimulatedCarrier, str]:
        carrier = SimulatedCarrier(behaviour or Behaviour(delay_s=0.001, jitter_s=0.001))
        port = await carrier.start(host, 0)
        running.append(carrier)
        return carrier, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    yield start
    for carrier in running:
        carrier.close()
