"""Alerts, their rules, channels and messages as text."""

from collections.abc import Sequence

from provd.cli.output import columns, facts
from provd.schema.alerts import (
    Alert,
    AlertState,
    Channel,
    ChannelTest,
    Delivery,
    DeliveryState,
    Metric,
    Rule,
)
from provd.schema.timestamps import NEVER


def alert_table(alerts: Sequence[Alert]) -> str:
    """Alerts, one a line."""
    rows = [
        (
            each.id[:8],
            each.severity.value,
            each.state.value,
            each.opened_at[:19],
            each.rule,
            _failing(each),
            each.acknowledged_by,
            each.title,
        )
        for each in alerts
    ]
    return columns(("ALERT", "SEVERITY", "STATE", "OPENED", "RULE", "PROVIDERS", "BY", "WHAT"), rows)


def alert_facts(alert: Alert) -> str:
    """One alert in full."""
    told = [
        ("alert", alert.id),
        ("what", alert.title),
        ("severity", alert.severity.value),
        ("state", alert.state.value),
        ("rule", alert.rule),
        ("opened", alert.opened_at),
        *([("acknowledged", f"{alert.acknowledged_at} by {alert.acknowledged_by}")] if _acked(alert) else []),
        *([("resolved", alert.resolved_at)] if alert.state is AlertState.RESOLVED else []),
        *([("not sent", f"{alert.undelivered}: see provctl alerts deliveries")] if alert.undelivered else []),
        ("providers", _failing(alert)),
    ]
    for each in alert.history:
        said = f"{each.what} by {each.by}" if each.by else each.what
        told.append((f"- {each.at[:19]}", f"{said}: {each.note}" if each.note else said))
    lines = [facts(told), ""]
    for provider in alert.providers:
        over = ""
        if provider.cleared_at != NEVER:
            said, why = ("over", f" ({provider.cleared_why})") if provider.cleared_why else ("well", "")
            over = f", {said} since {provider.cleared_at[:19]}{why}"
        about = [(provider.name or "uplink", f"{provider.value}, since {provider.since[:19]}{over}")]
        about.append(("", provider.explanation))
        if provider.next_step and not over:
            about.append(("", provider.next_step))
        lines.append(facts(about))
    left = alert.providers_total - len(alert.providers)
    return "\n".join([*lines, f"and {left} more"] if left else lines)


def rule_table(rules: Sequence[Rule]) -> str:
    """Rules, one a line."""
    rows = [
        (
            each.name,
            each.severity.value if each.enabled else "off",
            condition(each),
            f"{each.for_s:g} s" if each.for_s else "at once",
            ", ".join(each.tags) or "all",
            ", ".join(each.channels) or "all",
            each.origin,
            each.detail,
        )
        for each in rules
    ]
    return columns(("RULE", "SEVERITY", "WHEN", "FOR", "TAGS", "CHANNELS", "FROM", "DETAIL"), rows)


def condition(rule: Rule) -> str:
    """When a rule holds, in a few words."""
    if rule.above is not None:
        return f"{rule.metric.value} above {rule.above:g}"
    if rule.below is not None:
        return f"{rule.metric.value} below {rule.below:g}"
    words = rule.wanted if rule.metric in (Metric.HEALTH, Metric.CAUSE) else ()
    return f"{rule.metric.value} {' or '.join(sorted(words))}".rstrip()


def channel_table(channels: Sequence[Channel]) -> str:
    """Channels, one a line."""
    rows = [
        (
            each.name,
            each.kind,
            each.address,
            f"{each.min_severity.value} and worse" if each.enabled else "off",
            str(each.waiting),
            (each.last_sent_at or "never")[:19],
            each.origin,
            each.error,
        )
        for each in channels
    ]
    return columns(("CHANNEL", "KIND", "ADDRESS", "TAKES", "WAITING", "LAST SENT", "FROM", "ERROR"), rows)


def delivery_table(deliveries: Sequence[Delivery]) -> str:
    """Messages, one a line."""
    rows = [
        (
            str(each.id),
            each.tm_create[:19],
            each.channel,
            each.what,
            each.state.value,
            str(each.attempts),
            _fate(each),
            each.title,
        )
        for each in deliveries
    ]
    return columns(("NUMBER", "TIME", "CHANNEL", "WHAT", "STATE", "TRIES", "OUTCOME", "MESSAGE"), rows)


def outcome_words(tested: ChannelTest) -> str:
    """What became of a test message."""
    if tested.sent:
        return f"{tested.channel}: sent in {tested.took_ms:.0f} ms"
    return f"{tested.channel}: NOT sent: {tested.error}"


def _failing(alert: Alert) -> str:
    if alert.providers_total == 1:
        return "1"
    return f"{alert.providers_failing} of {alert.providers_total}"


def _acked(alert: Alert) -> bool:
    return alert.acknowledged_at != NEVER


def _fate(delivery: Delivery) -> str:
    if delivery.state is DeliveryState.WAITING:
        return f"{delivery.error}; again at {delivery.next_attempt_at[11:19]}" if delivery.error else "queued"
    return delivery.error or delivery.tm_done[:19]
