"""Alerts between the engine, the store and the API."""

from collections.abc import Iterable, Sequence
from typing import Any

from provd.alerts.condition import Found
from provd.alerts.incident import Incident, Member, Step
from provd.alerts.wording import title
from provd.schema.alerts import (
    Alert,
    AlertedProvider,
    AlertState,
    AlertStep,
    Metric,
    Severity,
)
from provd.schema.timestamps import NEVER, from_timestamp, to_timestamp
from provd.store.alerts import StoredAlert
from provd.store.tables import AlertMemberRow


def alert_columns(incident: Incident) -> dict[str, Any]:
    """An alert as the store keeps it."""
    return {
        "id": incident.id,
        "rule": incident.rule,
        "metric": incident.metric.value,
        "severity": incident.severity.value,
        "channels": list(incident.channels),
        "phrase": incident.phrase,
        "title": title(incident),
        "state": incident.state.value,
        "total": len(incident.members),
        "failing": len(incident.failing()),
        "opened_at": to_timestamp(incident.opened_at),
        "acknowledged_at": _moment(incident.acknowledged_at),
        "acknowledged_by": incident.acknowledged_by,
        "resolved_at": _moment(incident.resolved_at),
        "told_at": to_timestamp(incident.told_at),
        "escalated": incident.escalated,
        "steps": [
            {"at": to_timestamp(each.at), "what": each.what, "by": each.by, "note": each.note}
            for each in incident.steps
        ],
    }


def member_columns(incident: Incident, provider_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Some of its members as the store keeps them."""
    members = (incident.members[each] for each in provider_ids)
    return [
        {
            "alert_id": incident.id,
            "provider_id": each.provider_id,
            "name": each.name,
            "since": to_timestamp(each.since),
            "cleared_at": _moment(each.cleared_at),
            "cleared_why": each.cleared_why,
            "value": each.found.value,
            "explanation": each.found.explanation,
            "next_step": each.found.next_step,
        }
        for each in members
    ]


def incident_of(stored: StoredAlert) -> Incident:
    """An alert as the engine goes on with it."""
    row = stored.alert
    return Incident(
        id=row.id,
        rule=row.rule,
        metric=Metric(row.metric),
        severity=Severity(row.severity),
        channels=tuple(row.channels),
        phrase=row.phrase,
        opened_at=from_timestamp(row.opened_at),
        members={each.provider_id: _member(each) for each in stored.members},
        state=AlertState(row.state),
        acknowledged_at=_time(row.acknowledged_at),
        acknowledged_by=row.acknowledged_by,
        resolved_at=_time(row.resolved_at),
        told_at=from_timestamp(row.told_at),
        escalated=row.escalated,
        steps=[
            Step(from_timestamp(each["at"]), each["what"], each["by"], each["note"]) for each in row.steps
        ],
    )


def shown(stored: StoredAlert, undelivered: int) -> Alert:
    """An alert as the API shows it."""
    row = stored.alert
    return Alert(
        id=row.id,
        rule=row.rule,
        metric=Metric(row.metric),
        severity=Severity(row.severity),
        state=AlertState(row.state),
        title=row.title,
        providers_total=row.total,
        providers_failing=row.failing,
        providers=_providers(stored.members),
        opened_at=row.opened_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        resolved_at=row.resolved_at,
        history=[AlertStep.model_validate(each) for each in row.steps],
        undelivered=undelivered,
    )


def _providers(rows: Sequence[AlertMemberRow]) -> list[AlertedProvider]:
    return [
        AlertedProvider(
            provider_id=row.provider_id,
            name=row.name,
            since=row.since,
            cleared_at=row.cleared_at,
            cleared_why=row.cleared_why,
            value=row.value,
            explanation=row.explanation,
            next_step=row.next_step,
        )
        for row in rows
    ]


def _member(row: AlertMemberRow) -> Member:
    return Member(
        provider_id=row.provider_id,
        name=row.name,
        since=from_timestamp(row.since),
        found=Found(row.value, row.explanation, row.next_step),
        cleared_at=_time(row.cleared_at),
        cleared_why=row.cleared_why,
    )


def _moment(at: float | None) -> str:
    return NEVER if at is None else to_timestamp(at)


def _time(text: str) -> float | None:
    return None if text == NEVER else from_timestamp(text)
