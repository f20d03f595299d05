"""A provider's health as the API shows it, from what is stored and what is watched."""

from itertools import pairwise
from statistics import fmean

from provd.probe.explain import DISABLED, NOT_CHECKED_YET, PROBING_OFF, Words, explain
from provd.probe.result import Judged
from provd.probe.settings import ProbeSettings
from provd.probe.target import Target, Watch
from provd.probe.verdict import is_suspect
from provd.schema.health import Cause, HealthStatus, HealthSummary, Stages, TargetResult
from provd.schema.hostname import HostKind
from provd.schema.timestamps import from_timestamp, to_timestamp
from provd.store.tables import HealthRow, ProviderRow

FLAPPING_WINDOW_S = 600.0
UNSUPPORTED_TRANSPORT = "This version checks over UDP only, so a provider with transport {} is not checked."


def watched_summary(watch: Watch, *, wall: float, now: float) -> HealthSummary:
    """The summary of a provider that is being watched. ``wall`` is seconds since 1970, ``now`` monotonic."""
    settings = watch.settings
    recent = watch.recent_results()
    answered = [value for value in recent if value is not None]
    age_s = None if watch.checked_at is None else max(0.0, wall - watch.checked_at)
    words = NOT_CHECKED_YET
    if watch.cause is not None:
        words = explain(watch.cause, watch.code, watch.reason, timeout_s=settings.timeout_s)
    return HealthSummary(
        cause=watch.cause,
        code=watch.code,
        reason=watch.reason if watch.code is not None else None,
        explanation=words.explanation,
        next_step=words.next_step,
        server=watch.server,
        rtt_ms=_rounded(watch.rtt_ms),
        rtt_p50_ms=_percentile(answered, 0.50),
        rtt_p95_ms=_percentile(answered, 0.95),
        jitter_ms=_jitter(answered),
        loss_pct=round(100.0 * (len(recent) - len(answered)) / len(recent), 1) if recent else None,
        since=None if watch.since is None else to_timestamp(watch.since),
        age_s=None if age_s is None else round(age_s, 1),
        stale=age_s is not None and age_s > 2 * settings.interval_s + settings.timeout_s,
        suspect=is_suspect(watch),
        flapping=watch.is_flapping(now, FLAPPING_WINDOW_S),
        busy_until=None
        if watch.busy_until is None or watch.busy_until < wall
        else to_timestamp(watch.busy_until),
        targets_up=sum(target.status is HealthStatus.HEALTHY for target in watch.targets),
        targets_total=sum(target.address is not None for target in watch.targets),
        recent=recent,
    )


def unwatched_summary(
    row: ProviderRow, health: HealthRow | None, *, wall: float, soon: bool
) -> HealthSummary:
    """The summary of a provider that is not watched, or will be ``soon``: why, and what was found before."""
    words = NOT_CHECKED_YET if soon else _why_unwatched(row)
    if health is None:
        return HealthSummary(explanation=words.explanation, next_step=words.next_step)
    return HealthSummary(
        cause=Cause(health.cause),
        code=health.code,
        reason=health.reason,
        explanation=words.explanation,
        next_step=words.next_step,
        server=health.server,
        rtt_ms=_rounded(health.rtt_ms),
        since=health.since,
        age_s=round(max(0.0, wall - from_timestamp(health.checked_at)), 1),
        stale=True,
    )


def target_result(judged: Judged, settings: ProbeSettings) -> TargetResult:
    """One target's part of a check's report."""
    result = judged.result
    watch = result.target.watch
    words = explain(result.cause, result.code, result.reason, timeout_s=settings.timeout_s)
    looked_up = watch.host.kind is HostKind.NAME
    return TargetResult(
        address=_address(result.target),
        cause=result.cause,
        code=result.code,
        reason=result.reason,
        explanation=words.explanation,
        next_step=words.next_step,
        server=result.server,
        rtt_ms=_rounded(result.rtt_ms),
        retransmits=result.retransmits,
        stages_ms=Stages(dns=_rounded(watch.dns_ms) if looked_up else None, sip=_rounded(result.rtt_ms)),
        checked_at=to_timestamp(judged.wall),
    )


def _why_unwatched(row: ProviderRow) -> Words:
    if not row.enabled:
        return DISABLED
    if row.transport != "udp":
        return Words(UNSUPPORTED_TRANSPORT.format(row.transport))
    return PROBING_OFF


def _address(target: Target) -> str | None:
    if target.address is None:
        return None
    host, port = target.address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _percentile(values: list[float], share: float) -> float | None:
    """The nearest-rank percentile."""
    if not values:
        return None
    ordered = sorted(values)
    rank = max(0, -(-int(share * 100) * len(ordered) // 100) - 1)
    return round(ordered[rank], 3)


def _jitter(values: list[float]) -> float | None:
    """The mean difference between neighbouring results."""
    if len(values) < 2:
        return None
    return round(fmean(abs(b - a) for a, b in pairwise(values)), 3)
