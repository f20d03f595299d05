"""The alerts of the in-memory daemon: what is wrong, the rules, the channels and the messages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from provd.client import ApiError
from provd.schema.alerts import (
    Alert,
    AlertedProvider,
    AlertEvent,
    AlertPage,
    AlertState,
    AlertStep,
    Channel,
    ChannelList,
    ChannelRequest,
    ChannelTest,
    ChannelWithSecret,
    Delivery,
    DeliveryPage,
    DeliveryState,
    Metric,
    Rule,
    RuleList,
    RuleSpec,
    Severity,
)
from provd.schema.errors import ErrorBody, ErrorStatus
from provd.schema.events import EventType
from provd.schema.status import Role
from provd.schema.timestamps import from_timestamp, to_timestamp


def alerted(name: str, since: str, **fields: Any) -> AlertedProvider:
    """Make a provider of an alert: it does not answer, unless ``fields`` say otherwise."""
    whole: dict[str, Any] = {
        "provider_id": "id-" + "-".join(name.lower().split()),
        "name": name,
        "since": since,
        "value": "timeout",
        "explanation": "No answer to OPTIONS within 8 s, 5 checks in a row.",
        "next_step": "Check that the firewall lets UDP 5060 out and its answers in.",
    }
    return AlertedProvider.model_validate(whole | fields)


def an_alert(number: int, at: str, *names: str, **fields: Any) -> Alert:
    """Make the alert ``number`` that opened ``at`` a time about the providers with these ``names``."""
    total = len(names)
    whole: dict[str, Any] = {
        "id": f"{number:08d}-0000-4000-8000-000000000000",
        "rule": "unhealthy",
        "metric": Metric.HEALTH,
        "severity": Severity.CRITICAL,
        "state": AlertState.OPEN,
        "title": f"{names[0]}: unhealthy" if total == 1 else f"{total} providers: unhealthy",
        "providers_total": total,
        "providers_failing": total,
        "providers": [alerted(name, at) for name in names],
        "opened_at": at,
        "history": [AlertStep(at=at, what="opened")],
        "undelivered": 0,
    }
    return Alert.model_validate(whole | fields)


def a_delivery(number: int, alert: Alert, channel: str = "ops", **fields: Any) -> Delivery:
    """Make a message about ``alert`` that was sent, unless ``fields`` say otherwise."""
    whole: dict[str, Any] = {
        "id": number,
        "alert_id": alert.id,
        "channel": channel,
        "what": "opened",
        "title": f"[CRITICAL] {alert.title}",
        "state": DeliveryState.SENT,
        "attempts": 1,
        "tm_create": alert.opened_at,
    }
    return Delivery.model_validate(whole | fields)


def a_rule(name: str, origin: str = "api", **fields: Any) -> Rule:
    """Make a rule."""
    whole: dict[str, Any] = {"name": name, "origin": origin, "metric": Metric.HEALTH, "for_s": 30.0}
    return Rule.model_validate(whole | {"revision": int(origin == "api")} | fields)


def a_channel(name: str, **fields: Any) -> Channel:
    """Make a channel."""
    whole: dict[str, Any] = {
        "name": name,
        "kind": "apprise",
        "address": "mailto://…@example.com",
        "min_severity": Severity.INFO,
        "enabled": True,
        "origin": "api",
        "waiting": 0,
        "revision": 1,
    }
    return Channel.model_validate(whole | fields)


class Reach(Protocol):
    """Notes a call, and refuses it where it has to be."""

    def __call__(self, call: str, needs: Role = Role.VIEWER) -> None:
        """Raises ApiError or DaemonUnavailable."""


class FakeAlerts:
    """What the daemon has; ``outcomes`` are the errors of test messages by channel, ``notes`` what was
    written when alerts were acknowledged, ``secrets`` what channels were given."""

    def __init__(self, now: float, emit: Callable[[EventType, AlertEvent], None]) -> None:
        self.by_id: dict[str, Alert] = {}
        self.deliveries: list[Delivery] = []
        self.rules = {"unhealthy": a_rule("unhealthy", "built-in", severity="critical")}
        self.channels: dict[str, Channel] = {}
        self.outcomes: dict[str, str] = {}
        self.notes: list[str] = []
        self.secrets: dict[str, dict[str, str]] = {}
        self.now = now
        self._emit = emit

    @property
    def open(self) -> int:
        """How many nobody has acknowledged."""
        return sum(each.state is AlertState.OPEN for each in self.by_id.values())

    def tell(self, alert: Alert, kind: EventType = EventType.ALERT_OPENED, by: str = "") -> Alert:
        """Keep an alert as it is now, and tell of it."""
        self.by_id[alert.id] = alert
        fields = ("rule", "severity", "state", "title", "providers_total", "providers_failing")
        told = {name: getattr(alert, name) for name in fields}
        self._emit(kind, AlertEvent(alert_id=alert.id, at=to_timestamp(self.now), by=by, **told))
        return alert

    def resolve(self, alert_id: str) -> Alert:
        """Have an alert be over."""
        at = to_timestamp(self.now)
        held = self.by_id[alert_id]
        update = {"state": AlertState.RESOLVED, "resolved_at": at, "providers_failing": 0}
        steps = [*held.history, AlertStep(at=at, what="resolved")]
        return self.tell(held.model_copy(update={**update, "history": steps}), EventType.ALERT_RESOLVED)

    def acknowledge(self, alert_id: str, note: str, user: str) -> Alert:
        """Have a user take care of it."""
        held = self.found(alert_id)
        if held.state is AlertState.RESOLVED:
            message = "this alert was over: there is nothing left to do about it"
            raise _error(ErrorStatus.FAILED_PRECONDITION, "ALERT_RESOLVED", message)
        self.notes.append(note)
        at = to_timestamp(self.now)
        update = {"state": AlertState.ACKNOWLEDGED, "acknowledged_at": at, "acknowledged_by": user}
        steps = [*held.history, AlertStep(at=at, what="acknowledged", by=user, note=note)]
        taken = held.model_copy(update={**update, "history": steps})
        return self.tell(taken, EventType.ALERT_ACKNOWLEDGED, user)

    def found(self, alert_id: str) -> Alert:
        """Give an alert."""
        if alert_id not in self.by_id:
            raise _error(ErrorStatus.NOT_FOUND, "ALERT_NOT_FOUND", f"there is no alert {alert_id}")
        return self.by_id[alert_id]


class FakeAlertCalls:
    """The calls of one client."""

    def __init__(self, alerts: FakeAlerts, reach: Reach, user: str) -> None:
        self._alerts = alerts
        self._reach = reach
        self._user = user

    async def page(
        self,
        *,
        states: Sequence[AlertState] = (),
        page_size: int = 100,
        page_token: str = "",
        filters: Mapping[str, str] | None = None,
    ) -> AlertPage:
        self._reach("alerts.page")
        found = [each for each in self._alerts.by_id.values() if not states or each.state in states]
        found.sort(key=lambda each: (from_timestamp(each.opened_at), each.id), reverse=True)
        begin = int(page_token or 0)
        following = str(begin + page_size) if begin + page_size < len(found) else ""
        return AlertPage(result=found[begin : begin + page_size], next_page_token=following)

    async def get(self, alert_id: str) -> Alert:
        self._reach("alerts.get")
        return self._alerts.found(alert_id)

    async def acknowledge(self, alert_id: str, note: str = "") -> Alert:
        self._reach("alerts.acknowledge", Role.OPERATOR)
        return self._alerts.acknowledge(alert_id, note, self._user)

    async def deliveries(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> DeliveryPage:
        self._reach("alerts.deliveries")
        wanted = (filters or {}).get("alert_id", "")
        found = [each for each in self._alerts.deliveries if wanted in ("", each.alert_id)]
        return DeliveryPage(result=found[:page_size], next_page_token="")

    async def rules(self) -> RuleList:
        self._reach("alerts.rules")
        return RuleList(result=[rule for _, rule in sorted(self._alerts.rules.items())])

    async def rule(self, name: str) -> Rule:
        self._reach("alerts.rule")
        if name not in self._alerts.rules:
            raise _error(ErrorStatus.NOT_FOUND, "RULE_NOT_FOUND", f"there is no rule {name}")
        return self._alerts.rules[name]

    async def put_rule(self, name: str, spec: RuleSpec, *, revision: int | None = None) -> Rule:
        self._reach("alerts.put_rule", Role.ADMIN)
        held = self._alerts.rules.get(name)
        number = held.revision if held is not None else 0
        _check(number, revision)
        self._alerts.rules[name] = Rule(name=name, origin="api", revision=number + 1, **spec.model_dump())
        return self._alerts.rules[name]

    async def delete_rule(self, name: str, *, revision: int | None = None) -> Rule:
        self._reach("alerts.delete_rule", Role.ADMIN)
        _check(self._alerts.rules[name].revision, revision)
        return self._alerts.rules.pop(name)

    async def channels(self) -> ChannelList:
        self._reach("alerts.channels")
        return ChannelList(result=[channel for _, channel in sorted(self._alerts.channels.items())])

    async def channel(self, name: str) -> Channel:
        self._reach("alerts.channel")
        if name not in self._alerts.channels:
            raise _error(ErrorStatus.NOT_FOUND, "CHANNEL_NOT_FOUND", f"there is no channel {name}")
        return self._alerts.channels[name]

    async def put_channel(
        self, name: str, wanted: ChannelRequest, *, revision: int | None = None
    ) -> ChannelWithSecret:
        self._reach("alerts.put_channel", Role.ADMIN)
        held = self._alerts.channels.get(name)
        number = held.revision if held is not None else 0
        _check(number, revision)
        given = {"url": wanted.url, "secret": wanted.secret}
        kept = {key: each.get_secret_value() for key, each in given.items() if each is not None}
        secrets = self._alerts.secrets.setdefault(name, {})
        secrets |= kept
        made = None
        if wanted.kind == "webhook" and "secret" not in secrets:
            made = secrets["secret"] = "whsec_bm90IGEgc2VjcmV0"
        fields = wanted.model_dump(include={"kind", "min_severity", "enabled"})
        address = held.address if held is not None and "url" not in kept else "https://hooks.example.com/…"
        saved = a_channel(name, address=address, revision=number + 1, **fields)
        self._alerts.channels[name] = saved
        return ChannelWithSecret(**saved.model_dump(), secret=made)

    async def delete_channel(self, name: str, *, revision: int | None = None) -> Channel:
        self._reach("alerts.delete_channel", Role.ADMIN)
        _check(self._alerts.channels[name].revision, revision)
        return self._alerts.channels.pop(name)

    async def test_channel(self, name: str) -> ChannelTest:
        self._reach("alerts.test_channel", Role.OPERATOR)
        error = self._alerts.outcomes.get(name, "")
        return ChannelTest(channel=name, sent=not error, error=error, took_ms=41.0)


def _check(held: int, wanted: int | None) -> None:
    if wanted is not None and wanted != held:
        raise _error(ErrorStatus.PRECONDITION, "REVISION", f"it is at revision {held} now")


def _error(status: ErrorStatus, reason: str, message: str) -> ApiError:
    body = ErrorBody(status=status, reason=reason, message=message, request_id="r-1")
    return ApiError(status.http_code, body)
