"""The lines that are kept: one connection for each route, those used last the longest."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from provd.probe.stream.connection import Connection
from provd.probe.stream.route import Route


class Line:
    """The way along one route. ``lock`` is held while its connection is opened."""

    __slots__ = ("connection", "lock", "users")

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.lock = asyncio.Lock()
        self.users = 0

    @property
    def is_usable(self) -> bool:
        """Whether it has a connection on which an exchange may begin."""
        return self.connection is not None and self.connection.is_usable


class Pool:
    """Keeps lines whose route allows it, at most ``max_idle`` of them without an exchange under way."""

    def __init__(self, max_idle: int) -> None:
        self._max_idle = max_idle
        self._lines: dict[Route, Line] = {}
        self._idle: OrderedDict[Route, None] = OrderedDict()

    @contextmanager
    def line(self, route: Route) -> Iterator[Line]:
        """The line along ``route``, for one exchange."""
        line = self._lines.setdefault(route, Line()) if route.reuse else Line()
        line.users += 1
        self._idle.pop(route, None)
        try:
            yield line
        finally:
            line.users -= 1
            if not line.users:
                self._release(route, line)

    def drop(self, route: Route) -> None:
        """Keep the line no more; an exchange under way on it may end."""
        line = self._lines.pop(route, None)
        self._idle.pop(route, None)
        if line is not None and line.connection is not None:
            line.connection.retire()

    def lost(self, route: Route, line: Line) -> None:
        """The connection of a line has ended."""
        if self._lines.get(route) is line and not line.users and not line.is_usable:
            self.drop(route)

    def _release(self, route: Route, line: Line) -> None:
        if self._lines.get(route) is not line:
            if line.connection is not None:
                line.connection.retire()
        elif not line.is_usable:
            self.drop(route)
        else:
            self._idle[route] = None
            if len(self._idle) > self._max_idle:
                self.drop(next(iter(self._idle)))
