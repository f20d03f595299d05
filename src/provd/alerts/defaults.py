"""The rules that are in force unless the configuration says otherwise."""

from collections.abc import Mapping

from provd.schema.alerts import Metric, RuleSpec, Severity

BUILT_IN: Mapping[str, RuleSpec] = {
    "unhealthy": RuleSpec(
        metric=Metric.HEALTH,
        for_s=30.0,
        severity=Severity.CRITICAL,
        detail="A provider has been unhealthy for half a minute, or keeps going up and down.",
    ),
    "uplink": RuleSpec(
        metric=Metric.UPLINK,
        for_s=30.0,
        severity=Severity.CRITICAL,
        detail="Everything fails at once: our own connection, not the carriers: their alerts are held.",
    ),
    "certificate": RuleSpec(
        metric=Metric.TLS_DAYS_LEFT,
        below=14,
        severity=Severity.WARNING,
        detail="A carrier's TLS certificate ends within two weeks.",
    ),
    "drift": RuleSpec(
        metric=Metric.DRIFT,
        severity=Severity.WARNING,
        detail="A trunk is not as it was set up at its carrier.",
    ),
    "impaired": RuleSpec(
        metric=Metric.IMPAIRED,
        for_s=60.0,
        severity=Severity.CRITICAL,
        detail="A provider answers OPTIONS while its calls fail.",
    ),
    "test-call": RuleSpec(
        metric=Metric.TEST_CALL,
        severity=Severity.WARNING,
        detail="A provider's latest scheduled test call did not get through.",
    ),
}
"""By name. A rule of the same name in the configuration or over the API stands in its place."""
