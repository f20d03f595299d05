"""The judgement over several checks: code policy, suspicion, fall and rise, flapping, busy, stale."""

from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType
from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Provider
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

from .announced import announced, changes
from .conftest import StartCarrier
from .test_checks import is_healthy, is_unhealthy

SELDOM = 600
AT_ONCE = {"delay_s": 0.0, "jitter_s": 0.0}


def is_suspect(provider: Provider) -> bool:
    return provider.health.suspect


async def test_a_code_that_the_policy_excludes_is_down_and_says_why(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier(Behaviour(404))
    added = await daemon.add(hostname, probe={"interval_s": 1, "timeout_s": 1, "codes": "2xx,405"})
    down = await daemon.until(added.id, is_unhealthy)
    assert (down.health.cause, down.health.code, down.health.reason) == (
        Cause.REPLY_EXCLUDED,
        404,
        "Not Found",
    )
    assert "the code policy" in down.health.explanation
    assert "probe.codes" in str(down.health.next_step)
    assert down.health.rtt_ms is not None
    report = await daemon.client.check_provider(added.id)
    assert report.targets[0].cause is Cause.REPLY_EXCLUDED
    carrier.behaviour = Behaviour(405)
    up = await daemon.until(added.id, is_healthy)
    assert (up.health.cause, up.health.code) == (Cause.OK, 405)
    first, _ = await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=2)
    assert (first.data["cause"], first.data["code"]) == ("reply_excluded", 404)


async def test_a_wider_policy_makes_it_healthy_at_the_next_check(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(404))
    added = await daemon.add(hostname, probe={"interval_s": 1, "timeout_s": 1, "codes": "2xx"})
    await daemon.until(added.id, is_unhealthy)
    await daemon.client.patch_provider(added.id, {"probe": {"interval_s": 1, "codes": "any"}})
    await daemon.until(added.id, is_healthy)


async def test_a_miss_makes_it_suspect_and_is_confirmed_long_before_the_next_interval(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname, probe={"interval_s": SELDOM, "timeout_s": 0.2, "fall": 3})
    await daemon.until(added.id, is_healthy)
    carrier.behaviour = Behaviour(silent=True)
    await daemon.client.check_provider(added.id)
    suspected = await daemon.client.provider(added.id)
    assert (suspected.health_status, suspected.health.suspect) == (HealthStatus.HEALTHY, True)
    assert suspected.health.cause is Cause.TIMEOUT
    down = await daemon.until(added.id, is_unhealthy)
    assert not down.health.suspect
    assert down.health.recent[1:] == [None, None, None]
    assert await changes(daemon, added.id, at_least=2) == ["healthy", "unhealthy"]


async def test_a_suspicion_that_is_not_confirmed_is_no_event(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname, probe={"interval_s": SELDOM, "timeout_s": 0.2, "fall": 3})
    await daemon.until(added.id, is_healthy)
    carrier.behaviour = Behaviour(silent=True)
    await daemon.client.check_provider(added.id)
    carrier.behaviour = Behaviour()
    cleared = await daemon.until(added.id, lambda provider: not provider.health.suspect)
    assert (cleared.health_status, cleared.health.cause) == (HealthStatus.HEALTHY, Cause.OK)
    assert await changes(daemon, added.id, at_least=1) == ["healthy"]


async def test_rise_answers_in_a_row_make_it_healthy_again(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier(Behaviour(silent=True))
    added = await daemon.add(hostname, probe={"interval_s": SELDOM, "timeout_s": 0.3, "rise": 3})
    await daemon.until(added.id, is_unhealthy)

    async def check(behaviour: Behaviour) -> HealthStatus:
        carrier.behaviour = behaviour
        return (await daemon.client.check_provider(added.id)).health_status

    up, down = Behaviour(**AT_ONCE), Behaviour(silent=True)
    found = [await check(each) for each in (up, up, down, up, up, up)]
    assert found == [HealthStatus.UNHEALTHY] * 5 + [HealthStatus.HEALTHY]


async def test_many_changes_are_flapping_told_once(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier(Behaviour(200, **AT_ONCE))
    added = await daemon.add(hostname, probe={"interval_s": SELDOM, "codes": "2xx"})
    await daemon.until(added.id, is_healthy)
    flaps = []
    for code in (500, 200) * 5:
        carrier.behaviour = Behaviour(code, **AT_ONCE)
        await daemon.client.check_provider(added.id)
        flaps.append((await daemon.client.provider(added.id)).health.flapping)
    assert flaps == [False] * 4 + [True] * 6
    assert len(await changes(daemon, added.id, at_least=11)) == 11
    (told,) = await announced(daemon, EventType.HEALTH_FLAPPING, added.id)
    assert told.data["flapping"] is True
    assert told.data["name"] == added.name
    assert told.data["explanation"]


async def test_busy_is_over_with_an_answer_that_is_not(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier(Behaviour(503, headers=(("Retry-After", "120"),)))
    added = await daemon.add(hostname)
    busy = await daemon.until(added.id, lambda provider: provider.health.busy_until is not None)
    assert is_healthy(busy)
    assert str(busy.health.busy_until) > str(busy.health_checked_at)
    carrier.behaviour = Behaviour(200)
    free = await daemon.until(added.id, lambda provider: provider.health.busy_until is None)
    assert (is_healthy(free), free.health.code) == (True, 200)


async def test_busy_and_excluded_is_down(daemon: RunningDaemon, start_carrier: StartCarrier) -> None:
    _, hostname = await start_carrier(Behaviour(503, headers=(("Retry-After", "120"),)))
    added = await daemon.add(hostname, probe={"codes": "200-299"})
    down = await daemon.until(added.id, is_unhealthy)
    assert down.health.cause is Cause.REPLY_EXCLUDED
    assert down.health.busy_until is not None


async def test_what_could_not_be_checked_in_time_is_stale(start_carrier: StartCarrier) -> None:
    _, hostname = await start_carrier()
    async with temporary_folder() as folder, running_daemon(folder, probe={"max_rate": 1}) as daemon:
        quick = {"interval_s": 1, "timeout_s": 0.1}
        added = [await daemon.add(hostname, name=f"p{number}", probe=quick) for number in range(6)]
        stale = await eventually(
            daemon.client.all_providers, lambda found: any(provider.health.stale for provider in found)
        )
    shown = next(provider for provider in stale if provider.health.stale)
    assert shown.id in {provider.id for provider in added}
    assert shown.health.age_s is not None
    assert shown.health.age_s >= 2.1


async def test_one_that_answers_is_never_stale(daemon: RunningDaemon, start_carrier: StartCarrier) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname)

    def checked_often(found: Provider) -> bool:
        assert not found.health.stale
        return carrier.requests >= 3

    await daemon.until(added.id, checked_often)
