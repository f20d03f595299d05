"""Alerts: looked for while the daemon runs, kept, told, listed and acknowledged.

Providers that something happened to are looked at within a second; all of them one after the other, twice a
minute if that takes no more than a hundredth of the time, for what changes without an event.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from provd.alerts.condition import Found
from provd.alerts.engine import AlertEngine, Change, Now, Timing
from provd.alerts.incident import Incident
from provd.alerts.wording import message, title
from provd.probe.explain import UPLINK_SUSPECT
from provd.probe.uplink import UplinkGuard
from provd.schema.alerts import Alert, AlertEvent, AlertPage, AlertState, DeliveryState, Metric
from provd.schema.events import EventType
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.alerts.channels import ChannelBook
from provd.services.alerts.deliverer import Deliverer
from provd.services.alerts.readings import Readings
from provd.services.alerts.records import alert_columns, incident_of, member_columns, shown
from provd.services.alerts.rulebook import RuleBook
from provd.services.auditing import Subject, audit
from provd.services.errors import ServiceError, conflict, not_found
from provd.services.identity import known_id
from provd.store import alerts as stored
from provd.store import deliveries
from provd.store.alerts import AlertFilter
from provd.store.engine import Store, StoredEvent, Transaction
from provd.store.errors import StoreError

log = logging.getLogger(__name__)

TICK_S = 1.0
FORGET_EVERY_S = 3600.0
ROUND_EVERY_S = 30.0
_LOOK_FOR_S = 0.01  # of each tick, at the most
_AT_ONCE = 20  # takes a millisecond or two, then checks go on
_FIRST_MEMBERS = 20
_ALL_MEMBERS = 1000
_FORGOTTEN_AT_ONCE = 100
_EVENTS = {
    "opened": EventType.ALERT_OPENED,
    "acknowledged": EventType.ALERT_ACKNOWLEDGED,
    "reminded": EventType.ALERT_CHANGED,
    "escalated": EventType.ALERT_ESCALATED,
    "resolved": EventType.ALERT_RESOLVED,
    None: EventType.ALERT_CHANGED,
}
_TOLD = ("opened", "reminded", "escalated", "resolved")
_OWN = ("alert.", "audit")
_UPLINK = Found("everything fails at once", UPLINK_SUSPECT.explanation, UPLINK_SUSPECT.next_step)


class AlertKeeper:
    """The use cases of alerts. ``escalate_to`` are channels that hear of nothing but escalations, and of
    their end; without any that is on, an escalation is told on all. ``kept_s`` is how long resolved ones are
    kept, by the time that is ``believed``."""

    def __init__(
        self,
        store: Store,
        uplink: UplinkGuard,
        readings: Readings,
        rules: RuleBook,
        channels: ChannelBook,
        deliverer: Deliverer,
        timing: Timing,
        believed: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._believed = believed
        self._uplink = uplink
        self._readings = readings
        self._rules = rules
        self._channels = channels
        self._deliverer = deliverer
        self._engine = AlertEngine(timing)
        self._touched: set[str] = set()
        self._unsaved: list[Change] = []
        self._unaudited: list[tuple[Actor, Alert, str]] = []  # acknowledgements; whoever saves writes them
        self._woken = asyncio.Event()
        self._saving = asyncio.Lock()
        self._round: Iterator[list[str]] | None = None
        self._round_at = 0.0
        self._forgotten_at = -FORGET_EVERY_S
        self._store_fails = False
        self.escalate_to: Sequence[str] = ()
        self.kept_s = 0.0
        rules.on_change = self._rules_changed

    def configure(self, timing: Timing, escalate_to: Sequence[str], kept_s: float) -> None:
        """Take over the configuration."""
        self._engine.timing = timing
        self.escalate_to, self.kept_s = tuple(escalate_to), kept_s

    def load(self) -> None:
        """Go on with what is not resolved."""
        self._engine.load(incident_of(each) for each in self._store.read_now(stored.unresolved))
        # what failed before the restart does not fall silent again, so the guard would find nothing amiss
        self._uplink.suspect |= any(each.metric is Metric.UPLINK for each in self._engine.open.values())
        self._rules_changed()

    @property
    def counts(self) -> tuple[int, int]:
        """How many alerts are open, and how many are acknowledged."""
        states = [each.state for each in self._engine.open.values()]
        return states.count(AlertState.OPEN), states.count(AlertState.ACKNOWLEDGED)

    def notice(self, events: Iterable[StoredEvent]) -> None:
        """Look again at the providers that events are about."""
        for event in events:
            if event.provider_id is not None and not event.type.startswith(_OWN):
                self._touched.add(event.provider_id)
            elif event.type == EventType.PROVIDERS_IMPORTED:
                self._begin_round()

    async def run(self) -> None:
        """Look for alerts until cancelled."""
        while True:
            now = _now()
            try:
                await self._look(now)
                self._engine.tick(now)
                await self._save()
                if now.steady - self._forgotten_at >= FORGET_EVERY_S:
                    self._forgotten_at = now.steady
                    await self._forget()
            except StoreError as error:
                if not self._store_fails:
                    log.error("alerts can't be kept: %s", error)
                self._store_fails = True
            else:
                self._store_fails = False
            self._woken.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._woken.wait()

    async def page(self, wanted: AlertFilter, page_size: int, page_token: str) -> AlertPage:
        """One page, newest first; of each alert the first providers."""
        cursor = pages.provider_cursor(page_token)
        found = await self._store.read(stored.page, wanted, cursor, page_size + 1, _FIRST_MEMBERS)
        rows = found[:page_size]
        last = rows[-1].alert if len(found) > page_size else None
        undelivered = await self._store.read(stored.undelivered, [each.alert.id for each in rows])
        return AlertPage(
            result=[shown(each, undelivered.get(each.alert.id, 0)) for each in rows],
            next_page_token="" if last is None else pages.encode(last.opened_at, last.id),
        )

    async def get(self, alert_id: str) -> Alert:
        """One alert."""
        alert_id = known_id(alert_id)
        found = await self._store.read(stored.get, alert_id, _ALL_MEMBERS)
        if found is None:
            raise _no_such_alert(alert_id)
        undelivered = await self._store.read(stored.undelivered, [alert_id])
        return shown(found, undelivered.get(alert_id, 0))

    async def acknowledge(self, alert_id: str, note: str, actor: Actor) -> Alert:
        """Somebody takes care of it: nobody is reminded, and it does not escalate. Again: nothing changes."""
        alert = await self.get(alert_id)
        if alert.state is AlertState.RESOLVED:
            raise conflict(
                "ALERT_RESOLVED",
                f"this alert was over at {alert.resolved_at[:19]} UTC: there is nothing left to do about it",
            )
        if alert.state is AlertState.OPEN:
            if self._engine.acknowledge(alert.id, actor.user, note, _now()):
                self._unaudited.append((actor, alert, note))
            await self._save()
        return await self.get(alert.id)

    def _rules_changed(self) -> None:
        self._engine.use(self._rules.rules(), _now())
        self._begin_round()
        self._woken.set()

    def _begin_round(self) -> None:
        """Go through all providers from the first on, at once."""
        self._round, self._round_at = None, 0.0

    async def _look(self, now: Now) -> None:
        """Read the providers that something happened to or is decided about, and the next of all."""
        touched, self._touched = self._touched, set()
        try:
            await self._read(touched | self._engine.due(now), now)
        except StoreError:
            self._touched |= touched
            raise
        self._engine.uplink(_UPLINK if self._uplink.suspect else None, now)
        if self._round is None and now.steady >= self._round_at:
            self._round_at = now.steady + ROUND_EVERY_S
            self._round = self._readings.round(self._engine.rules.values(), self._engine.known(), _AT_ONCE)
        await self._go_on_with_round(now)

    async def _go_on_with_round(self, now: Now) -> None:
        """Read the next providers, for as long as may be."""
        until = time.perf_counter() + _LOOK_FOR_S
        while time.perf_counter() < until:
            ids = None if self._round is None else next(self._round, None)
            if ids is None:
                self._round = None
                return
            await self._read(set(ids), now)

    async def _read(self, ids: set[str], now: Now) -> None:
        waiting = list(ids)
        for start in range(0, len(waiting), _AT_ONCE):
            some = waiting[start : start + _AT_ONCE]
            found = self._readings.some(some)
            for reading in found:
                self._engine.see(reading, now)
            for provider_id in set(some) - {each.provider_id for each in found}:
                self._engine.forget(provider_id, "it was deleted", now)
            await asyncio.sleep(0)

    async def _save(self) -> None:
        """Write what changed, with the messages about it, and who acknowledged."""
        async with self._saving:
            self._unsaved += self._engine.take()
            changes, acknowledged = self._unsaved, list(self._unaudited)
            if not changes:
                return
            parts = {each.incident.id: (each.incident, set(each.incident.changed)) for each in changes}
            wall = time.time()
            async with self._store.write() as transaction:
                for incident, members in parts.values():
                    rows = member_columns(incident, members)
                    await transaction.run(stored.save, alert_columns(incident), rows)
                await transaction.run(deliveries.add, self._messages(changes, wall))
                _announce(transaction, changes, wall)
                for actor, alert, note in acknowledged:
                    subject = Subject("alert", alert.id, alert.title)
                    audit(transaction, actor, "alert.acknowledge", subject, after={"note": note})
            for incident, members in parts.values():
                incident.changed -= members
            self._unsaved = self._unsaved[len(changes) :]
            self._unaudited = self._unaudited[len(acknowledged) :]
            self._deliverer.poke()

    def _messages(self, changes: Sequence[Change], wall: float) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for incident, what in changes:
            if what not in _TOLD:
                continue
            text = message(incident, what, wall)
            data = json.dumps(_data(incident), ensure_ascii=False)
            rows += [
                {
                    "alert_id": incident.id,
                    "channel": channel,
                    "what": what,
                    "severity": incident.severity.value,
                    "title": text.title,
                    "body": text.body,
                    "data": data,
                    "state": DeliveryState.WAITING.value,
                    "attempts": 0,
                    "error": "",
                    "next_at": to_timestamp(wall),
                    "tm_create": to_timestamp(wall),
                    "tm_done": NEVER,
                }
                for channel in self._told_on(incident, what)
            ]
        return rows

    def _told_on(self, incident: Incident, what: str) -> list[str]:
        wanting = self._channels.wanting(incident.severity, incident.channels)
        higher = [each for each in self.escalate_to if self._channels.is_on(each)]
        if not higher:
            return wanting
        if what == "escalated":
            return higher
        usual = [each for each in wanting if each not in higher]
        return [*usual, *higher] if what == "resolved" and incident.escalated else usual

    async def _forget(self) -> None:
        before = to_timestamp(self._believed() - self.kept_s)
        while True:
            async with self._store.write() as transaction:
                if await transaction.run(stored.forget, before, _FORGOTTEN_AT_ONCE) < _FORGOTTEN_AT_ONCE:
                    return


def _announce(transaction: Transaction, changes: Sequence[Change], wall: float) -> None:
    at = to_timestamp(wall)
    for incident, what in changes:
        members = list(incident.members)
        event = AlertEvent(
            alert_id=incident.id,
            rule=incident.rule,
            severity=incident.severity,
            state=incident.state,
            at=at,
            by=incident.acknowledged_by if what == "acknowledged" else "",
            title=title(incident),
            providers_total=len(members),
            providers_failing=len(incident.failing()),
        )
        about = members[0] if len(members) == 1 and members[0] else None
        transaction.record(_EVENTS[what], at, about, event.model_dump_json())


def _data(incident: Incident) -> dict[str, Any]:
    """What a program wants to know: the alert, and its first providers."""
    columns = alert_columns(incident)
    names = (
        "id",
        "rule",
        "metric",
        "severity",
        "state",
        "title",
        "opened_at",
        "resolved_at",
        "acknowledged_by",
    )
    members = list(incident.members)
    return {
        **{name: columns[name] for name in names},
        "providers_total": columns["total"],
        "providers_failing": columns["failing"],
        "providers": [
            {name: value for name, value in row.items() if name != "alert_id"}
            for row in member_columns(incident, members[:_FIRST_MEMBERS])
        ],
    }


def _now() -> Now:
    return Now(time.time(), time.monotonic())


def _no_such_alert(alert_id: str) -> ServiceError:
    return not_found(
        "ALERT_NOT_FOUND", f"there is no alert {alert_id}: it was forgotten, or the id is mistyped"
    )
