"""The judgement: from the results of a provider's targets to its status. Pure; times are arguments."""

from dataclasses import dataclass

from provd.probe.result import ProbeResult
from provd.probe.target import Target, Watch
from provd.schema.health import Cause, HealthStatus


@dataclass(frozen=True, slots=True)
class Transition:
    """A provider's status changed; ``at`` is seconds since 1970. The rest is a copy of what was found."""

    watch: Watch
    at: float
    previous: HealthStatus
    status: HealthStatus
    cause: Cause
    code: int | None
    reason: str | None
    rtt_ms: float | None


def judge(result: ProbeResult, wall: float) -> Transition | None:
    """Take a result into its target and provider; answers the provider's transition if there is one.

    ``wall`` is ``result.at`` as seconds since 1970.
    """
    target, watch = result.target, result.target.watch
    up = result.cause is Cause.OK
    watch.checked_at = wall
    watch.remember(result.rtt_ms if up else None)
    _judge_target(target, up)
    status = _roll_up(watch)
    if up or status is not HealthStatus.HEALTHY or len(watch.targets) == 1:
        # with another target up, a dead one's figures are not the provider's
        _show(watch, result, wall)
    if status is watch.status or status is HealthStatus.UNKNOWN:
        return None
    transition = Transition(
        watch, wall, watch.status, status, result.cause, result.code, result.reason, result.rtt_ms
    )
    watch.status, watch.since = status, wall
    if transition.previous is not HealthStatus.UNKNOWN:
        watch.note_transition(result.at)
    return transition


def is_suspect(watch: Watch) -> bool:
    """Whether a provider is failing, though not yet ``fall`` times in a row."""
    return watch.status is HealthStatus.HEALTHY and any(
        target.fails and target.status is HealthStatus.HEALTHY for target in watch.targets
    )


def _judge_target(target: Target, up: bool) -> None:
    settings = target.watch.settings
    if up:
        target.oks, target.fails = target.oks + 1, 0
    else:
        target.fails, target.oks = target.fails + 1, 0
    if target.status is HealthStatus.UNKNOWN:  # nothing to hold on to: the first result decides
        target.status = HealthStatus.HEALTHY if up else HealthStatus.UNHEALTHY
    elif up and target.oks >= settings.rise:
        target.status = HealthStatus.HEALTHY
    elif not up and target.fails >= settings.fall:
        target.status = HealthStatus.UNHEALTHY


def _roll_up(watch: Watch) -> HealthStatus:
    """One target up is enough; all must be known to be down."""
    statuses = {target.status for target in watch.targets}
    if HealthStatus.HEALTHY in statuses:
        return HealthStatus.HEALTHY
    if HealthStatus.UNKNOWN in statuses:
        return HealthStatus.UNKNOWN
    return HealthStatus.UNHEALTHY


def _show(watch: Watch, result: ProbeResult, wall: float) -> None:
    watch.cause, watch.code, watch.reason = result.cause, result.code, result.reason
    watch.rtt_ms = result.rtt_ms
    if result.server is not None:
        watch.server = result.server
    watch.busy_until = None if result.retry_after_s is None else wall + result.retry_after_s
