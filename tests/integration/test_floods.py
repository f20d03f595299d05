"""A flood at our own SIP socket: checking goes on, and what came is counted."""

import asyncio
import socket

from provd.schema.status import Status
from tests.fakes.daemon import RunningDaemon, eventually

from .conftest import StartCarrier
from .test_checks import is_healthy

SENT = 50_000
STRAY = (
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0123456789abcdef\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
    b"Content-Length: 0\r\n\r\n"
)
REQUEST = (
    b"OPTIONS sip:provd SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bKflood\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:b>\r\nCall-ID: y\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
    b"Content-Length: 0\r\n\r\n"
)
GARBAGE = b"\x00\xff" * 300


def flood(target: tuple[str, int]) -> int:
    """Send as fast as the kernel takes it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sent = 0
        for number in range(SENT):
            sent += sender.sendto((STRAY, REQUEST, GARBAGE, STRAY)[number % 4], target) > 0
    return sent


async def test_checks_go_on_under_a_flood_and_strays_are_counted(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    probe = {"interval_s": 1, "timeout_s": 3}
    added = [await daemon.add(hostname, name=f"p{number}", probe=probe) for number in range(10)]
    for provider in added:
        await daemon.until(provider.id, is_healthy)
    assert carrier.last_source is not None
    before = await daemon.client.status()
    flooding = asyncio.create_task(asyncio.to_thread(flood, ("127.0.0.1", carrier.last_source[1])))
    report = await daemon.client.check_provider(added[0].id)
    assert report.health_status == "healthy"
    assert await flooding == SENT

    def taken_in(status: Status) -> bool:
        return (
            status.monitor.strays_total > before.monitor.strays_total + 1000
            and status.monitor.requests_answered_total > 0
            and status.monitor.answers_total >= before.monitor.answers_total + 2 * len(added)
        )

    after = await eventually(daemon.client.status, taken_in)
    assert after.monitor.checks_total > before.monitor.checks_total
    assert after.monitor.requests_ignored_total > 0  # more came than are answered in a second
    assert (after.providers.healthy, after.providers.unhealthy) == (len(added), 0)
