"""The assessor: judges each result of a watched provider, and notes what others should hear of."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from provd.probe.exchange import exchange_of
from provd.probe.findings import CertificateExpiry, Exchange, Finding, Flapping, Transition, UplinkChange
from provd.probe.result import ProbeResult
from provd.probe.samples import pack
from provd.probe.target import Answer, StreamTarget, Target, Watch
from provd.probe.traces import Traces
from provd.probe.uplink import UplinkGuard
from provd.probe.verdict import is_settled, is_suspect, judge
from provd.schema.health import Cause, HealthStatus

FLAPPING_WINDOW_S = 600.0
TLS_THRESHOLDS = (7, 14, 30)
"""Days before a certificate's end at which it is announced."""

# an enum's members take longer to get at, and this is done for every check
_OK, _LOCAL, _HEALTHY = Cause.OK, Cause.LOCAL, HealthStatus.HEALTHY
_ANSWERED = (Cause.OK, Cause.REPLY_EXCLUDED)

KeepSample = Callable[[Target, int], None]


class Assessor:
    """``keep_sample`` gets each result, packed as in samples.py; ``confirm`` is told of a target that fails
    and is not yet known to be down."""

    def __init__(self, keep_sample: KeepSample, confirm: Callable[[Target], None]) -> None:
        self.changed = asyncio.Event()
        """Set when there is a finding."""
        self.counts = dict.fromkeys(HealthStatus, 0)
        """How many watched providers have each status."""
        self.traced: set[str] = set()
        """The keys of providers whose every exchange is a finding."""
        self.sampling = False
        """Whether anybody wants ``take_checked``."""
        self.traces = Traces()
        self.uplink = UplinkGuard()
        self._keep_sample = keep_sample
        self._confirm = confirm
        self._findings: list[Finding | Exchange] = []
        self._checked: dict[str, Watch] = {}
        self._renewed: dict[str, Watch] = {}
        self._flapping: set[Watch] = set()

    def repeat(self, target: Target, wall: float, rtt_ms: float) -> bool:
        """Take in that a target gave its last answer once more. False, and nothing was done, when that has to
        be assessed as a result."""
        watch, uplink = target.watch, self.uplink
        if uplink.failing or uplink.suspect or not is_settled(target):
            return False
        if self.traced and watch.key in self.traced:
            return False
        target.rtt_ms, target.checked_at = rtt_ms, wall
        self._keep_sample(target, pack(wall, rtt_ms, True, True))
        if self.sampling:
            self._checked[watch.key] = watch
        return True

    def assess(self, result: ProbeResult, wall: float, *, traced: bool) -> None:
        """Take in a result; ``wall`` is when, in seconds since 1970. ``traced`` keeps its exchange."""
        target = result.target
        watch = target.watch
        cause, answer, status = target.cause, target.answer, watch.status
        transition = judge(result, wall)
        found = target.cause
        if found is not _LOCAL:
            self._keep_sample(target, pack(wall, result.rtt_ms, found is _OK, watch.status is _HEALTHY))
        if found is not _OK and is_suspect(target):
            self._confirm(target)
        if result.answer is None:
            self._take_silence(watch, cause, wall)
        elif (self.uplink.failing or self.uplink.suspect) and self.uplink.answered():
            self.find(UplinkChange(wall, suspect=False, failing=0))
        if self.sampling:
            self._checked[watch.key] = watch
        if result.stream is not None and not result.stream.reused:
            self._look_at_certificate(target, wall)
        if traced or transition is not None or (self.traced and watch.key in self.traced):
            self._trace(result, wall, transition)
        if transition is None:
            if found is not cause or (target.answer is not answer and _differ(target.answer, answer)):
                self._renewed[watch.key] = watch
        else:
            self.counts[status] -= 1
            self.counts[watch.status] += 1
            self._look_for_flapping(watch, result.at, wall)

    def find(self, finding: Finding | Exchange) -> None:
        """Add a finding."""
        self._findings.append(finding)
        self.changed.set()

    def renew(self, watch: Watch) -> None:
        """Something else is known of a provider than before."""
        self._renewed[watch.key] = watch

    def take_findings(self) -> list[Finding | Exchange]:
        """What was found since the last call, in order."""
        taken, self._findings = self._findings, []
        self.changed.clear()
        return taken

    def take_checked(self) -> list[Watch]:
        """The providers that were checked since the last call, while ``sampling``."""
        taken, self._checked = self._checked, {}
        return list(taken.values())

    def take_renewed(self) -> list[Watch]:
        """The providers of which something else is known than at the last call: by a check, or by DNS."""
        taken, self._renewed = self._renewed, {}
        return list(taken.values())

    def end_flapping(self, now: float, wall: float) -> None:
        """Announce who has ceased to flap; to be called now and then. ``now`` is monotonic."""
        for watch in [each for each in self._flapping if not each.changes_often(now, FLAPPING_WINDOW_S)]:
            self._flapping.discard(watch)
            watch.flapping = False
            self.find(Flapping(watch, wall, flapping=False))

    def forget(self, watch: Watch) -> None:
        """A provider is no longer watched."""
        self.counts[watch.status] -= 1
        self._checked.pop(watch.key, None)
        self._renewed.pop(watch.key, None)
        self._flapping.discard(watch)
        self.uplink.failing.discard(watch.key)
        self.traces.forget(watch.key)

    def _take_silence(self, watch: Watch, before: Cause | None, wall: float) -> None:
        if before in _ANSWERED and self.uplink.failed(watch.key):
            self.find(UplinkChange(wall, suspect=True, failing=len(self.uplink.failing)))

    def _trace(self, result: ProbeResult, wall: float, transition: Transition | None) -> None:
        exchange = exchange_of(result, wall)
        self.traces.keep(exchange)
        if transition is not None:
            self.find(replace(transition, exchange=exchange))
        if exchange.key in self.traced:
            self.find(exchange)

    def _look_at_certificate(self, target: Target, wall: float) -> None:
        if not isinstance(target, StreamTarget) or target.certificate is None or target.address is None:
            return
        watch = target.watch
        shown = [
            (each.certificate, each.address)
            for each in watch.targets
            if isinstance(each, StreamTarget) and each.certificate is not None and each.address is not None
        ]
        certificate, address = min(shown, key=lambda each: each[0].not_after)
        days = certificate.days_left(wall)
        threshold = next((each for each in TLS_THRESHOLDS if days <= each), None)
        announced = watch.tls_announced
        all_shown = len(shown) == len(watch.targets)  # else one that ends may not have been seen again yet
        if announced is not None and all_shown and certificate.not_after > announced[1]:  # it was renewed
            announced = watch.tls_announced = None
        if threshold is not None and (announced is None or threshold < announced[0]):
            watch.tls_announced = threshold, certificate.not_after
            self._renewed[watch.key] = watch
            self.find(CertificateExpiry(watch, wall, address, certificate, threshold))

    def _look_for_flapping(self, watch: Watch, now: float, wall: float) -> None:
        if not watch.flapping and watch.changes_often(now, FLAPPING_WINDOW_S):
            watch.flapping = True
            self._flapping.add(watch)
            self.find(Flapping(watch, wall, flapping=True))


def _differ(answer: Answer | None, before: Answer | None) -> bool:
    return answer is None or before is None or answer[1:] != before[1:]
