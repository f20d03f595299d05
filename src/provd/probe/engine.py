"""Exchanges of OPTIONS over UDP: client transactions for many targets. Sans-IO; time is an argument.

The rules are those of the non-INVITE client transaction (RFC 3261 section 17.1.2): Timer E retransmits at
0.5, 1, 2, 4, 4 ... seconds until the timeout, a 1xx proves the peer alive and slows Timer E to T2, the
first final response ends it. A response belongs to an exchange by its top Via branch and CSeq method.

Every exchange waits in one FIFO at a time, of those that wait equally long; so deadlines expire in order
and an answered exchange costs one look at the head of a queue.
"""

from collections import deque
from collections.abc import Callable, Iterator

from provd.probe.address import SocketAddress
from provd.probe.answers import BEGINS_NOTHING, Answers
from provd.probe.arrived import Arrived
from provd.probe.request import BRANCH_LENGTH, CSEQ_LINE, MAGIC
from provd.probe.result import ProbeResult, Repeat
from provd.probe.source import Source
from provd.probe.target import Answer, Target
from provd.schema.health import Cause
from provd.sip.errors import SipParseError
from provd.sip.message import Response
from provd.sip.parser import parse_message

T1_S, T2_S = 0.5, 4.0  # RFC 3261 section 17.1.1.1
_GARBLED_KEPT = 1024
_GARBLED_BYTES = 512
_KEEP_ALIVE = b"\r\n\0"  # RFC 5626 section 3.5.1, and what NAT helpers send
_READ_WHOLE = b"000"  # one answer in 4,096 is read whole, to see whether the peer's Server has changed
_RANDOM_BLOCK = 4096
_NO_ANSWER = Answer(BEGINS_NOTHING, 0, None, None)

Datagram = tuple[bytes, SocketAddress]


