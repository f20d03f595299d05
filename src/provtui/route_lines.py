"""Routes, each with the provider that it leads to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provd.schema.provider import Provider
from provd.schema.route import Route
from provtui.text import clean


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A route and its provider; None when that is not known."""

    route: Route
    provider: Provider | None

    @property
    def provider_name(self) -> str:
        """The provider's name, fit to draw; its id when it is not known."""
        return clean(self.route.provider_id if self.provider is None else self.provider.name)


class RouteLines(Mapping[str, RouteLine]):
    """The lines of ``routes`` by their ids, each joined with its provider only when it is asked for."""

    def __init__(self, routes: Mapping[str, Route], providers: Mapping[str, Provider]) -> None:
        self._routes = routes
        self._providers = providers

    def __getitem__(self, route_id: str) -> RouteLine:
        route = self._routes[route_id]
        return RouteLine(route, self._providers.get(route.provider_id))

    def __iter__(self) -> Iterator[str]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)
