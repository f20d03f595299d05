"""Other defaults for checks: whom they reach."""

from dataclasses import replace

from provd.probe.endpoints import Endpoints
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeSettings
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.services.probe_defaults import use_defaults
from provd.services.probe_settings import SettingsMaker
from provd.services.watching import Watching
from provd.store.engine import Store
from provd.store.tables import ProviderRow

AT = "2026-01-01 00:00:00.000000"


def row(key: str, **fields: object) -> ProviderRow:
    return ProviderRow(id=key, name=key, hostname="192.0.2.1", tm_create=AT, tm_update=AT, **fields)


async def test_defaults_reach_who_has_none_of_their_own_and_is_watched(store: Store) -> None:
    monitor = Monitor(
        Resolver([], naptr=False),
        Endpoints(("127.0.0.1", 0), ("::1", 0)),
        StreamClient(TlsFiles(None, None, None), lambda message: None),
    )
    before = ProbeSettings()
    watching = Watching(monitor, SettingsMaker(before), lambda key: None)
    async with store.write() as transaction:
        transaction.session.add_all(
            [row("plain"), row("own", probe={"fall": 5}), row("off", enabled=False), row("gone")]
        )
    store.read_now(watching.load_all)
    watching.forget("gone")
    async with store.write() as transaction:
        gone = await transaction.session.get(ProviderRow, "gone")
        assert gone is not None
        gone.tm_delete = AT

    await use_defaults(replace(before, fall=3, interval_s=10), watching, store)

    settings = {watch.key: watch.settings for watch in monitor.watches()}
    assert set(settings) == {"plain", "own"}
    assert (settings["plain"].fall, settings["plain"].interval_s) == (3, 10)
    assert (settings["own"].fall, settings["own"].interval_s) == (5, 10)
    _, disabled = watching.counts()
    assert disabled == 1
