"""A route in words."""

from textual.content import Content

from provd.schema.route import DEFAULT_CUSTOMER, Route
from provtui import verdict
from provtui.route_lines import RouteLine
from provtui.text import clean, crop

_NAME = 40


def route_summary(line: RouteLine, now: float) -> Content:
    """Write three lines: which numbers it is for, how its provider is, and the detail."""
    route = line.route
    off = ("  disabled: no call takes it. x enables it.", ".ink--suspect")
    head = Content.assemble(
        (crop(clean(route.name), _NAME), ".ink--name"),
        f"  {which_numbers(route)}, priority {route.priority}, weight {route.weight}",
        "" if route.enabled else off,
    )
    return Content("\n").join([head, _provider(line, now), _more(route)])


def which_numbers(route: Route) -> str:
    """Tell which numbers ``route`` is for."""
    return "any number" if route.target == "all" else f"numbers that begin with {route.target}"


def _provider(line: RouteLine, now: float) -> Content:
    if line.provider is None:
        return Content.styled(f"→ {line.provider_name}, which is not known here", ".ink--suspect")
    name = (crop(line.provider_name, _NAME), "")
    return Content.assemble(("→ ", ".ink--key"), name, "  ", verdict.headline(line.provider, now))


def _more(route: Route) -> Content:
    customer = f"for the customer {route.customer_id}" if route.customer_id != DEFAULT_CUSTOMER else ""
    return Content.styled("  ".join(filter(None, (customer, clean(route.detail)))), ".ink--faint")
