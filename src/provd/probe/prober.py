"""The adapter between the sans-IO parts and the world: sockets, the clock, and one timer.

It sends what the schedule says is due, hands datagrams to the engine, and passes results on in batches.
"""

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass

from provd.probe.address import SocketAddress
from provd.probe.answers import Answers
from provd.probe.clock import SYSTEM, Clock
from provd.probe.endpoints import Endpoints
from provd.probe.engine import Engine
from provd.probe.request import MAGIC, RequestTemplate, make_template
from provd.probe.result import ProbeResult, Repeat
from provd.probe.schedule import Schedule
from provd.probe.settings import RequestShape
from provd.probe.source import Source
from provd.probe.stream.client import StreamClient
from provd.probe.stream.progress import StreamOutcome
from provd.probe.stream.route import Route
from provd.probe.target import NOT_SCHEDULED, StreamTarget, Target
from provd.probe.udp import UdpEndpoint
from provd.schema.health import Cause
from provd.schema.provider import Transport

log = logging.getLogger(__name__)

_AT_ONCE = 64  # checks in a turn, at most
_TURN_S = 0.0004  # and no longer than this; then whoever else waits for the loop has a turn
_DRAIN_LIMIT = 64
_RATE_SAMPLES = 10
_TEMPLATES_KEPT = 4096
_AT_LEAST_PER_S = 2000.0
_PACE = 1.25  # times the mean rate: how fast what is late is made up for
_PURSE_S = 0.007  # of the mean rate: what may go out at once; with _PACE less than twice the mean in 10 ms
_REFILL = 0.7  # of the purse: what is waited for once it is empty
_POLL_FROM_PER_S = 2000.0
_POLL_EVERY_S = 0.005
RENEWAL_WITHIN_DAYS = 30
RATE_EVERY_S = 0.5
"""How often ``note_rate`` is to be called."""

OnRequest = Callable[[bytes, SocketAddress], tuple[bytes, SocketAddress] | None]


@dataclass(frozen=True, slots=True)
class ProberHooks:
    """Whom the prober tells: ``on_due`` of each target with a name as it falls due, before it is sent to;
    ``on_repeats`` and ``on_results`` of what came out, in batches; ``on_request`` of a datagram that may be a
    request, for the answer and where to send it; ``spawn`` runs an exchange over a stream."""

    on_due: Callable[[Target], None]
    on_repeats: Callable[[list[Repeat]], None]
    on_results: Callable[[list[ProbeResult]], None]
    on_request: OnRequest
    spawn: Callable[[Coroutine[None, None, None]], None]


