"""Setups as the daemon runs them, with a real store and keyring, and a carrier's API in memory."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from provd.carriers.base import AnyCarrier
from provd.probe.endpoints import Endpoints
from provd.probe.monitor import Monitor, MonitorHooks
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.secrets.vault import Vault, open_vault
from provd.services.actor import Actor
from provd.services.probe_settings import SettingsMaker
from provd.services.providers import ProviderService
from provd.services.routing.book import RouteBook
from provd.services.routing.routes import RouteService
from provd.services.setups.catalogue import Catalogue
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.runs import SetupRuns
from provd.services.setups.service import SetupService
from provd.services.setups.trunks import TrunkService
from provd.services.watching import Watching
from provd.store.engine import Store, StoredEvent
from tests.fakes.new_store import make_store

GATEWAYS = ("203.0.113.10:5060", "198.51.100.20:5070")
ACTOR = Actor(1000, "alice")


@dataclass
class Setups:
    """The services, and what they work on."""

    store: Store
    vault: Vault
    keys: KeyKeeper
    providers: ProviderService
    routes: RouteService
    runs: SetupRuns
    service: SetupService
    trunks: TrunkService
    events: list[StoredEvent]


@asynccontextmanager
async def running_setups(
    folder: Path,
    carriers: dict[str, AnyCarrier],
    transport: httpx.AsyncBaseTransport,
    *,
    gateways: tuple[str, ...] = GATEWAYS,
    vault: Vault | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncIterator[Setups]:
    """Run them on the store in ``folder`` until the body ends, as if the daemon were killed then."""

    async def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=transport)

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    path = folder / "provd.db"
    make_store(path)
    store = Store(path)
    events: list[StoredEvent] = []
    store.on_commit = events.extend
    vault = vault or open_vault("file", None, folder, os.environ)
    watching = Watching(_unopened_monitor(), SettingsMaker(ProbeSettings()), _none)
    book = RouteBook(store, watching)
    routes = RouteService(store, book)
    providers = ProviderService(store, watching, book, routes)
    catalogue = Catalogue(carriers, {}, list(gateways), client, at_once)
    keys = KeyKeeper(store, vault)
    runs = SetupRuns(store, catalogue, keys, providers, clock=clock, sleep=sleep)
    task = asyncio.create_task(runs.run())
    await asyncio.sleep(0)
    try:
        yield Setups(
            store=store,
            vault=vault,
            keys=keys,
            providers=providers,
            routes=routes,
            runs=runs,
            service=SetupService(store, catalogue, runs),
            trunks=TrunkService(store, catalogue, keys, runs, providers),
            events=events,
        )
    finally:
        task.cancel()
        await asyncio.wait([task])
        await store.close()


def _unopened_monitor() -> Monitor:
    return Monitor(
        Resolver([], naptr=False),
        Endpoints(("127.0.0.1", 0), ("::1", 0)),
        StreamClient(TlsFiles(None, None, None), lambda *_: None),
        MonitorHooks(),
        max_rate=0,
        dns_max_age_s=60.0,
    )


def _none(_provider_id: str) -> None:
    return None
