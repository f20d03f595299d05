"""What has to be done so that provd has what the files say, and nothing else. Without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provd.cli.apply.matching import Present, Record, Wanted
from provd.cli.apply.written import Kind, Place
from provd.schema.provider import Provider, ProviderCreate
from provd.schema.route import Route, RouteCreate
from provd.schema.transfer import FieldChange

_WRITABLE = {Kind.PROVIDER: ProviderCreate.model_fields, Kind.ROUTE: RouteCreate.model_fields}


class Action(StrEnum):
    """What a step does."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Step:
    """One record that is created, changed or deleted.

    ``before`` is what provd has, None for what is created; ``after`` all the writable fields as they are to
    be, empty for what is deleted; ``place`` where that is written.
    """

    action: Action
    kind: Kind
    id: str
    before: Record | None
    after: Mapping[str, Any]
    place: Place | None

    @property
    def name(self) -> str:
        """What the record is called: now, or once it is there."""
        return self.before.name if self.before else str(self.after["name"])

    @property
    def revision(self) -> int | None:
        """The revision that the step is for."""
        return self.before.revision if self.before else None

    @property
    def changes(self) -> list[FieldChange]:
        """The fields that become others; of a new record all."""
        if self.action is Action.DELETE:
            return []
        was = {} if self.before is None else fields_of(self.before)
        return [
            FieldChange(field=name, before=was.get(name), after=value)
            for name, value in self.after.items()
            if self.before is None or was[name] != value
        ]

    @property
    def forgets_a_trunk(self) -> bool:
        """Whether a provider is deleted whose trunk a setup made, and which would stay at the carrier."""
        return (
            self.action is Action.DELETE and isinstance(self.before, Provider) and bool(self.before.metadata)
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in their order, and how many records stay as they are.

    ``emptied`` are the kinds of which provd has records and the files none at all. ``names`` are those of all
    providers by id: as the files have them, else as provd has them.
    """

    steps: Sequence[Step]
    unchanged: int
    emptied: Sequence[Kind]
    names: Mapping[str, str]

    def count(self, action: Action) -> int:
        """How many steps do this."""
        return sum(step.action is action for step in self.steps)


def plan(wanted: Sequence[Wanted], present: Present) -> Plan:
    """Compare, and give the steps in an order in which none is in the way of another.

    Providers are created and changed before the routes that may lead to them, and deleted after the routes
    that led to them.
    """
    steps = [_step(each) for each in wanted]
    changing = [each for each in steps if each.before is None or each.changes]
    providers = [each for each in changing if each.kind is Kind.PROVIDER]
    routes = [each for each in changing if each.kind is Kind.ROUTE]
    ids = {(each.kind, each.id) for each in wanted}
    names = {each.id: each.name for each in present.providers} | {
        each.id: each.fields["name"] for each in wanted if each.kind is Kind.PROVIDER
    }
    return Plan(
        steps=[
            *(*_new(providers), *_old(providers), *_new(routes), *_old(routes)),
            *_deletions(Kind.ROUTE, present.routes, ids),
            *_deletions(Kind.PROVIDER, present.providers, ids),
        ],
        unchanged=len(steps) - len(changing),
        emptied=[
            kind
            for kind, records in ((Kind.PROVIDER, present.providers), (Kind.ROUTE, present.routes))
            if records and not any(each.kind is kind for each in wanted)
        ],
        names=names,
    )


def fields_of(record: Record) -> dict[str, Any]:
    """Give the writable fields of a record, as JSON has them."""
    kind = Kind.ROUTE if isinstance(record, Route) else Kind.PROVIDER
    return record.model_dump(mode="json", include=set(_WRITABLE[kind]))


def _step(wanted: Wanted) -> Step:
    action = Action.CREATE if wanted.before is None else Action.CHANGE
    return Step(action, wanted.kind, wanted.id, wanted.before, wanted.fields, wanted.place)


def _deletions(kind: Kind, records: Iterable[Record], kept: set[tuple[Kind, str]]) -> list[Step]:
    return [
        Step(Action.DELETE, kind, each.id, each, {}, None) for each in records if (kind, each.id) not in kept
    ]


def _new(steps: Iterable[Step]) -> list[Step]:
    return [each for each in steps if each.before is None]


def _old(steps: Iterable[Step]) -> list[Step]:
    return [each for each in steps if each.before is not None]
