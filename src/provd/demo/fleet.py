"""The carriers of the demo, and how their records get into a daemon."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from provd.client import Client
from provd.demo.behaviour import Behaviour
from provd.demo.carriers.accounts import ACCOUNTS, served
from provd.demo.server import SimulatedCarrier
from provd.schema.probe import ProbeOverrides
from provd.schema.provider import ProviderCreate

TAG = "demo"
PORT = 15060
_CLOSED_PORT = 15061
_NETWORKS = range(77, 100)
_PROBE = ProbeOverrides(interval_s=5, timeout_s=2)


@dataclass(frozen=True, slots=True)
class DemoCarrier:
    """One record of the demo. Without a ``behaviour`` nothing listens there."""

    name: str
    detail: str
    behaviour: Behaviour | None
    hostname: str = ""


FLEET = (
    DemoCarrier("Meridian Voice", "Well: answers at once.", Behaviour()),
    DemoCarrier("Atlas Carrier EU", "Well: answers at once.", Behaviour(delay_s=0.031, jitter_s=0.006)),
    DemoCarrier("Pacific Trunking", "Well, and far away.", Behaviour(delay_s=0.148, jitter_s=0.021)),
    DemoCarrier("Sloth Telecom", "Slow: takes more than a second.", Behaviour(delay_s=1.1, jitter_s=0.4)),
    DemoCarrier("Leaky Networks", "Loses a third of what is sent.", Behaviour(delay_s=0.045, loss=0.33)),
    DemoCarrier("Seesaw Mobile", "Flaps: half a minute up, half a minute silent.", Behaviour(flap_s=30.0)),
    DemoCarrier("Gatekeeper SIP", "Answers 403: our address is not allowed.", Behaviour(403, delay_s=0.019)),
    DemoCarrier("Nowhere Exchange", "Answers 404 to OPTIONS.", Behaviour(404, delay_s=0.027)),
    DemoCarrier(
        "Rush Hour Wholesale",
        "Answers 503 with Retry-After.",
        Behaviour(503, delay_s=0.022, headers=(("Retry-After", "120"),)),
    ),
    DemoCarrier("Silent Partner", "Dead: takes packets and never answers.", Behaviour(silent=True)),
    DemoCarrier("Closed Door", "Dead: nothing listens on the port.", None),
    DemoCarrier("Typo Telephony", "A name that does not exist.", None, hostname="sip.typo-telephony.invalid"),
)


class NoAddressError(Exception):
    """No loopback addresses are free for the simulated carriers."""


@asynccontextmanager
async def simulated_carriers() -> AsyncIterator[list[tuple[DemoCarrier, str]]]:
    """Run the fleet's carriers; yields each with the hostname that leads to it."""
    for network in _NETWORKS:
        running: list[SimulatedCarrier] = []
        try:
            placed = [
                (carrier, await _start(carrier, f"127.{network}.0.{number}", number, running))
                for number, carrier in enumerate(FLEET, 1)
            ]
        except OSError as error:
            for server in running:
                server.close()
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        try:
            yield placed
        finally:
            for server in running:
                server.close()
        return
    raise NoAddressError(f"port {PORT} is taken on every loopback network that the demo uses")


async def _start(carrier: DemoCarrier, host: str, seed: int, running: list[SimulatedCarrier]) -> str:
    if carrier.hostname:
        return carrier.hostname
    if carrier.behaviour is None:
        return f"{host}:{_CLOSED_PORT}"
    server = SimulatedCarrier(carrier.behaviour, server=f"{carrier.name} (demo)", seed=seed)
    await server.start(host, PORT)
    running.append(server)
    return f"{host}:{PORT}"


async def register(client: Client, placed: list[tuple[DemoCarrier, str]]) -> None:
    """Bring a daemon's demo records in line with the running carriers; others are left alone."""
    known = {provider.name: provider for provider in await client.all_providers({"tag": TAG})}
    for carrier, hostname in placed:
        before = known.get(carrier.name)
        if before is None:
            await client.create_provider(
                ProviderCreate(
                    name=carrier.name,
                    detail=carrier.detail,
                    hostname=hostname,
                    carrier=TAG,
                    tags=[TAG],
                    probe=_PROBE,
                )
            )
        elif before.hostname != hostname:
            await client.patch_provider(before.id, {"hostname": hostname})


async def run_demo(client: Client, stop: asyncio.Event, *, say: Callable[[str], None]) -> None:
    """Run the fleet and the carriers' APIs against a daemon until ``stop``; ``say`` gets lines when all is in
    place."""
    async with simulated_carriers() as placed, served() as ours:
        await register(client, placed)
        say(f"{len(placed)} demo providers are registered; their carriers answer until this stops")
        whose = "are served" if ours else "are served by another demo of this machine"
        say(f"the APIs of {len(ACCOUNTS)} simulated carriers {whose}: provd run --demo-carriers offers them")
        await stop.wait()
