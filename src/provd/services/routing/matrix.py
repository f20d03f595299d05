"""Who would carry each country: the routes, seen from the other side."""

from collections.abc import Iterable

import phonenumbers

from provd.routing.table import ALL, Route
from provd.schema.route import DEFAULT_CUSTOMER, Carrying, Matrix, MatrixRow
from provd.services.identity import known_id
from provd.services.routing.book import RouteBook

_NOT_A_COUNTRY = "001"


def matrix(book: RouteBook, customer_id: str) -> Matrix:
    """One row for each country calling code that a route is for. A customer's own routes come first."""
    customer = known_id(customer_id, "customer_id") if customer_id else DEFAULT_CUSTOMER
    tables = [book.table.all(each) for each in dict.fromkeys((customer, DEFAULT_CUSTOMER))]
    rows, nobody = [], []
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    for code, regions in sorted(codes.items(), key=lambda each: str(each[0])):
        prefix = f"+{code}"
        carried = [each for routes in tables for each in _carrying(book, routes, prefix)]
        once = list({each.provider_id: each for each in reversed(carried)}.values())[::-1]
        longer = {
            route.target
            for routes in tables
            for route in routes
            if route.target.startswith(prefix) and route.target != prefix
        }
        if not once and not longer:
            nobody.append(prefix)
            continue
        named = [region for region in regions if region != _NOT_A_COUNTRY]
        rows.append(MatrixRow(country_code=prefix, regions=named, carried_by=once, exceptions=sorted(longer)))
    return Matrix(customer_id=customer, result=rows, nobody=nobody)


def _carrying(book: RouteBook, routes: Iterable[Route], prefix: str) -> list[Carrying]:
    fitting = [route for route in routes if route.target == ALL or prefix.startswith(route.target)]
    fitting.sort(key=lambda route: (-_length(route), route.priority, -route.weight, route.name))
    found = []
    for route in fitting:
        standing = book.standing(route.provider_id)
        if standing is not None:
            found.append(
                Carrying(
                    provider_id=route.provider_id,
                    provider=standing.row.name,
                    route=route.name,
                    target=route.target,
                    priority=route.priority,
                    weight=route.weight,
                    health_status=standing.status.value,
                    reason=standing.reason,
                )
            )
    return found


def _length(route: Route) -> int:
    return 0 if route.target == ALL else len(route.target)
