"""The tables.

Times are API timestamps (text, UTC), in the history's tables seconds since 1970. JSON columns are replaced
whole, not in place.
"""

from provd.store.tables.alerts import AlertChannelRow, AlertMemberRow, AlertRow, AlertRuleRow, DeliveryRow
from provd.store.tables.audit import AuditAnchorRow, AuditRow
from provd.store.tables.calls import CallDayRow, CallHourRow, CallRow
from provd.store.tables.events import EventRow
from provd.store.tables.history import CheckpointRow, HourRollupRow, MinuteRollupsRow, SampleLogRow, TargetRow
from provd.store.tables.idempotency import IdempotencyRow
from provd.store.tables.providers import HealthRow, ProviderRow
from provd.store.tables.revisions import RevisionRow
from provd.store.tables.routes import RouteRow
from provd.store.tables.setups import CredentialRow, SetupRow, SetupStepRow
from provd.store.tables.test_calls import CallTestRow, SipLoginRow
from provd.store.tables.transitions import TransitionRow

__all__ = [
    "AlertChannelRow",
    "AlertMemberRow",
    "AlertRow",
    "AlertRuleRow",
    "AuditAnchorRow",
    "AuditRow",
    "CallDayRow",
    "CallHourRow",
    "CallRow",
    "CallTestRow",
    "CheckpointRow",
    "CredentialRow",
    "DeliveryRow",
    "EventRow",
    "HealthRow",
    "HourRollupRow",
    "IdempotencyRow",
    "MinuteRollupsRow",
    "ProviderRow",
    "RevisionRow",
    "RouteRow",
    "SampleLogRow",
    "SetupRow",
    "SetupStepRow",
    "SipLoginRow",
    "TargetRow",
    "TransitionRow",
]
