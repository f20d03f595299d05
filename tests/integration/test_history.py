"""Health in full and its history, over the real socket."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from provd.demo.behaviour import Behaviour
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

from .conftest import StartCarrier


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, running_daemon(folder) as running:
        yield running


async def history(daemon: RunningDaemon, provider_id: str, **query: str) -> dict[str, Any]:
    answer = await daemon.http.get(f"/v1.0/providers/{provider_id}/health/history", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def checks(found: dict[str, Any]) -> int:
    return sum(point["count"] for point in found["points"])


async def test_health_tells_each_target_the_availability_and_the_changes(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, address = await start_carrier(Behaviour(delay_s=0.001))
    added = await daemon.add(address)

    async def report() -> dict[str, Any]:
        return dict((await daemon.http.get(f"/v1.0/providers/{added.id}/health")).json())

    found = await eventually(
        report, lambda each: each["availability"]["day_pct"] is not None and each["transitions"]
    )
    (target,) = found["targets"]
    assert (found["health_status"], target["status"], target["address"]) == ("healthy", "healthy", address)
    assert target["transport"] == "udp"
    assert target["samples"][0]["ok"] is True
    assert target["stages_ms"]["sip"] == target["rtt_ms"] > 0
    assert found["availability"] == {"day_pct": 100.0, "week_pct": 100.0, "month_pct": 100.0}
    assert [(each["previous"], each["status"]) for each in found["transitions"]] == [("unknown", "healthy")]
    assert found["health"]["availability_24h_pct"] == 100.0


async def test_a_history_has_points_of_equal_width_and_gaps_where_nothing_was_measured(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, address = await start_carrier(Behaviour(delay_s=0.001))
    added = await daemon.add(address)
    found = await eventually(
        lambda: history(daemon, added.id, points="48"),
        lambda each: checks(each) >= 2 and each["transitions"],
    )
    assert (len(found["points"]), found["step_s"]) == (48, 1800.0)
    assert found["points"][0]["count"] == 0
    assert found["points"][0]["p95_ms"] is None
    last = found["points"][-1]
    assert last["min_ms"] <= last["p50_ms"] <= last["p95_ms"] <= last["max_ms"]
    assert (last["ok"], last["loss_pct"], last["availability_pct"]) == (last["count"], 0.0, 100.0)
    assert found["transitions"][0]["status"] == "healthy"


async def test_a_restart_loses_no_check_and_counts_none_twice(start_carrier: StartCarrier) -> None:
    _, address = await start_carrier(Behaviour(delay_s=0.001))
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            added = await daemon.add(address)
            await eventually(lambda: history(daemon, added.id), lambda each: checks(each) >= 3)
            await daemon.client.patch_provider(added.id, {"enabled": False})
            before = await history(daemon, added.id, points="1")
        for _ in range(2):
            async with running_daemon(folder) as daemon:
                after = await history(daemon, added.id, points="1")
                shown = (await daemon.client.provider(added.id)).health
            assert after["points"][0] | {"at": ""} == before["points"][0] | {"at": ""}
            assert shown.availability_24h_pct == 100.0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01 00:00:00"}, "to"),
        ({"from": "2026-02-01 00:00:00", "to": "2026-01-01 00:00:00"}, "from"),
        ({"points": "0"}, "points"),
        ({"points": "2001"}, "points"),
        ({"target": "192.0.2.99:5060"}, "target"),
    ],
)
async def test_a_range_that_makes_no_sense_is_refused_by_its_field(
    daemon: RunningDaemon, query: dict[str, str], field: str
) -> None:
    added = await daemon.add("192.0.2.1", enabled=False)
    answer = await daemon.http.get(f"/v1.0/providers/{added.id}/health/history", params=query)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["error"]["details"]] == [field]


async def test_a_range_before_everything_is_empty_and_a_deleted_provider_has_none(
    daemon: RunningDaemon,
) -> None:
    added = await daemon.add("192.0.2.1", enabled=False)
    found = await history(
        daemon, added.id, **{"from": "2020-01-01T00:00:00Z", "to": "2020-02-01 00:00:00", "points": "5"}
    )
    assert checks(found) == 0
    assert len(found["points"]) == 5
    await daemon.client.delete_provider(added.id)
    for path in ("health", "health/history", "trace"):
        assert (await daemon.http.get(f"/v1.0/providers/{added.id}/{path}")).status_code == 404


async def test_a_provider_that_was_deleted_before_a_restart_goes_on_with_its_history_once_restored(
    start_carrier: StartCarrier,
) -> None:
    _, address = await start_carrier(Behaviour(delay_s=0.001))
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            back = await daemon.add(address, "back again")
            await eventually(lambda: history(daemon, back.id), lambda found: checks(found) >= 2)
            await daemon.client.delete_provider(back.id)
        async with running_daemon(folder) as daemon:
            await daemon.client.restore_provider(back.id, 1)
            other = await daemon.add(address, "another", probe={"interval_s": 1, "timeout_s": 0.9})
            before = checks(await history(daemon, back.id))
            assert before >= 2
            await eventually(lambda: history(daemon, back.id), lambda found: checks(found) >= before + 2)
            await eventually(lambda: history(daemon, other.id), lambda found: checks(found) >= 2)
        async with running_daemon(folder, probe={"interval_s": 3600}) as daemon:
            for provider in (back, other):  # what was measured then is in the store
                assert checks(await history(daemon, provider.id)) >= 2
