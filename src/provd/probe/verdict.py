"""The judgement: from the results of a provider's targets to its status. Pure; times are arguments."""

from provd.probe.findings import Transition
from provd.probe.result import ProbeResult
from provd.probe.target import Target, Watch
from provd.schema.health import Cause, HealthStatus
from provd.schema.probe import RollUp

_UP, _DOWN, _UNKNOWN = HealthStatus.HEALTHY, HealthStatus.UNHEALTHY, HealthStatus.UNKNOWN
_OK, _LOCAL = Cause.OK, Cause.LOCAL


def is_settled(target: Target) -> bool:
    """Whether its last answer once more would leave everything as it is but the times, as it mostly does."""
    watch = target.watch
    return (
        target.cause is _OK
        and target.status is _UP
        and watch.status is _UP
        and watch.settings.codes is None
        and watch.busy_until is None
    )


def judge(result: ProbeResult, wall: float) -> Transition | None:
    """Take a result into its target and provider; answers the provider's transition if there is one.

    ``wall`` is ``result.at`` as seconds since 1970. A check that failed for our own part (``local``) says
    nothing about the carrier: it is shown, and changes no status.
    """
    target, watch, cause = result.target, result.target.watch, result.cause
    target.cause, target.reason = cause, result.reason
    if cause is _LOCAL:
        return None
    answer = target.answer = result.answer
    target.rtt_ms, target.checked_at = result.rtt_ms, wall
    if answer is not None:
        codes = watch.settings.codes
        if codes is not None and not codes.accepts(answer.code):
            cause = target.cause = Cause.REPLY_EXCLUDED
        if watch.busy_until is not None or result.retry_after_s is not None:
            watch.busy_until = None if result.retry_after_s is None else wall + result.retry_after_s
    if cause is _OK:
        target.oks, target.fails = target.oks + 1, 0
        if target.status is _UP and watch.status is _UP:
            return None
    else:
        target.fails, target.oks = target.fails + 1, 0
    _judge_target(target)
    status = roll_up(watch)
    if status is watch.status or status is _UNKNOWN:
        return None
    transition = Transition(
        watch=watch,
        at=wall,
        previous=watch.status,
        status=status,
        cause=cause,
        code=result.code,
        reason=result.reason_phrase or result.reason,
        rtt_ms=result.rtt_ms,
    )
    watch.status, watch.since = status, wall
    if transition.previous is not _UNKNOWN:
        watch.note_transition(result.at)
    return transition


def roll_up(watch: Watch) -> HealthStatus:
    """The status that a provider's targets make; unknown while those not yet checked could decide."""
    statuses = [target.status for target in watch.targets]
    up, down, needed = statuses.count(_UP), statuses.count(_DOWN), 1
    if watch.settings.rollup is RollUp.ALL:
        needed = len(statuses)
    elif watch.settings.rollup is RollUp.QUORUM:
        needed = len(statuses) // 2 + 1
    if not statuses:
        return _UNKNOWN
    if up >= needed:
        return _UP
    return _DOWN if down > len(statuses) - needed else _UNKNOWN


def is_suspect(target: Target) -> bool:
    """Whether a target is failing, though not yet ``fall`` times in a row."""
    return target.fails > 0 and target.status is _UP


def shown_target(watch: Watch) -> Target | None:
    """The target whose latest result speaks for the provider: of those that agree with its status, the one
    checked last."""
    checked = [target for target in watch.targets if target.cause is not None]
    agreeing = [target for target in checked if target.status is watch.status] or checked
    return max(agreeing, key=lambda target: target.checked_at or 0.0, default=None)


def _judge_target(target: Target) -> None:
    settings = target.watch.settings
    if target.status is _UNKNOWN:  # nothing to hold on to: the first result decides
        target.status = _UP if target.oks else _DOWN
    elif target.oks >= settings.rise:
        target.status = _UP
    elif target.fails >= settings.fall:
        target.status = _DOWN
