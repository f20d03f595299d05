"""The non-INVITE client transaction as a peer sees it (RFC 3261 section 17.1.2)."""

from provd.schema.health import Cause, TargetResult
from provd.schema.provider import Transport
from provd.sip.answer import make_response
from provd.sip.message import Request
from tests.fakes.daemon import RunningDaemon

from .peers.recording import RecordingPeer, Reply, ok, recording_peer
from .test_checks import is_checked

SELDOM = 600


def provisional(request: Request) -> bytes:
    return make_response(request, 100).to_bytes()


def nothing(_: Request) -> None:
    return None


async def one_check(
    daemon: RunningDaemon, peer: RecordingPeer, reply: Reply, timeout_s: float
) -> tuple[TargetResult, list[Request]]:
    """What a check finds, and the requests that the peer got for it."""
    probe = {"interval_s": SELDOM, "timeout_s": timeout_s}
    added = await daemon.add(peer.hostname, transport=peer.transport, probe=probe)
    await daemon.until(added.id, is_checked)
    before = len(peer.requests)
    peer.reply = reply
    (target,) = (await daemon.client.check_provider(added.id)).targets
    return target, peer.requests[before:]


async def test_silence_has_the_same_request_sent_again_at_doubling_intervals(daemon: RunningDaemon) -> None:
    async with recording_peer() as peer:
        target, requests = await one_check(daemon, peer, nothing, 1.7)
    assert (target.cause, target.retransmits) == (Cause.TIMEOUT, 2)  # at 0.5 and 1.5 s
    assert len(requests) == 3
    assert requests[1:] == requests[:1] * 2


async def test_after_a_provisional_answer_it_is_asked_again_as_seldom_as_can_be(
    daemon: RunningDaemon,
) -> None:
    async with recording_peer() as peer:
        target, requests = await one_check(daemon, peer, provisional, 1.7)
    assert (target.cause, target.code) == (Cause.OK, 100)
    assert len(requests) == 2  # Timer E was set to 0.5 s before; then it is T2, 4 s


async def test_the_answer_to_a_retransmission_counts_and_ends_it(daemon: RunningDaemon) -> None:
    async with recording_peer() as peer:
        answers = iter((nothing, provisional, ok))
        target, requests = await one_check(daemon, peer, lambda request: next(answers)(request), 8)
    assert (target.cause, target.code, target.retransmits) == (Cause.OK, 200, 2)
    assert len(requests) == 3
    assert target.rtt_ms is not None
    assert target.rtt_ms >= 500


async def test_each_check_is_a_transaction_of_its_own(daemon: RunningDaemon) -> None:
    async with recording_peer() as peer:
        added = await daemon.add(peer.hostname, probe={"interval_s": SELDOM})
        for _ in range(5):
            await daemon.client.check_provider(added.id)
    for seen in (
        {request.top_via.branch for request in peer.requests},
        {request.call_id for request in peer.requests},
        {request.from_.tag for request in peer.requests},
    ):
        assert len(seen) == len(peer.requests) >= 5


async def test_over_tcp_nothing_is_sent_again(daemon: RunningDaemon) -> None:
    async with recording_peer(Transport.TCP) as peer:
        target, requests = await one_check(daemon, peer, nothing, 1.2)
    assert (target.cause, target.retransmits, len(requests)) == (Cause.TIMEOUT, 0, 1)