class Engine:
    """Exchanges under way. ``random_bytes(n)`` must be unguessable: branches are made of it."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self.answers = 0
        self.strays = 0
        self.retransmits = 0
        self._random_bytes = random_bytes
        self._branches: list[bytes] = []
        self._pending: dict[bytes, Target] = {}
        self._first_wait: deque[tuple[float, bytes, float]] = deque()
        self._waiting = {T1_S: self._first_wait}
        self._garbled: dict[SocketAddress, tuple[float, bytes]] = {}
        self._known = Answers()
        self._repeats: list[Repeat] = []
        self._results: list[ProbeResult] = []

    def __len__(self) -> int:
        return len(self._pending)

    def begin(self, target: Target, now: float) -> bytes:
        """Begin an exchange with a target that has an address and a source; answers what to send there."""
        branches = self._branches or self._more_branches()
        branch = target.branch = branches.pop()
        target.sent_at, target.retransmits, target.provisional = now, 0, None
        self._pending[branch] = target
        watch = target.watch
        if watch.settings.timeout_s > T1_S:
            self._first_wait.append((now + T1_S, branch, T1_S))
        else:
            self._wait(branch, now, _shared(watch.settings.timeout_s), T1_S)
        return _source(target).template.write(watch.hostname.encode(), branch)

    def abandon(self, target: Target) -> None:
        """End the exchange under way, if any, without a result."""
        if target.branch is not None:
            self._pending.pop(target.branch, None)
            target.branch = None

    def fail(self, target: Target, cause: Cause, reason: str, now: float) -> None:
        """End the exchange under way for a cause that the network or our own socket told."""
        if target.branch is not None:
            self._finish(target, _failure(target, now, cause, reason))

    def find(self, datagram: bytes) -> Target | None:
        """The target whose exchange a datagram (ours, or an answer) belongs to."""
        start = datagram.find(MAGIC) + 7
        return self._pending.get(datagram[start : start + BRANCH_LENGTH])

    def take(self, waiting: Iterator[Arrived]) -> Arrived | None:
        """Take datagrams from the network as long as each answers as the peer's last answer did, as most do.
        The first one that doesn't is answered, for ``receive``, and nothing was done with it; None when there
        was none."""
        pending, repeated = self._pending, self._repeats.append
        for arrived in waiting:
            _, data, now = arrived
            start = data.find(MAGIC) + 7
            branch = data[start : start + BRANCH_LENGTH]
            target = pending.get(branch)
            if target is None:
                return arrived
            answer = target.answer or _NO_ANSWER
            if (
                not data.startswith(answer.status_line)
                or data.find(CSEQ_LINE, start) < 0
                or branch.endswith(_READ_WHOLE)
            ):
                return arrived
            del pending[branch]
            repeated((target, now, (now - target.sent_at) * 1000.0, branch, data))
            target.branch, target.sent_at = None, 0.0
            self.answers += 1
        return None

    def receive(self, data: bytes, source: SocketAddress, now: float) -> bool:
        """Take a datagram from the network: any bytes, from anyone. False when it is no response."""
        target = self.find(data)
        if target is not None:
            return self._receive_unusual(target, data, source, now)
        if data.startswith(b"SIP/2.0 "):
            self.strays += 1
            return True
        return False

    def note_stray(self, data: bytes, source: SocketAddress, now: float) -> None:
        """Count what is neither a response nor a request that was answered.

        Unless it is SIP all the same, as an ACK is, or keeps a NAT open, it tells what the peer speaks.
        """
        self.strays += 1
        if not data.strip(_KEEP_ALIVE) or data.partition(b"\r\n")[0].endswith(b" SIP/2.0"):
            return
        if len(self._garbled) >= _GARBLED_KEPT:
            self._garbled.clear()
        self._garbled[source[:2]] = (now, data[:_GARBLED_BYTES])

    def expire(self, now: float) -> list[Datagram]:
        """Let what is over its time expire; answers what to send again."""
        again: list[Datagram] = []
        pending = self._pending
        for queue in list(self._waiting.values()):
            while queue:
                due, branch, step = queue[0]
                target = pending.get(branch)
                if target is None:  # it is over: the sooner it is dropped, the less memory is gone through
                    queue.popleft()
                elif due <= now:
                    queue.popleft()
                    self._step(target, branch, due, step, now, again)
                else:
                    break
        return again

    def next_timeout(self) -> float | None:
        """When to call ``expire`` next."""
        first = None
        for queue in self._waiting.values():
            while queue and queue[0][1] not in self._pending:
                queue.popleft()
            if queue and (first is None or queue[0][0] < first):
                first = queue[0][0]
        return first

    def take_repeats(self) -> list[Repeat]:
        """The checks that ended since the last call with the peer's last answer once more, as most do."""
        repeats, self._repeats = self._repeats, []
        return repeats

    def take_results(self) -> list[ProbeResult]:
        """The other checks that ended since the last call."""
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
        self._wait(branch, due, _shared(min(following, deadline - due)), following)
        target.retransmits += 1
        self.retransmits += 1
        if target.address is not None:
            data = _source(target).template.write(target.watch.hostname.encode(), branch)
            again.append((data, target.address))

    def _wait(self, branch: bytes, since: float, delay: float, step: float) -> None:
        queue = self._waiting.get(delay)
        if queue is None:
            queue = self._waiting[delay] = deque()
        queue.append((since + delay, branch, step))

    def _time_out(self, target: Target, now: float) -> None:
        if target.provisional is not None:
            answer, data, at = target.provisional
            rtt_ms = (at - target.sent_at) * 1000.0
            self.answers += 1
            result = ProbeResult(
                target, now, Cause.OK, answer, None, rtt_ms, target.retransmits, None, target.branch, data
            )
            self._finish(target, result)
            return
        at, data = self._garbled.get(target.address or ("", 0), (-1.0, b""))
        if at >= target.sent_at:
            self._finish(target, _failure(target, now, Cause.PROTOCOL, None, data))
        else:
            self._finish(target, _failure(target, now, Cause.TIMEOUT, None))

    def _receive_unusual(self, target: Target, data: bytes, source: SocketAddress, now: float) -> bool:
        try:
            message = parse_message(data)
        except SipParseError:
            self.note_stray(data, source, now)
            return True
        if not isinstance(message, Response):
            return False  # our own request, come back to us
        if not answers_branch(message, target.branch):
            self.strays += 1
            return True
        answer = self._known.of(message, data)
        if message.code < 200:
            if target.provisional is None:
                target.provisional = (answer, data, now)
            return True
        self.answers += 1
        retry_after_s = message.retry_after if message.code == 503 else None
        rtt_ms = (now - target.sent_at) * 1000.0
        self._finish(
            target,
            ProbeResult(
                target,
                now,
                Cause.OK,
                answer,
                None,
                rtt_ms,
                target.retransmits,
                retry_after_s,
                target.branch,
                data,
            ),
        )
        return True

    def _finish(self, target: Target, result: ProbeResult) -> None:
        if target.branch is not None:
            self._pending.pop(target.branch, None)
        target.branch, target.sent_at = None, 0.0
        self._results.append(result)

    def _more_branches(self) -> list[bytes]:
        block = self._random_bytes(_RANDOM_BLOCK).hex().encode()
        self._branches = [
            block[cut : cut + BRANCH_LENGTH]
            for cut in range(0, len(block) - BRANCH_LENGTH + 1, BRANCH_LENGTH)
        ]
        return self._branches


def _shared(delay: float) -> float:
    """The same for delays that should be equal, so that they share a queue."""
    return round(delay, 3)


def answers_branch(response: Response, branch: bytes | None) -> bool:
    """Whether a response is to our OPTIONS with this branch (RFC 3261 sections 17.1.3 and 8.1.3.3)."""
    return (
        len(response.vias) == 1
        and response.top_via.branch == (MAGIC + (branch or b"")).decode()
        and response.cseq.number == 1
        and response.cseq.method == "OPTIONS"
    )


def _source(target: Target) -> Source:
    if target.source is None:
        raise ValueError("a target without a source can't be probed")
    return target.source


def _failure(
    target: Target, now: float, cause: Cause, reason: str | None, received: bytes = b""
) -> ProbeResult:
    return ProbeResult(
        target,
        now,
        cause,
        reason=reason,
        retransmits=target.retransmits,
        branch=target.branch,
        received=received,
    )
