"""Alerts in words, for lists and dialogs."""

from dataclasses import dataclass

from provd.schema.alerts import Alert, AlertState, Metric, RuleSpec, Severity
from provtui.text import clean

_SEVERITIES = {
    Severity.CRITICAL: ("✗ critical", "ink--unhealthy"),
    Severity.WARNING: ("! warning", "ink--suspect"),
    Severity.INFO: ("· info", ""),
}
_STATES = {AlertState.OPEN: "open", AlertState.ACKNOWLEDGED: "acked", AlertState.RESOLVED: "resolved"}


@dataclass(frozen=True, slots=True)
class NamedAlert:
    """An alert as a record that is called by its title."""

    alert: Alert

    @property
    def id(self) -> str:
        """Its id."""
        return self.alert.id

    @property
    def name(self) -> str:
        """Its title."""
        return self.alert.title


def severity_run(severity: Severity) -> tuple[str, str]:
    """Give the glyph and word of a severity, and its ink."""
    return _SEVERITIES[severity]


def state_word(state: AlertState) -> str:
    """Give the state in at most eight cells."""
    return _STATES[state]


def is_over(alert: Alert) -> bool:
    """Tell whether it is resolved."""
    return alert.state is AlertState.RESOLVED


def providers_text(alert: Alert) -> str:
    """Write how many of its providers are still so: ``480 of 500``; of a single one ``1``."""
    if alert.providers_total == 1:
        return "1"
    return f"{alert.providers_failing} of {alert.providers_total}"


def condition_text(rule: RuleSpec) -> str:
    """Write when a rule holds: ``rtt_p95_ms above 250``."""
    metric = rule.metric.value
    if rule.above is not None:
        return f"{metric} above {rule.above:g}"
    if rule.below is not None:
        return f"{metric} below {rule.below:g}"
    words = sorted(rule.wanted) if rule.metric in (Metric.HEALTH, Metric.CAUSE) else []
    return clean(f"{metric} {' or '.join(words)}".rstrip())
