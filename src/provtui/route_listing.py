"""Which routes are listed, and in which order: that in which they are tried."""

from typing import Any

from provtui.filters import Filter, Test, read_filter
from provtui.listing import Listing
from provtui.route_lines import RouteLine
from provtui.text import clean

ROUTE_HINT = "words  target=  name=  provider="
"""What can be written into a filter of routes."""


class RouteListing(Listing[RouteLine]):
    """The longest targets first, then the lowest priorities; of those alike, the heaviest."""

    def key(self, record: RouteLine) -> tuple[Any, ...]:
        """Give the place in which it is tried, then its name and id."""
        route = record.route
        everything = route.target == "all"
        return (
            everything,
            -len(route.target),
            route.target,
            route.priority,
            -route.weight,
            clean(route.name).casefold(),
            route.id,
        )


def parse_route_filter(text: str) -> Filter[RouteLine]:
    """Read a filter expression about routes.

    A bare word is looked for in the target, the names of the route and of its provider, and the detail.
    ``target`` takes the beginning of one, ``name`` and ``provider`` a part. Raises FilterError.
    """
    return read_filter(text, _word, {"target": _target, "name": _name, "provider": _provider})


def _word(word: str) -> Test[RouteLine]:
    def test(line: RouteLine) -> bool:
        route = line.route
        texts = (route.target, clean(route.name), line.provider_name, clean(route.detail))
        return any(word in text.casefold() for text in texts)

    return test


def _target(beginnings: list[str]) -> Test[RouteLine]:
    return lambda line: any(line.route.target.startswith(beginning) for beginning in beginnings)


def _name(parts: list[str]) -> Test[RouteLine]:
    return lambda line: any(part in clean(line.route.name).casefold() for part in parts)


def _provider(parts: list[str]) -> Test[RouteLine]:
    return lambda line: any(part in line.provider_name.casefold() for part in parts)
