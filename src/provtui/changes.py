"""What each event makes of the provider that it is about; nothing here alters what it is given."""

from typing import Any

from provd.schema.events import (
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    MaintenanceEvent,
    Sample,
)
from provd.schema.health import RECENT_RESULTS, Cause, HealthStatus, HealthSummary
from provd.schema.provider import Provider

_BUSY = 503
_NOT_IMPAIRED: dict[str, Any] = {"impaired": False, "impaired_reason": None}

Change = HealthChanged | HealthFlapping | HealthAddresses | HealthCertificate | MaintenanceEvent | Sample


def after(held: Provider, change: Change) -> Provider | None:
    """Give ``held`` as it is after ``change``; None when it is older than what is held."""
    match change:
        case HealthChanged():
            return _changed(held, change)
        case Sample():
            return _sampled(held, change)
        case HealthFlapping():
            return _with_health(held, flapping=change.flapping)
        case HealthAddresses():
            # the name was looked up again, so whatever kept it from that is over
            addresses = len(change.addresses)
            return _with_health(held, targets_total=addresses, resolved_age_s=None, dns_problem=None)
        case HealthCertificate():
            return _with_health(held, tls_days_left=change.certificate.days_left)
        case MaintenanceEvent():
            return held.model_copy(update={"maintenance": change.maintenance})


def newer(held: Provider | None, new: Provider) -> Provider | None:
    """Choose between what is held and what was read: None when ``held`` has a higher revision.

    Health is kept from whichever was checked last.
    """
    if held is None:
        return new
    if new.revision < held.revision:
        return None
    if new.hostname == held.hostname and _later(held.health_checked_at, new.health_checked_at):
        kept = {name: getattr(held, name) for name in ("health", "health_status", "health_checked_at")}
        return new.model_copy(update=kept)
    return new


def _changed(held: Provider, change: HealthChanged) -> Provider | None:
    if _later(held.health.since, change.at):
        return None
    changed = _with_health(
        held,
        cause=change.cause,
        code=change.code,
        reason=change.reason,
        rtt_ms=change.rtt_ms,
        explanation=change.explanation,
        next_step=change.next_step,
        since=change.at,
        suspect=False,
        stale=False,
        **({} if change.status is HealthStatus.HEALTHY else _NOT_IMPAIRED),
    )
    return changed.model_copy(update={"health_status": change.status})


def _sampled(held: Provider, sample: Sample) -> Provider | None:
    if not _later(sample.at, held.health_checked_at):
        return None
    return held.model_copy(
        update={
            "health": _with_sample(held, sample),
            "health_status": sample.status,
            "health_checked_at": sample.at,
        }
    )


def _with_sample(held: Provider, sample: Sample) -> HealthSummary:
    recent = [*held.health.recent, sample.rtt_ms][-RECENT_RESULTS:]
    figures: dict[str, Any] = {
        "cause": sample.cause,
        "code": sample.code,
        "rtt_ms": sample.rtt_ms,
        "recent": recent,
        "loss_pct": 100.0 * sum(rtt is None for rtt in recent) / len(recent),
        "suspect": sample.cause is not Cause.OK and sample.status is not HealthStatus.UNHEALTHY,
        "stale": False,
    }
    if sample.code != _BUSY:
        figures["busy_until"] = None
    if (sample.cause, sample.code) != (held.health.cause, held.health.code):
        # the sentences were about another outcome; a sample brings none of its own
        figures |= {"reason": None, "explanation": "", "next_step": None}
    if sample.status is not held.health_status:
        figures["since"] = sample.at
    return held.health.model_copy(update=figures)


def _with_health(held: Provider, **figures: Any) -> Provider:
    return held.model_copy(update={"health": held.health.model_copy(update=figures)})


def _later(one: str | None, other: str | None) -> bool:
    """Compare API timestamps, whose text sorts as their time does; None is before everything."""
    return one is not None and (other is None or one > other)
