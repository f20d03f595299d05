"""Exchanges of OPTIONS over UDP: client transactions for many targets. Sans-IO; time is an argument.

The rules are those of the non-INVITE client transaction (RFC 3261 section 17.1.2): Timer E retransmits at
0.5, 1, 2, 4, 4 ... seconds until the timeout, a 1xx proves the peer alive and slows Timer E to T2, the
first final response ends it. A response belongs to an exchange by its top Via branch and CSeq method.

Every exchange waits in one FIFO at a time, of those that wait equally long; so deadlines expire in order
and an answered exchange costs one look at the head of a queue.
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import accumulate

from provd.probe.request import BRANCH_LENGTH, CSEQ_LINE, MAGIC
from provd.probe.result import ProbeResult
from provd.probe.target import NO_STATUS_LINE, SocketAddress, Target
from provd.schema.health import Cause
from provd.sip.errors import SipParseError
from provd.sip.message import Response
from provd.sip.octets import printable
from provd.sip.parser import parse_message

T1_S, T2_S = 0.5, 4.0  # RFC 3261 section 17.1.1.1
_GARBLED_KEPT = 1024
_RANDOM_BLOCK = 4096
_TEXT_KEPT = 256

Datagram = tuple[bytes, SocketAddress]


class Engine:
    """Exchanges under way. ``random_bytes(n)`` must be unguessable: branches are made of it."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self.answers = 0
        self.strays = 0
        self.retransmits = 0
        self._random_bytes = random_bytes
        self._branches: Iterator[bytes] = iter(())
        self._pending: dict[bytes, Target] = {}
        self._waiting: dict[float, deque[tuple[float, bytes, float]]] = {}
        self._garbled: dict[SocketAddress, float] = {}
        self._results: list[ProbeResult] = []

    def __len__(self) -> int:
        return len(self._pending)

    def begin(self, target: Target, now: float) -> Datagram:
        """Begin an exchange with a target that has an address and a request; answers what to send."""
        branch = next(self._branches, None) or self._more_branches()
        target.branch, target.sent_at = branch, now
        target.retransmits, target.provisional = 0, None
        self._pending[branch] = target
        timeout_s = target.watch.settings.timeout_s
        self._wait(branch, now, T1_S if timeout_s > T1_S else timeout_s, T1_S)
        return self._datagram(target, branch)

    def abandon(self, target: Target) -> None:
        """End the exchange under way, if any, without a result."""
        if target.branch is not None:
            self._pending.pop(target.branch, None)
            target.branch = None

    def fail(self, target: Target, cause: Cause, reason: str, now: float) -> None:
        """End the exchange under way for a cause that the network or our own socket told."""
        if target.branch is not None:
            self._finish(
                target, ProbeResult(target, now, cause, None, reason, retransmits=target.retransmits)
            )

    def find(self, datagram: bytes) -> Target | None:
        """The target whose exchange a datagram (ours, or an answer) belongs to."""
        start = datagram.find(MAGIC) + len(MAGIC)
        return self._pending.get(datagram[start : start + BRANCH_LENGTH])

    def receive(self, data: bytes, source: SocketAddress, now: float) -> None:
        """Take a datagram from the network: any bytes, from anyone."""
        target = self.find(data)
        if target is None:
            self.strays += 1
            if not data.startswith(b"SIP/2.0 "):
                self._note_garbled(source, now)
        elif data.startswith(target.known_status_line) and data.find(CSEQ_LINE) > 0:
            rtt_ms = (now - target.sent_at) * 1000.0
            self._answered(
                target,
                ProbeResult(
                    target,
                    now,
                    Cause.OK,
                    target.code,
                    target.reason,
                    target.server,
                    rtt_ms,
                    target.retransmits,
                ),
            )
        else:
            self._receive_unusual(target, data, source, now)

    def expire(self, now: float) -> list[Datagram]:
        """Let what is over its time expire; answers what to send again."""
        again: list[Datagram] = []
        for queue in list(self._waiting.values()):
            while queue and queue[0][0] <= now:
                due, branch, step = queue.popleft()
                target = self._pending.get(branch)
                if target is not None:
                    self._step(target, branch, due, step, now, again)
        return again

    def next_timeout(self) -> float | None:
        """When to call ``expire`` next."""
        return min((queue[0][0] for queue in self._waiting.values() if queue), default=None)

    def take_results(self) -> list[ProbeResult]:
        """The checks that ended since the last call."""
        results, self._results = self._results, []
        return results

    def _step(
        self, target: Target, branch: bytes, due: float, step: float, now: float, again: list[Datagram]
    ) -> None:
        deadline = target.sent_at + target.watch.settings.timeout_s
        if due >= deadline - 0.001:
            self._time_out(target, now)
            return
        following = T2_S if target.provisional else min(2 * step, T2_S)
        self._wait(branch, due, min(following, deadline - due), following)
        target.retransmits += 1
        self.retransmits += 1
        again.append(self._datagram(target, branch))

    def _wait(self, branch: bytes, since: float, delay: float, step: float) -> None:
        delay = round(delay, 3)  # so that sums that should be equal share a queue
        queue = self._waiting.get(delay)
        if queue is None:
            queue = self._waiting[delay] = deque()
        queue.append((since + delay, branch, step))

    def _time_out(self, target: Target, now: float) -> None:
        if target.provisional is not None:
            code, reason, at = target.provisional
            rtt_ms = (at - target.sent_at) * 1000.0
            result = ProbeResult(
                target, now, Cause.OK, code, reason, rtt_ms=rtt_ms, retransmits=target.retransmits
            )
            self._answered(target, result)
            return
        spoke = target.address is not None and self._garbled.get(target.address, -1.0) >= target.sent_at
        cause = Cause.PROTOCOL if spoke else Cause.TIMEOUT
        self._finish(target, ProbeResult(target, now, cause, retransmits=target.retransmits))

    def _receive_unusual(self, target: Target, data: bytes, source: SocketAddress, now: float) -> None:
        try:
            message = parse_message(data)
        except SipParseError:
            self.strays += 1
            self._note_garbled(source, now)
            return
        if (
            not isinstance(message, Response)
            or len(message.vias) != 1  # RFC 3261 section 8.1.3.3
            or message.top_via.branch != (MAGIC + (target.branch or b"")).decode()
            or message.cseq.number != 1
            or message.cseq.method != "OPTIONS"
        ):
            self.strays += 1
            return
        reason = printable(message.reason)[:_TEXT_KEPT] or None
        if message.code < 200:
            if target.provisional is None:
                target.provisional = (message.code, reason, now)
            return
        rtt_ms = (now - target.sent_at) * 1000.0
        server = message.server[:_TEXT_KEPT] if message.server else None
        target.code, target.reason, target.server = message.code, reason, server
        status_line = data[: data.find(b"\n") + 1]
        # Retry-After must be read each time, so a 503 never takes the short way
        short = message.code != 503 and len(status_line) <= _TEXT_KEPT
        target.known_status_line = status_line if short else NO_STATUS_LINE
        self._answered(
            target,
            ProbeResult(
                target,
                now,
                Cause.OK,
                message.code,
                reason,
                server,
                rtt_ms,
                target.retransmits,
                retry_after_s=message.retry_after if message.code == 503 else None,
            ),
        )

    def _answered(self, target: Target, result: ProbeResult) -> None:
        self.answers += 1
        self._finish(target, result)

    def _finish(self, target: Target, result: ProbeResult) -> None:
        if target.branch is not None:
            self._pending.pop(target.branch, None)
        target.branch = None
        self._results.append(result)

    def _note_garbled(self, source: SocketAddress, now: float) -> None:
        if len(self._garbled) >= _GARBLED_KEPT:
            self._garbled.clear()
        self._garbled[source[:2]] = now

    def _datagram(self, target: Target, branch: bytes) -> Datagram:
        if target.request is None or target.address is None:
            raise ValueError("a target without an address or a request can't be probed")
        head, middle, tail = target.request
        return b"".join((head, branch, middle, branch, tail)), target.address

    def _more_branches(self) -> bytes:
        block = self._random_bytes(_RANDOM_BLOCK).hex().encode()
        cuts = accumulate([BRANCH_LENGTH] * (len(block) // BRANCH_LENGTH - 1), initial=0)
        self._branches = (block[cut : cut + BRANCH_LENGTH] for cut in cuts)
        return next(self._branches)
