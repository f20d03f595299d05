"""A provider's health in full, as text for people."""

from collections.abc import Sequence

from provd.cli.figures import ms, percent, to_second
from provd.cli.output import columns, facts
from provd.cli.provider_table import health_facts
from provd.cli.target_table import next_steps, target_table
from provd.schema.history import ProviderHealth, TransitionEntry
from provd.schema.provider import Provider


def health_text(provider: Provider, report: ProviderHealth) -> str:
    """The summary, a line for each target, and the last transitions."""
    now = provider.model_copy(
        update={
            "name": report.name,
            "health_status": report.health_status,
            "health_checked_at": report.health_checked_at,
            "health": report.health,
        }
    )
    shares = report.availability
    availability = (
        f"{percent(shares.day_pct)} in 24 h, {percent(shares.week_pct)} in 7 days, "
        f"{percent(shares.month_pct)} in 30 days"
    )
    parts = [facts([*health_facts(now), ("availability", availability)])]
    if report.targets:
        parts.append("\n".join([target_table(report.targets), *next_steps(report.targets)]))
    if report.transitions:
        parts.append(transition_table(report.transitions))
    return "\n\n".join(parts)


def transition_table(transitions: Sequence[TransitionEntry]) -> str:
    """Each change of status, in the given order."""
    return columns(
        ("CHANGED", "FROM", "TO", "TARGET", "RTT", "WHY"),
        [
            (
                to_second(each.at),
                each.previous.value,
                each.status.value,
                each.address or "-",
                ms(each.rtt_ms),
                each.explanation,
            )
            for each in transitions
        ],
    )
