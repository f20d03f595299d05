"""Maintenance: a person says that a provider is being worked on; it ends when they said it would."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from provd.client import ApiError
from provd.demo.behaviour import Behaviour
from provd.schema.events import EventType, MaintenanceEvent
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services.maintenance import LOOK_EVERY_S
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .announced import announced, changes
from .conftest import StartCarrier
from .test_access import ACCESS, ADMIN, OPERATOR, VIEWER, ask_as
from .test_checks import is_healthy, is_unhealthy

QUIET = {"enabled": False}


@pytest.fixture
async def daemon_of_many() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as running:
            yield running


def soon(after_s: float) -> str:
    return to_timestamp(time.time() + after_s)


def is_over(provider: Provider) -> bool:
    return provider.maintenance is None


async def told(daemon: RunningDaemon, provider_id: str, count: int) -> list[MaintenanceEvent]:
    seen = await announced(daemon, EventType.PROVIDER_MAINTENANCE, provider_id, at_least=count)
    return [MaintenanceEvent.model_validate(each.data) for each in seen]


async def test_it_is_shown_told_and_lifted_and_is_no_change_of_the_record(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    assert added.maintenance is None
    wanted = MaintenanceRequest(until="2099-12-01 06:00:00", reason="new SBC")
    set_ = await daemon.client.set_maintenance(added.id, wanted)
    assert set_.maintenance is not None
    assert (set_.maintenance.until, set_.maintenance.reason) == ("2099-12-01 06:00:00.000000", "new SBC")
    assert set_.maintenance.by
    shown = await daemon.client.provider(added.id)
    assert shown.maintenance == set_.maintenance
    assert (await daemon.client.all_providers())[0].maintenance == set_.maintenance
    lifted = await daemon.client.lift_maintenance(added.id)
    assert lifted.maintenance is None
    assert (lifted.revision, lifted.tm_update) == (added.revision, added.tm_update)
    began, ended = await told(daemon, added.id, 2)
    assert (began.maintenance, began.by, began.name) == (set_.maintenance, set_.maintenance.by, added.name)
    assert (ended.maintenance, ended.by) == (None, began.by)


async def test_without_an_end_it_lasts(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    set_ = await daemon.client.set_maintenance(added.id, MaintenanceRequest())
    assert set_.maintenance is not None
    assert (set_.maintenance.until, set_.maintenance.reason) == (NEVER, "")


async def test_saying_the_same_again_is_no_event_and_something_else_is_one(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    for reason in ("new SBC", "new SBC", "old SBC"):
        await daemon.client.set_maintenance(added.id, MaintenanceRequest(reason=reason))
    for _ in range(2):
        await daemon.client.lift_maintenance(added.id)
    seen = [each.maintenance and each.maintenance.reason for each in await told(daemon, added.id, 3)]
    assert seen == ["new SBC", "old SBC", None]


async def test_it_ends_by_itself_when_its_time_is_over(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    other = await daemon.add("192.0.2.2", probe=QUIET)
    await daemon.client.set_maintenance(other.id, MaintenanceRequest(until=soon(600)))
    await daemon.client.set_maintenance(added.id, MaintenanceRequest(until=soon(1)))
    after = await daemon.until(added.id, is_over)
    assert after.revision == added.revision
    _, ended = await told(daemon, added.id, 2)
    assert (ended.maintenance, ended.by) == (None, "")
    assert not is_over(await daemon.client.provider(other.id))


async def test_one_that_was_put_off_or_brought_forward_ends_when_it_should(daemon: RunningDaemon) -> None:
    later = await daemon.add("192.0.2.1", probe=QUIET)
    sooner = await daemon.add("192.0.2.2", probe=QUIET)
    await daemon.client.set_maintenance(later.id, MaintenanceRequest(until=soon(1)))
    await daemon.client.set_maintenance(sooner.id, MaintenanceRequest(until=soon(600)))
    await asyncio.sleep(LOOK_EVERY_S / 2)  # it knows by now which comes first
    await daemon.client.set_maintenance(later.id, MaintenanceRequest(until=soon(600)))
    await daemon.client.set_maintenance(sooner.id, MaintenanceRequest(until=soon(1)))
    await daemon.until(sooner.id, is_over)
    await told(daemon, sooner.id, 3)
    assert not is_over(await daemon.client.provider(later.id))


async def test_checks_and_their_events_go_on_meanwhile(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname)
    await daemon.until(added.id, is_healthy)
    await daemon.client.set_maintenance(added.id, MaintenanceRequest(reason="moving"))
    carrier.behaviour = Behaviour(silent=True)
    down = await daemon.until(added.id, is_unhealthy)
    assert down.maintenance is not None
    assert await changes(daemon, added.id, at_least=2) == ["healthy", "unhealthy"]


async def test_it_stands_over_a_restart_and_over_a_change_of_the_record() -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            lasting = await daemon.add("192.0.2.1", probe=QUIET)
            passing = await daemon.add("192.0.2.2", probe=QUIET)
            set_ = await daemon.client.set_maintenance(lasting.id, MaintenanceRequest(reason="new SBC"))
            await daemon.client.set_maintenance(passing.id, MaintenanceRequest(until=soon(0.5)))
        async with running_daemon(folder) as daemon:
            assert (await daemon.client.provider(lasting.id)).maintenance == set_.maintenance
            await daemon.until(passing.id, is_over)
            began, ended = await told(daemon, passing.id, 2)
            assert (began.maintenance is None, ended.maintenance is None) == (False, True)
            changed = await daemon.client.patch_provider(lasting.id, {"detail": "x"})
            assert changed.maintenance == set_.maintenance


async def test_a_time_with_an_offset_is_read_as_utc(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    for text in ("2099-12-01T08:00:00+02:00", "2099-12-01T06:00Z", "2099-12-01 06:00"):
        set_ = await daemon.client.set_maintenance(added.id, MaintenanceRequest(until=text))
        assert set_.maintenance is not None
        assert set_.maintenance.until == "2099-12-01 06:00:00.000000"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"until": "tomorrow"}, "write UTC, like"),
    ({"until": "2099-13-01 06:00:00"}, "write UTC, like"),
    ({"until": "2099-12-01"}, "write UTC, like"),
    ({"until": "0001-01-01T00:00:00+14:00"}, "until"),
    ({"until": "9999-12-31T23:59:59-14:00"}, "until"),
    ({"until": "2020-01-01 00:00:00"}, "is over already"),
    ({"until": 1796104800}, "until"),
    ({"until": "\x00" * 5000}, "write UTC, like"),
    ({"reason": "two\nlines"}, "control character"),
    ({"reason": "x" * 5000}, "4096"),
    ({"reasons": "x"}, "reasons"),
]


async def test_what_is_no_maintenance_is_refused_in_words(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", probe=QUIET)
    for body, words in REFUSED:
        answer = await daemon.http.put(f"/v1.0/providers/{added.id}/maintenance", json=body)
        assert (body, answer.status_code) == (body, httpx.codes.BAD_REQUEST)
        assert words in answer.text
    assert is_over(await daemon.client.provider(added.id))


async def test_of_a_provider_that_is_not_there_is_404(daemon: RunningDaemon) -> None:
    for provider_id in ("00000000-0000-4000-8000-000000000000", "nobody"):
        with pytest.raises(ApiError) as refused:
            await daemon.client.set_maintenance(provider_id, MaintenanceRequest())
        assert refused.value.http_code in (400, 404)
        with pytest.raises(ApiError):
            await daemon.client.lift_maintenance(provider_id)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")
async def test_a_viewer_may_look_and_an_operator_may_set(daemon_of_many: RunningDaemon) -> None:
    daemon = daemon_of_many
    added = await daemon.add("192.0.2.1", probe=QUIET)
    path = f"/v1.0/providers/{added.id}/maintenance"
    for method, body in (("PUT", {"reason": "x"}), ("DELETE", None)):
        code, answer = await ask_as(daemon, VIEWER, method, path, body)
        assert (code, answer["error"]["reason"]) == (403, "ROLE_TOO_LOW")
        assert "operator" in answer["error"]["message"]
    for uid in (OPERATOR, ADMIN):
        code, answer = await ask_as(daemon, uid, "PUT", path, {"reason": f"by {uid}"})
        assert (code, answer["maintenance"]["by"]) == (200, str(uid))
    assert (await ask_as(daemon, VIEWER, "GET", path.removesuffix("/maintenance")))[1]["maintenance"]
    assert (await ask_as(daemon, OPERATOR, "DELETE", path))[0] == 200
    assert len(await told(daemon, added.id, 3)) == 3
