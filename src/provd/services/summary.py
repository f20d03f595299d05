"""A provider's health as the API shows it, from what is stored and what is watched."""

from collections.abc import Sequence
from heapq import merge

from provd.probe.explain import DISABLED, NOT_CHECKED_YET, PROBING_OFF, Words, explain
from provd.probe.samples import rtt_ms
from provd.probe.target import StreamTarget, Target, Watch
from provd.probe.verdict import is_suspect, shown_target
from provd.schema.health import RECENT_RESULTS, Cause, HealthStatus, HealthSummary
from provd.schema.rtt_figures import jitter, percentile
from provd.schema.timestamps import from_timestamp, to_timestamp
from provd.services.target_report import rounded
from provd.store.tables import HealthRow, ProviderRow

_DAY_S = 86400.0


def watched_summary(
    watch: Watch, *, wall: float, now: float, availability_24h_pct: float | None
) -> HealthSummary:
    """The summary of a provider that is being watched. ``wall`` is seconds since 1970, ``now`` monotonic."""
    settings = watch.settings
    shown = shown_target(watch)
    cause = None if shown is None else shown.cause
    answer = None if shown is None else shown.answer
    recent = recent_rtts(watch.targets, RECENT_RESULTS)
    answered = [value for value in recent if value is not None]
    paths = (
        [recent]
        if len(watch.targets) == 1
        else [recent_rtts([each], RECENT_RESULTS) for each in watch.targets]
    )
    checked_at = watch.checked_at
    age_s = None if checked_at is None else max(0.0, wall - checked_at)
    words = NOT_CHECKED_YET
    if cause is not None and shown is not None:
        code, phrase = (None, None) if answer is None else (answer.code, answer.reason)
        words = explain(cause, code, shown.reason or phrase, timeout_s=settings.timeout_s)
    names = watch.naming
    return HealthSummary(
        cause=cause,
        code=None if answer is None else answer.code,
        reason=None if answer is None else answer.reason,
        explanation=words.explanation,
        next_step=words.next_step,
        server=None if answer is None else answer.server,
        rtt_ms=None if shown is None else rounded(shown.rtt_ms),
        rtt_p50_ms=percentile(answered, 50),
        rtt_p95_ms=percentile(answered, 95),
        jitter_ms=jitter(paths),
        loss_pct=round(100.0 * (len(recent) - len(answered)) / len(recent), 1) if recent else None,
        availability_24h_pct=availability_24h_pct,
        since=None if watch.since is None else to_timestamp(watch.since),
        age_s=None if age_s is None else round(age_s, 1),
        stale=age_s is not None and age_s > 2 * settings.interval_s + settings.timeout_s,
        suspect=watch.status is HealthStatus.HEALTHY and any(map(is_suspect, watch.targets)),
        flapping=watch.flapping,
        busy_until=None
        if watch.busy_until is None or watch.busy_until < wall
        else to_timestamp(watch.busy_until),
        targets_up=sum(target.status is HealthStatus.HEALTHY for target in watch.targets),
        targets_total=sum(target.address is not None for target in watch.targets),
        tls_days_left=tls_days_left(watch, wall),
        resolved_age_s=None
        if names is None or names.problem is None or names.good_at is None
        else round(now - names.good_at, 1),
        dns_problem=None if names is None else names.problem,
        recent=recent,
    )


def unwatched_summary(
    row: ProviderRow,
    health: HealthRow | None,
    *,
    wall: float,
    soon: bool,
    availability_24h_pct: float | None,
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
        rtt_ms=rounded(health.rtt_ms),
        availability_24h_pct=availability_24h_pct,
        since=health.since,
        age_s=round(max(0.0, wall - from_timestamp(health.checked_at)), 1),
        stale=True,
        tls_days_left=None if health.tls_not_after is None else int((health.tls_not_after - wall) // _DAY_S),
    )


def recent_rtts(targets: Sequence[Target], most: int) -> list[float | None]:
    """The last round-trip times of some targets in ms, oldest first; None where there was no answer."""
    rings = [target.samples[-most:] for target in targets if target.samples]
    packed = rings[0] if len(rings) == 1 else list(merge(*rings))[-most:]  # a sample begins with its time
    return [rtt_ms(each) for each in packed]


def tls_days_left(watch: Watch, wall: float) -> int | None:
    """Full days until the first of the targets' certificates ends; None without any."""
    ends = [
        target.certificate.days_left(wall)
        for target in watch.targets
        if isinstance(target, StreamTarget) and target.certificate is not None
    ]
    return min(ends, default=None)


def _why_unwatched(row: ProviderRow) -> Words:
    return PROBING_OFF if row.enabled else DISABLED