class Prober:
    """Probes targets. ``max_rate`` bounds checks per second; 0 does not."""

    def __init__(
        self,
        endpoints: Endpoints,
        streams: StreamClient,
        hooks: ProberHooks,
        *,
        max_rate: int,
        clock: Clock = SYSTEM,
    ) -> None:
        self.engine = Engine(os.urandom)
        self.schedule = Schedule(clock.monotonic())
        self.streams = streams
        self.sent = 0
        self.send_errors = 0
        self._stream_answers = 0
        self.behind_s = 0.0
        self._endpoints = endpoints
        self._hooks = hooks
        self._max_rate = max_rate
        self._clock = clock
        self._allowance = 0.0
        self._wait_s = 0.0
        self._ticked_at = 0.0
        self._templates: dict[tuple[RequestShape, SocketAddress, Transport], RequestTemplate] = {}
        self._sources: dict[Source, Source] = {}
        self._known = Answers()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rates: deque[tuple[float, int]] = deque(maxlen=_RATE_SAMPLES)
        self._polling = False
        self._polled_at = 0.0

    def open(self) -> None:
        """Bind the sockets and begin. Raises BindError."""
        self._loop = asyncio.get_running_loop()
        self._endpoints.open(
            self._loop, self.engine.take, self._received, self._network_error, self._readable
        )
        self.arm()

    async def close(self) -> None:
        """Stop, and close the sockets. Exchanges under way have no result."""
        if self._timer is not None:
            self._timer.cancel()
        self._endpoints.close()
        await self.streams.close()
        self._loop = None

    def arm(self) -> None:
        """Set the timer to what comes next; to be called when the schedule was changed."""
        if self._loop is None:
            return
        at = self.schedule.next_at()
        if self._allowance < 1:
            at = max(at, self._ticked_at + self._wait_s)
        soon = self._polled_at + _POLL_EVERY_S if self._polling else self.engine.next_timeout()
        if soon is not None and soon < at:
            at = soon
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._tick, at)

    def forget(self, target: Target) -> None:
        """Probe a target no more; an exchange under way has no result."""
        self.schedule.remove(target)
        self.engine.abandon(target)

    def close_stream(self, target: Target) -> None:
        """Close the connection to a target, if it has one."""
        if isinstance(target, StreamTarget) and target.address is not None:
            self.streams.close_route(self._route(target, target.address))

    def probe(self, target: Target) -> None:
        """Send a request to a target now, unless one awaits its answer already."""
        self._probe(target, self._clock.monotonic())

    def _probe(self, target: Target, now: float) -> None:
        address = target.address
        if address is None or target.branch is not None:
            return
        self.sent += 1
        if isinstance(target, StreamTarget):
            exchange = target.branch = b"stream %d" % self.sent
            self._hooks.spawn(self._probe_over_stream(target, address, exchange))
            return
        try:
            source = target.source or self._find_source(target, address)
            source.sender.send(self.engine.begin(target, now), address)
        except BlockingIOError as error:
            if target.due_tick == NOT_SCHEDULED:  # its turn does not come again
                self._fail_to_send(target, error, now)
                return
            self.sent -= 1
            self.engine.abandon(target)
            self.schedule.defer(target)
        except OSError as error:
            self._fail_to_send(target, error, now)

    def work(self, due_at: float) -> None:
        """Do a bounded part of what is due: send, take in what came, give up. The timer has it done at
        ``due_at``, or later."""
        now = self._clock.monotonic()
        self.behind_s = max(0.0, now - due_at)
        clock, until = self._clock.monotonic, now + _TURN_S
        for target in self.schedule.due(now, min(_AT_ONCE, self._allow(now))):
            self._allowance -= 1
            if target.watch.naming is not None:
                self._hooks.on_due(target)
            now = clock()
            self._probe(target, now)
            if now > until:
                break
        now = self._clock.monotonic()
        taken_in = min(now, self._endpoints.drain(_DRAIN_LIMIT))
        self._polled_at = now if taken_in == now else 0.0
        for data, address in self.engine.expire(taken_in):  # an answer that still waits may have come in time
            self._send_again(data, address, now)
        self._pass_on()

    @property
    def answers(self) -> int:
        """How many checks had an answer."""
        return self.engine.answers + self._stream_answers

    @property
    def strays(self) -> int:
        """How many datagrams and messages answered no check, and were no request."""
        return self.engine.strays + self.streams.strays

    def note_rate(self) -> None:
        """Take a sample for ``sent_per_s``; to be called every RATE_EVERY_S.

        When many checks are to be made, the sockets are looked at every 5 ms instead of at each datagram: the
        kernel notes when each came.
        """
        self._rates.append((self._clock.monotonic(), self.sent))
        polling = self.schedule.rate >= _POLL_FROM_PER_S
        if polling is not self._polling:
            self._polling = polling
            self._endpoints.tell(at_once=not polling)
            self.arm()

    @property
    def sent_per_s(self) -> float:
        """The rate of checks over the last seconds."""
        if not self._rates:
            return 0.0
        since, count = self._rates[0]
        return (self.sent - count) / max(1.0, self._clock.monotonic() - since)

    def _tick(self, due_at: float) -> None:
        self._timer = None
        try:
            self.work(due_at)
        finally:  # whatever happens, checking goes on; the loop logs what was raised
            self.arm()

    def _allow(self, now: float) -> int:
        """How many checks may begin now, so that what is late does not go out in one burst."""
        mean = max(_AT_LEAST_PER_S, self.schedule.rate)
        rate = _PACE * mean
        if self._max_rate:
            mean, rate = min(mean, self._max_rate), min(rate, self._max_rate)
        most = max(1.0, _PURSE_S * mean)
        self._allowance = min(most, self._allowance + (now - self._ticked_at) * rate)
        self._ticked_at = now
        self._wait_s = max(1.0, most * _REFILL) / rate
        return int(self._allowance)

    def _readable(self, endpoint: UdpEndpoint) -> None:
        endpoint.drain(_DRAIN_LIMIT)
        self._pass_on()

    def _pass_on(self) -> None:
        repeats = self.engine.take_repeats()
        if repeats:
            self._hooks.on_repeats(repeats)
        results = self.engine.take_results()
        if results:
            self._hooks.on_results(results)

    def _received(self, data: bytes, source: SocketAddress, at: float, endpoint: UdpEndpoint) -> None:
        if self.engine.receive(data, source, at):
            return
        answer = self._hooks.on_request(data, source)
        if answer is None:
            self.engine.note_stray(data, source, at)
        else:
            with suppress(OSError):  # a peer that wants it will ask again
                endpoint.send(*answer)

    def _network_error(self, ours: bytes, cause: Cause, message: str) -> None:
        target = self.engine.find(ours)
        if target is not None:
            self.engine.fail(target, cause, message, self._clock.monotonic())
            self._pass_on()  # before an answer that comes after it: that one may tell that all is well

    def _send_again(self, data: bytes, address: SocketAddress, now: float) -> None:
        target = self.engine.find(data)
        if target is None or target.source is None:
            return
        try:
            target.source.sender.send(data, address)
        except BlockingIOError:
            pass  # the next retransmission makes up for this one
        except OSError as error:
            self._fail_to_send(target, error, now)

    def _fail_to_send(self, target: Target, error: OSError, now: float) -> None:
        self.send_errors += 1
        self.engine.abandon(target)
        target.source = None  # our address may have changed
        reason = error.strerror or str(error)
        self._hooks.on_results([ProbeResult(target, now, Cause.LOCAL, reason=reason)])

    def _find_source(self, target: Target, peer: SocketAddress) -> Source:
        settings = target.watch.settings
        endpoint = self._endpoints.of(peer, settings.bind)
        template = self._template(settings.shape, endpoint.local_address(peer), Transport.UDP)
        made = Source(template, endpoint)
        if len(self._sources) >= _TEMPLATES_KEPT:
            self._sources.clear()
        target.source = self._sources.setdefault(made, made)
        return made

    def _template(self, shape: RequestShape, local: SocketAddress, transport: Transport) -> RequestTemplate:
        key = (shape, local, transport)
        known = self._templates.get(key)
        if known is None:
            if len(self._templates) >= _TEMPLATES_KEPT:
                self._templates.clear()
            known = self._templates[key] = make_template(shape, local, transport)
        return known

    # over TCP and TLS

    async def _probe_over_stream(self, target: StreamTarget, address: SocketAddress, exchange: bytes) -> None:
        watch = target.watch
        settings = watch.settings

        def request(local: SocketAddress, branch: bytes) -> bytes:
            template = self._template(settings.shape, local, settings.transport)
            return template.write(watch.hostname.encode(), branch.removeprefix(MAGIC))

        outcome: StreamOutcome | Exception
        try:
            outcome = await self.streams.exchange(self._route(target, address), request, settings.timeout_s)
        except Exception as error:  # a fault of ours: the others are checked on
            log.exception("checking %s failed", watch.hostname)
            outcome = error
        if target.branch is not exchange:  # it was given up meanwhile
            return
        if isinstance(outcome, StreamOutcome):
            target.branch = None
            self._hooks.on_results([self._stream_result(target, outcome)])
        else:
            self._fail_to_send(target, OSError(str(outcome)), self._clock.monotonic())

    def _route(self, target: Target, address: SocketAddress) -> Route:
        """How a target over TCP or TLS is reached, and whom its certificate must name."""
        settings = target.watch.settings
        return Route(
            transport=settings.transport,
            address=address,
            server_name=settings.server_name or target.watch.host.host.removesuffix("."),
            verify=settings.tls_verify,
            reuse=settings.reuse,
            bind=self._endpoints.stream_bind(address, settings.bind),
        )

    def _stream_result(self, target: StreamTarget, outcome: StreamOutcome) -> ProbeResult:
        if outcome.certificate is not None:
            target.certificate = outcome.certificate
            if (
                outcome.certificate.days_left(self._clock.wall()) <= RENEWAL_WITHIN_DAYS
                and target.address is not None
            ):
                # a connection that is kept has the certificate of its handshake: look for a new one
                self.close_stream(target)
        if not outcome.reused:
            target.connect_ms, target.tls_ms = outcome.connect_ms, outcome.tls_ms
        response = outcome.response
        self._stream_answers += response is not None
        if outcome.cause is Cause.LOCAL:
            self.send_errors += 1
        return ProbeResult(
            target=target,
            at=outcome.at,
            cause=outcome.cause,
            answer=None if response is None else self._known.of(response, outcome.received),
            reason=outcome.reason,
            rtt_ms=outcome.rtt_ms,
            retry_after_s=response.retry_after if response is not None and response.code == 503 else None,
            received=outcome.received,
            stream=outcome,
        )
