"""Which role each call needs, as the endpoint itself says it, and that it is asked first."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from provd.api.guard import Requirement
from provd.schema.status import Role

EXTENSION = "x-role"
"""Where the OpenAPI document says it, in each operation."""


class GuardedRoute(APIRoute):
    """A call whose role is asked before its body, its query or its path is looked at.

    The OpenAPI document tells the role. Raises ValueError for an endpoint that asks for none: whoever may
    connect could call it.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.openapi_extra = {**(self.openapi_extra or {}), EXTENSION: self._requirement().role.value}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what serves a request (FastAPI)."""
        requirement, serve = self._requirement(), super().get_route_handler()

        async def guarded(request: Request) -> Response:
            await requirement(request)
            return await serve(request)

        return guarded

    def _requirement(self) -> Requirement:
        """The greatest that the endpoint has."""
        found = list(_requirements(self.dependant))
        if not found:
            raise ValueError(f"{self.path} asks for no role")
        return max(found, key=_rank)


class GuardedRouter(APIRouter):
    """A router whose calls are each a GuardedRoute."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(route_class=GuardedRoute, **settings)


def permissions(document: Mapping[str, Any]) -> list[tuple[str, str, Role]]:
    """Give method, path and role of each call of an OpenAPI document, in the order of paths."""
    found = []
    for path, calls in document["paths"].items():
        found += [(method.upper(), path, Role(call[EXTENSION])) for method, call in calls.items()]
    return sorted(found, key=lambda each: (each[1], each[0]))


def _requirements(dependant: Dependant) -> Iterator[Requirement]:
    for each in dependant.dependencies:
        if isinstance(each.call, Requirement):
            yield each.call
        yield from _requirements(each)


def _rank(requirement: Requirement) -> int:
    return list(Role).index(requirement.role)
