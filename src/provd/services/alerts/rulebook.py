"""The rules in force: built in, of the configuration, and made over the API; a name is there once."""

import time
from collections.abc import Callable, Mapping
from typing import Literal

from provd.alerts.defaults import BUILT_IN
from provd.schema.alerts import Rule, RuleList, RuleSpec
from provd.schema.timestamps import NEVER, to_timestamp
from provd.services.actor import Actor
from provd.services.auditing import Subject, audit
from provd.services.errors import ServiceError, conflict, not_found
from provd.services.precondition import Precondition
from provd.store import alerts as stored
from provd.store.engine import Store
from provd.store.tables import AlertRuleRow

MAX_RULES = 200
_KIND = "alert rule"
_NAMED = 10


class RuleBook:
    """The use cases of rules. ``on_change`` is called when others are in force."""

    def __init__(self, store: Store, configured: Mapping[str, RuleSpec], *, built_in: bool) -> None:
        self._store = store
        self._configured = dict(configured)
        self._built_in = built_in
        self._made: dict[str, Rule] = {}
        self.on_change: Callable[[], None] = lambda: None

    def load(self) -> None:
        """Read those that were made over the API."""
        self._made = {row.name: _rule(row) for row in self._store.read_now(stored.rules)}

    def configure(self, configured: Mapping[str, RuleSpec], *, built_in: bool) -> None:
        """Take over a changed configuration."""
        self._configured, self._built_in = dict(configured), built_in
        self.on_change()

    def rules(self) -> dict[str, Rule]:
        """Every rule, enabled or not, by name."""
        found: dict[str, Rule] = {}
        if self._built_in:
            found |= {name: _given(name, spec, "built-in") for name, spec in BUILT_IN.items()}
        found |= self._made
        found |= {name: _given(name, spec, "config") for name, spec in self._configured.items()}
        return dict(sorted(found.items()))

    def let_go(self, channel: str) -> None:
        """Have no rule, on or off, name a channel that is being deleted: ServiceError 409 if one does."""
        naming = [each for each in self.rules().values() if channel in each.channels]
        if not naming:
            return
        names = ", ".join(map(_where, naming[:_NAMED])) + (", ..." if len(naming) > _NAMED else "")
        said, them = ("rules name", "them") if len(naming) > 1 else ("rule names", "it")
        raise conflict(
            "CHANNEL_IN_USE",
            f"{len(naming)} {said} this channel ({names}): have {them} name another, or delete {them}",
        )

    def list(self) -> RuleList:
        """Every rule, by name."""
        return RuleList(result=list(self.rules().values()))

    def get(self, name: str) -> Rule:
        """One rule."""
        found = self.rules().get(name)
        if found is None:
            raise _no_such_rule(name)
        return found

    async def put(self, name: str, spec: RuleSpec, actor: Actor, precondition: Precondition) -> Rule:
        """Make a rule, or replace one. ServiceError 409 for one of the configuration."""
        self._check_ours(name)
        now = to_timestamp(time.time())
        fields = spec.model_dump(mode="json")
        async with self._store.write() as transaction:
            row = await transaction.run(stored.rule, name)
            if row is None:
                precondition.check(_KIND, 0, NEVER)
            else:
                precondition.check(_KIND, row.revision, row.tm_update)
            before = None if row is None else row.spec
            if row is None:
                if len(self._made) >= MAX_RULES:
                    raise conflict(
                        "TOO_MANY_RULES", f"there are {MAX_RULES} rules already: delete one that nobody needs"
                    )
                row = AlertRuleRow(name=name, spec=fields, tm_create=now, tm_update=now)
                transaction.session.add(row)
            elif row.spec != fields:
                row.spec, row.tm_update = fields, now
                row.revision += 1
            if before != fields:
                subject = Subject(_KIND, name, name, row.revision)
                audit(transaction, actor, "alert_rule.put", subject, before=before, after=fields)
            made = _rule(row)
            transaction.after_commit(lambda: self._use(name, made))
        return made

    async def delete(self, name: str, actor: Actor, precondition: Precondition) -> Rule:
        """Delete a rule that was made over the API; what was built in comes back in its place."""
        self._check_ours(name)
        async with self._store.write() as transaction:
            row = await transaction.run(stored.rule, name)
            if row is None:
                raise _built_in(name) if name in self.rules() else _no_such_rule(name)
            precondition.check(_KIND, row.revision, row.tm_update)
            gone = _rule(row)
            audit(transaction, actor, "alert_rule.delete", Subject(_KIND, name, name), before=row.spec)
            await transaction.session.delete(row)
            transaction.after_commit(lambda: self._use(name, None))
        return gone

    def _use(self, name: str, rule: Rule | None) -> None:
        if rule is None:
            self._made.pop(name, None)
        else:
            self._made[name] = rule
        self.on_change()

    def _check_ours(self, name: str) -> None:
        if name in self._configured:
            raise conflict(
                "RULE_IS_CONFIGURED",
                f"the rule {name} is [alerts.rules.{name}] in provd's config: change it there, and reload",
            )


def _where(rule: Rule) -> str:
    return f"{rule.name} in provd's config" if rule.origin == "config" else rule.name


def _rule(row: AlertRuleRow) -> Rule:
    return Rule(
        name=row.name,
        origin="api",
        revision=row.revision,
        tm_create=row.tm_create,
        tm_update=row.tm_update,
        **row.spec,
    )


def _given(name: str, spec: RuleSpec, origin: Literal["built-in", "config"]) -> Rule:
    return Rule(name=name, origin=origin, **spec.model_dump())


def _no_such_rule(name: str) -> ServiceError:
    return not_found("RULE_NOT_FOUND", f"there is no rule {name}: GET /v1.0/alerts/rules lists them")


def _built_in(name: str) -> ServiceError:
    return conflict(
        "RULE_IS_BUILT_IN",
        f"the rule {name} is built in: PUT one of the same name with enabled = false in its place",
    )
