"""The daemon checks a real Kamailio: well, dead, and back."""

from pathlib import Path

import pytest

from provd.schema.health import Cause
from tests.fakes.daemon import RunningDaemon
from tests.fakes.ports import free_port

from .peers import HOST
from .peers.kamailio import PROGRAM, running_kamailio
from .test_checks import is_healthy, is_unhealthy

# skip, as skipif is not counted in one line at the end
pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs Kamailio: the Debian package kamailio")]


async def test_kamailio_is_healthy_and_says_its_name(daemon: RunningDaemon, tmp_path: Path) -> None:
    port = free_port()
    async with running_kamailio(port, tmp_path):
        found = await daemon.until((await daemon.add(f"{HOST}:{port}")).id, is_healthy)
    assert (found.health.cause, found.health.code, found.health.reason) == (Cause.OK, 200, "OK")
    assert str(found.health.server).startswith("kamailio (")
    assert found.health.rtt_ms is not None


async def test_a_check_now_has_what_kamailio_answers(daemon: RunningDaemon, tmp_path: Path) -> None:
    port = free_port()
    async with running_kamailio(port, tmp_path):
        added = await daemon.add(f"{HOST}:{port}", probe={"interval_s": 600})
        (target,) = (await daemon.client.check_provider(added.id)).targets
    assert (target.cause, target.code, target.reason) == (Cause.OK, 200, "OK")
    assert target.address == f"{HOST}:{port}"
    assert str(target.server).startswith("kamailio (")


async def test_a_kamailio_that_stops_is_unhealthy_until_it_is_started_again(
    daemon: RunningDaemon, tmp_path: Path
) -> None:
    port = free_port()
    async with running_kamailio(port, tmp_path):
        added = await daemon.add(f"{HOST}:{port}")
        await daemon.until(added.id, is_healthy)
    down = await daemon.until(added.id, is_unhealthy)
    assert down.health.cause in (Cause.REFUSED, Cause.TIMEOUT)
    assert down.health.next_step
    async with running_kamailio(port, tmp_path):
        back = await daemon.until(added.id, is_healthy)
    assert (back.health.cause, back.health.code) == (Cause.OK, 200)
