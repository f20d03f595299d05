"""A changed configuration: who heeds what of it while the daemon runs."""

from provd.api.access import UnknownNameError
from provd.composition.parts import Parts
from provd.composition.settings import (
    access_of,
    audit_kept_s_of,
    calls_kept_of,
    probe_defaults_of,
    retention_of,
    test_call_rules_of,
    thresholds_of,
)
from provd.config import Config
from provd.reload import NotTaken
from provd.services.probe_defaults import use_defaults
from provd.store.errors import StoreError


async def take_over(parts: Parts, before: Config, after: Config) -> None:
    """Have the parts heed the keys that take effect at once; NotTaken, having changed nothing, when they
    can't."""
    base, calls, alerting = parts.base, parts.calls, parts.alerting
    try:
        roles = access_of(after.access)
        if after.probe != before.probe:
            await use_defaults(probe_defaults_of(after.probe), parts.checking.watching, base.store)
    except (UnknownNameError, StoreError) as error:
        raise NotTaken([str(error)]) from error
    parts.serving.access.replace(roles)
    parts.redirecting.allowed.replace(after.redirect.allow)
    parts.checking.retention.replace(retention_of(after.history))
    calls.kept.replace(calls_kept_of(after.history))
    calls.recent.thresholds.replace(thresholds_of(after.calls))
    base.events.kept = after.history.events
    base.audit.kept_s = audit_kept_s_of(after.history)
    parts.test_calls.service.rules = test_call_rules_of(after.test_calls)
    alerting.configure(after)
    alerting.rules.configure(after.alerts.rules, built_in=after.alerts.built_in)
