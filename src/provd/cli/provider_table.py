"""Providers as text for people."""

from collections.abc import Sequence

from provd.cli.event_lines import maintenance_words
from provd.cli.figures import code, ms, percent, span
from provd.cli.output import columns, facts
from provd.cli.probe_options import as_options
from provd.schema.health import HealthSummary
from provd.schema.provider import Provider

CERTIFICATE_ENDS_SOON_D = 30


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
            *health_facts(provider),
            ("availability", f"{percent(health.availability_24h_pct)} in 24 h"),
            ("hostname", provider.hostname),
            ("transport", provider.transport.value),
            ("detail", provider.detail or "-"),
            ("carrier", provider.carrier or "-"),
            ("tags", ", ".join(provider.tags) or "-"),
            ("codecs", provider.codecs or "-"),
            ("prefix", provider.tech_prefix or "-"),
            ("postfix", provider.tech_postfix or "-"),
            ("headers", headers or "-"),
            ("probe", " ".join(as_options(provider.probe)) or "-"),
            ("enabled", "yes" if provider.enabled else "no"),
            ("revision", str(provider.revision)),
            ("created", provider.tm_create),
            ("updated", provider.tm_update),
            ("id", provider.id),
            *(("warning", each) for each in provider.warnings),
        ]
    )


def _row(provider: Provider) -> tuple[str, ...]:
    health = provider.health
    return (
        provider.name,
        state(provider),
        health.cause.value if health.cause else "-",
        code(health.code),
        ms(health.rtt_ms),
        percent(health.loss_pct),
        "-" if health.age_s is None else f"{health.age_s:.0f} s",
        provider.hostname,
        provider.carrier or "-",
        provider.id,
    )


def state(provider: Provider) -> str:
    """A provider's status, with what weakens it."""
    if not provider.enabled:
        return "disabled"
    health = provider.health
    more = [word for word in ("impaired", "suspect", "flapping", "stale") if getattr(health, word)]
    if health.busy_until:
        more.append("busy")
    if health.tls_days_left is not None and health.tls_days_left <= CERTIFICATE_ENDS_SOON_D:
        more.append(f"cert {health.tls_days_left} d")
    if provider.maintenance is not None:
        more.append("maintenance")
    return " ".join([provider.health_status.value, *more])


def health_facts(provider: Provider) -> list[tuple[str, str]]:
    """How a provider does, as names and values; what is rarely there only when it is."""
    health = provider.health
    found = [
        ("name", provider.name),
        ("health", f"{state(provider)}: {health.explanation}"),
        ("next step", health.next_step or ""),
        ("impaired", health.impaired_reason or ""),
        ("maintenance", maintenance_words(provider.maintenance) if provider.maintenance else ""),
        ("busy until", health.busy_until or ""),
        ("dns", dns_words(health)),
        ("since", health.since or "-"),
        ("checked", provider.health_checked_at or "never"),
        ("rtt", f"{ms(health.rtt_ms)} (p50 {ms(health.rtt_p50_ms)}, p95 {ms(health.rtt_p95_ms)})"),
        ("jitter", ms(health.jitter_ms)),
        ("loss", percent(health.loss_pct)),
        ("targets", f"{health.targets_up} of {health.targets_total} up"),
        ("certificate", _certificate(health.tls_days_left)),
        ("server", health.server or "-"),
    ]
    return [(name, value) for name, value in found if value]


def dns_words(health: HealthSummary) -> str:
    """What is wrong with the name; empty when nothing is."""
    if health.dns_problem is None:
        return ""
    age = "" if health.resolved_age_s is None else f"; the addresses are {span(health.resolved_age_s)} old"
    return f"{health.dns_problem}{age}"


def _certificate(days_left: int | None) -> str:
    if days_left is None:
        return ""
    if days_left < 0:
        return "has ended"
    return f"ends in {days_left} day{'s' * (days_left > 1)}" if days_left else "ends within a day"
