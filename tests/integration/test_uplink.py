"""When everything fails at once, the daemon suspects its own connection first."""

from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType, UplinkEvent
from provd.schema.status import Status
from tests.fakes.daemon import RunningDaemon, eventually

from .announced import announced
from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy


def is_suspect(status: Status) -> bool:
    return status.monitor.uplink_suspect


async def events(daemon: RunningDaemon, kind: EventType, count: int) -> list[UplinkEvent]:
    seen = await announced(daemon, kind, at_least=count)
    return [UplinkEvent.model_validate(each.data) for each in seen]


async def test_five_that_fail_and_none_that_answers_is_suspicious_until_one_does(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    quick = {"interval_s": 1, "timeout_s": 0.3}
    started = [await start_carrier() for _ in range(6)]
    added = [await daemon.add(hostname, probe=quick) for _, hostname in started]
    for provider in added:
        await daemon.until(provider.id, is_healthy)
    for carrier, _ in started:
        carrier.behaviour = Behaviour(silent=True)
    await eventually(daemon.client.status, is_suspect)
    (suspected,) = await events(daemon, EventType.DAEMON_UPLINK_SUSPECT, 1)
    assert suspected.failing == 5
    assert "our own connection" in suspected.explanation
    for provider in added:
        await daemon.until(provider.id, is_unhealthy)
    started[0][0].behaviour = Behaviour()
    await daemon.until(added[0].id, is_healthy)
    assert not is_suspect(await eventually(daemon.client.status, lambda status: not is_suspect(status)))
    assert len(await events(daemon, EventType.DAEMON_UPLINK_RESTORED, 1)) == 1
    assert len(await events(daemon, EventType.DAEMON_UPLINK_SUSPECT, 1)) == 1


async def test_while_others_answer_the_carriers_are_to_blame(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    quick = {"interval_s": 600, "timeout_s": 0.3}
    _, hostname = await start_carrier()
    steady = await daemon.add(hostname, probe=quick)
    started = [await start_carrier() for _ in range(6)]
    added = [await daemon.add(each, probe=quick) for _, each in started]
    for provider in (steady, *added):
        await daemon.until(provider.id, is_healthy)
    for (carrier, _), provider in zip(started, added, strict=True):
        carrier.behaviour = Behaviour(silent=True)
        await daemon.client.check_provider(provider.id)
        await daemon.client.check_provider(steady.id)
    for provider in added:
        await daemon.until(provider.id, is_unhealthy)
    assert not is_suspect(await daemon.client.status())
    assert not await events(daemon, EventType.DAEMON_UPLINK_SUSPECT, 0)
