"""The daemon checks SIPp, which answers well, badly, late, twice, halfway, or not at all."""

from pathlib import Path

import pytest

from provd.schema.health import Cause
from provd.schema.provider import Provider
from tests.fakes.daemon import RunningDaemon, eventually

from .peers.sipp import PROGRAM, requests_seen, running_sipp
from .test_checks import is_checked, is_healthy, is_unhealthy

# skip, as skipif is not counted in one line at the end
pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs SIPp: the Debian package sip-tester")]


async def strays(daemon: RunningDaemon) -> int:
    return (await daemon.client.status()).monitor.strays_total


def outcome(provider: Provider) -> tuple[Cause | None, int | None, str | None]:
    return provider.health.cause, provider.health.code, provider.health.reason


async def test_a_200_is_healthy(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("ok", tmp_path) as hostname:
        found = await daemon.until((await daemon.add(hostname)).id, is_checked)
    assert is_healthy(found)
    assert outcome(found) == (Cause.OK, 200, "OK")
    assert found.health.server == "SIPp"


async def test_a_404_is_healthy_with_the_words_of_the_peer(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("not_found", tmp_path) as hostname:
        found = await daemon.until((await daemon.add(hostname)).id, is_checked)
    assert is_healthy(found)
    assert outcome(found) == (Cause.OK, 404, "Nobody Here")


async def test_a_503_with_retry_after_is_healthy_and_busy(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("busy", tmp_path) as hostname:
        found = await daemon.until((await daemon.add(hostname)).id, is_checked)
    assert is_healthy(found)
    assert outcome(found) == (Cause.OK, 503, "Service Unavailable")
    assert found.health.busy_until is not None
    assert found.health.busy_until > str(found.health_checked_at)


async def test_a_late_answer_is_a_timeout_and_a_stray(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("late", tmp_path) as hostname:
        added = await daemon.add(hostname)
        await eventually(lambda: strays(daemon), bool)
        found = await daemon.client.provider(added.id)
    assert is_unhealthy(found)
    assert outcome(found) == (Cause.TIMEOUT, None, None)


async def test_a_second_answer_is_a_stray_and_harms_nothing(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("twice", tmp_path) as hostname:
        added = await daemon.add(hostname)
        await eventually(lambda: strays(daemon), lambda count: count >= 2)
        found = await daemon.client.provider(added.id)
    assert is_healthy(found)
    assert outcome(found) == (Cause.OK, 200, "OK")
    assert None not in found.health.recent


async def test_after_a_1xx_the_final_answer_is_what_counts(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("provisional_then_ok", tmp_path) as hostname:
        found = await daemon.until((await daemon.add(hostname)).id, is_checked)
    assert is_healthy(found)
    assert outcome(found) == (Cause.OK, 200, "OK")


async def test_a_1xx_alone_is_healthy_once_the_timeout_is_over(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("provisional_only", tmp_path) as hostname:
        found = await daemon.until((await daemon.add(hostname)).id, is_checked)
    assert is_healthy(found)
    assert outcome(found) == (Cause.OK, 100, "Trying")
    assert "never finally" in found.health.explanation


async def test_silence_is_a_timeout_after_retransmissions(daemon: RunningDaemon, tmp_path: Path) -> None:
    async with running_sipp("silent", tmp_path) as hostname:
        added = await daemon.add(hostname, probe={"interval_s": 600, "timeout_s": 2})
        (target,) = (await daemon.client.check_provider(added.id)).targets
        found = await daemon.client.provider(added.id)
        seen = await eventually(lambda: requests_seen(tmp_path), lambda seen: len(seen) >= 3)
    assert (target.cause, target.retransmits) == (Cause.TIMEOUT, 2)  # after 0.5 and 1.5 s
    assert is_unhealthy(found)
    assert found.health.explanation == "No answer within 2 s."
    assert seen == [seen[0]] * 3
