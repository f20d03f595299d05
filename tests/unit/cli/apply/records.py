"""Providers, routes and files to compare."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import yaml

from provd.cli.apply.matching import Present, Record, Wanted, match
from provd.cli.apply.plan import Action, Plan, fields_of, plan
from provd.cli.apply.written import Kind, Mistake, Reading, read_text
from provd.schema.health import HealthSummary
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.timestamps import NEVER
from tests.fakes.fake_routes import a_route, an_id

NOTHING = Present([], [])


def a_provider(name: str, hostname: str = "192.0.2.1", **fields: Any) -> Provider:
    whole = {
        "id": an_id(name),
        "tm_create": NEVER,
        "tm_update": NEVER,
        "health": HealthSummary(explanation=""),
    }
    return Provider.model_validate({"name": name, "hostname": hostname, **whole, **fields})


def new_ids() -> Iterator[str]:
    return (str(UUID(int=number)) for number in count(1))


def reading_of(*files: str | dict[str, Any]) -> Reading:
    """What files a.yaml, b.yaml ... have."""
    reading = Reading()
    for letter, file in zip("abcdefgh", files, strict=False):
        text = file if isinstance(file, str) else yaml.safe_dump(file, sort_keys=False)
        read_text(reading, f"{letter}.yaml", text)
    return reading


def exported(present: Present) -> dict[str, Any]:
    """What an export has."""
    lists = (("providers", present.providers), ("routes", present.routes))
    return {name: [{"id": each.id, **fields_of(each)} for each in records] for name, records in lists}


def compared(present: Present, *files: str | dict[str, Any]) -> tuple[Plan, list[str]]:
    """The plan for files, and all mistakes in words."""
    reading = reading_of(*files)
    wanted, mistakes = matched(reading, present)
    return plan(wanted, present), [str(each) for each in (*reading.mistakes, *mistakes)]


def matched(reading: Reading, present: Present) -> tuple[list[Wanted], list[Mistake]]:
    ids = new_ids()
    return match(reading, present, lambda: next(ids))


def carried_out(made: Plan, present: Present) -> Present:
    """What provd has after the steps. That a step is in the way of another is an AssertionError."""
    providers = {each.id: each for each in present.providers}
    routes = {each.id: each for each in present.routes}
    for step in made.steps:
        if step.action is Action.DELETE:
            assert step.kind is Kind.ROUTE or not [e for e in routes.values() if e.provider_id == step.id]
            del (providers if step.kind is Kind.PROVIDER else routes)[step.id]
        elif step.kind is Kind.PROVIDER:
            providers[step.id] = a_provider(**{**_now(step.before), **step.after, "id": step.id})
        else:
            assert step.after["provider_id"] in providers
            routes[step.id] = a_route(**{**_now(step.before), **step.after, "id": step.id})
    return Present([*providers.values()], [*routes.values()])


def _now(record: Record | None) -> dict[str, Any]:
    return {} if record is None else fields_of(record)


def lines_of(present: Present) -> dict[str, dict[str, Any]]:
    records: list[Provider | Route] = [*present.providers, *present.routes]
    return {each.id: fields_of(each) for each in records}
