"""What the simulated APIs have in common: an account that keeps things, and routing by path."""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

Thing = dict[str, Any]
Handler = Callable[..., httpx.Response]


class FakeApi(Protocol):
    """A simulated API: one request in, one answer out, nothing else happens."""

    title: str

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        ...


@dataclass(slots=True)
class Shelf:
    """Things of one kind, by id, in the order in which they were made."""

    things: dict[str, Thing] = field(default_factory=dict)

    def matching(self, **wanted: Any) -> list[Thing]:
        """Those whose fields are as wanted."""
        return [
            each
            for each in self.things.values()
            if all(str(each.get(name)) == str(value) for name, value in wanted.items())
        ]


class Numbers:
    """Ids, each once."""

    def __init__(self, first: int) -> None:
        self._next = itertools.count(first)

    def __call__(self) -> str:
        """The next one."""
        return str(next(self._next))


class Routes:
    """Handlers by method and path; ``{name}`` in a path is a part of it, handed on by that name."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Have a handler called with the request, and the parts of the path."""
        self._routes.append((method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), handler))

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler of a request."""
        for known, pattern, handler in self._routes:
            found = pattern.fullmatch(path)
            if known == method and found is not None:
                return handler, found.groupdict()
        return None
