"""The routes, laid out to be looked up by number: the longest target that a number begins with, first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

ALL = "all"


@dataclass(frozen=True, slots=True)
class Route:
    """A route, as far as choosing goes. ``target`` is "all", or what numbers begin with, like +4420."""

    id: str
    customer_id: str
    name: str
    provider_id: str
    priority: int
    weight: int
    target: str


class RouteTable:
    """Enabled routes by customer and target."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self._by_target: dict[tuple[str, str], dict[str, Route]] = defaultdict(dict)
        self._longest = 0

    def __len__(self) -> int:
        return len(self._routes)

    def put(self, route: Route) -> None:
        """Add a route, or take it as it is now."""
        self.remove(route.id)
        self._routes[route.id] = route
        self._by_target[_place(route)][route.id] = route
        self._longest = max(self._longest, len(_place(route)[1]))

    def remove(self, route_id: str) -> None:
        """Take a route out, if it is there."""
        route = self._routes.pop(route_id, None)
        if route is None:
            return
        routes = self._by_target[_place(route)]
        del routes[route_id]
        if not routes:
            del self._by_target[_place(route)]

    def all(self, customer: str) -> list[Route]:
        """Every route of a customer."""
        return [route for route in self._routes.values() if route.customer_id == customer]

    def candidates(self, number: str, customers: Sequence[str], random: Random) -> Iterator[Route]:
        """Each provider once, in the order in which they are to be tried.

        The first customer's routes come before the next one's; then the longest target, then the lowest
        priority, then chance by weight.
        """
        seen: set[str] = set()
        for customer in dict.fromkeys(customers):
            for length in range(min(self._longest, len(number)), -1, -1):
                routes = self._by_target.get((customer, number[:length]))
                for route in ordered(routes.values(), random) if routes else ():
                    if route.provider_id not in seen:
                        seen.add(route.provider_id)
                        yield route


def _place(route: Route) -> tuple[str, str]:
    return route.customer_id, "" if route.target == ALL else route.target


def ordered(routes: Iterable[Route], random: Random) -> list[Route]:
    """Routes of one target: the lowest priority first, those alike by chance, each with its weight's share.

    A key of ``u ** (1 / weight)`` for each, the highest first, draws without putting back in proportion to
    the weights (Efraimidis and Spirakis, 2006).
    """
    keyed = [(route.priority, -(random.random() ** (1.0 / route.weight)), route) for route in routes]
    keyed.sort(key=lambda each: each[:2])
    return [route for _, _, route in keyed]
