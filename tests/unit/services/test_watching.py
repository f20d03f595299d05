"""What was known before the start, and what checks say then."""

import json

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.probe.resolver import Candidate
from provd.probe.settings import ProbeSettings
from provd.services.probe_settings import SettingsMaker
from provd.services.watching import Watching
from provd.store.engine import Store
from provd.store.tables import HealthRow, ProviderRow
from tests.unit.probe.test_monitor import ScriptedResolver, make_monitor, running, until

AT = "2026-01-01 00:00:00.000000"
KEY = "10000000-0000-4000-8000-000000000000"


async def test_after_a_start_each_address_has_its_own_server_and_not_that_of_another(store: Store) -> None:
    first, second = (
        SimulatedCarrier(Behaviour(), server="Edge 1"),
        SimulatedCarrier(Behaviour(), server="Edge 2"),
    )
    addresses = [
        (host, await each.start(host, 0)) for host, each in (("127.0.0.1", first), ("127.0.0.2", second))
    ]
    async with store.write() as transaction:
        transaction.session.add(
            ProviderRow(id=KEY, name="Acme", hostname="sip.example.com", tm_create=AT, tm_update=AT)
        )
        await transaction.session.flush()
        transaction.session.add(
            HealthRow(
                provider_id=KEY,
                status="healthy",
                cause="ok",
                code=200,
                reason="OK",
                server="Edge 2",  # the one that was checked last
                since=AT,
                checked_at=AT,
                addresses=json.dumps(list(map(Candidate, addresses))),
                resolved_at=1.8e9,
            )
        )
    resolver = ScriptedResolver()
    resolver.say(*addresses)
    async with running(make_monitor(resolver)) as monitor:
        settings = SettingsMaker(ProbeSettings(interval_s=0.2, timeout_s=1))
        store.read_now(Watching(monitor, settings, lambda _: None).load_all)
        watch = monitor.get(KEY)
        assert watch is not None
        await until(lambda: first.requests > 2 and second.requests > 2)
        await until(
            lambda: [each.answer and each.answer.server for each in watch.targets] == ["Edge 1", "Edge 2"]
        )
    for carrier in (first, second):
        carrier.close()
