"""Which role each call needs, as the endpoints themselves say it."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from provd.api.guard import Requirement
from provd.schema.status import Role

EXTENSION = "x-role"
"""Where the OpenAPI document says it, in each operation."""


def say_roles(router: APIRouter) -> None:
    """Have the OpenAPI document tell the role that each call of ``router`` needs.

    Raises ValueError for an endpoint that asks for none: whoever may connect could call it.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute):
            continue
        roles = list(_required(route.dependant))
        if not roles:
            raise ValueError(f"{route.path} asks for no role")
        route.openapi_extra = {**(route.openapi_extra or {}), EXTENSION: max(roles, key=_rank).value}


def permissions(document: Mapping[str, Any]) -> list[tuple[str, str, Role]]:
    """Give method, path and role of each call of an OpenAPI document, in the order of paths."""
    found = []
    for path, calls in document["paths"].items():
        found += [(method.upper(), path, Role(call[EXTENSION])) for method, call in calls.items()]
    return sorted(found, key=lambda each: (each[1], each[0]))


def _required(dependant: Dependant) -> Iterator[Role]:
    for each in dependant.dependencies:
        if isinstance(each.call, Requirement):
            yield each.call.role
        yield from _required(each)


def _rank(role: Role) -> int:
    return list(Role).index(role)
