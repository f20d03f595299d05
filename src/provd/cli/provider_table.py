"""Providers and checks as text for people."""

from collections.abc import Sequence

from provd.cli.output import columns, facts
from provd.schema.health import CheckReport, TargetResult
from provd.schema.provider import Provider


def provider_table(providers: Sequence[Provider]) -> str:
    """One line a provider."""
    header = ("NAME", "HEALTH", "CAUSE", "CODE", "RTT", "LOSS", "AGE", "HOSTNAME", "CARRIER", "ID")
    return columns(header, [_row(provider) for provider in providers])


def provider_facts(provider: Provider) -> str:
    """Everything about one provider."""
    health = provider.health
    headers = ", ".join(f"{name}: {value}" for name, value in provider.tech_headers.items())
    return facts(
        [
            ("name", provider.name),
            ("health", f"{_state(provider)}: {health.explanation}"),
            *([("next step", health.next_step)] if health.next_step else []),
            ("since", health.since or "-"),
            ("checked", provider.health_checked_at or "never"),
            ("rtt", f"{_ms(health.rtt_ms)} (p50 {_ms(health.rtt_p50_ms)}, p95 {_ms(health.rtt_p95_ms)})"),
            ("jitter", _ms(health.jitter_ms)),
            ("loss", _percent(health.loss_pct)),
            ("targets", f"{health.targets_up} of {health.targets_total} up"),
            ("server", health.server or "-"),
            ("hostname", provider.hostname),
            ("transport", provider.transport.value),
            ("detail", provider.detail or "-"),
            ("carrier", provider.carrier or "-"),
            ("tags", ", ".join(provider.tags) or "-"),
            ("codecs", provider.codecs or "-"),
            ("prefix", provider.tech_prefix or "-"),
            ("postfix", provider.tech_postfix or "-"),
            ("headers", headers or "-"),
            ("enabled", "yes" if provider.enabled else "no"),
            ("revision", str(provider.revision)),
            ("created", provider.tm_create),
            ("updated", provider.tm_update),
            ("id", provider.id),
        ]
    )


def check_table(report: CheckReport) -> str:
    """What each target said, and what that means."""
    header = ("ADDRESS", "CAUSE", "CODE", "DNS", "SIP", "RESENT", "WHY")
    lines = [columns(header, [_target_row(target) for target in report.targets])]
    steps = dict.fromkeys(target.next_step for target in report.targets if target.next_step)
    return "\n".join([*lines, f"health: {report.health_status.value}", *steps])


def _row(provider: Provider) -> tuple[str, ...]:
    health = provider.health
    return (
        provider.name,
        _state(provider),
        health.cause.value if health.cause else "-",
        str(health.code) if health.code else "-",
        _ms(health.rtt_ms),
        _percent(health.loss_pct),
        "-" if health.age_s is None else f"{health.age_s:.0f} s",
        provider.hostname,
        provider.carrier or "-",
        provider.id,
    )


def _target_row(target: TargetResult) -> tuple[str, ...]:
    return (
        target.address or "-",
        target.cause.value,
        str(target.code) if target.code else "-",
        _ms(target.stages_ms.dns),
        _ms(target.stages_ms.sip),
        str(target.retransmits),
        target.explanation,
    )


def _state(provider: Provider) -> str:
    health = provider.health
    if not provider.enabled:
        return "disabled"
    more = [word for word in ("suspect", "flapping", "stale") if getattr(health, word)]
    return " ".join([provider.health_status.value, *more])


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:g} %"
