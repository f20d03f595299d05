"""Routes as a table: one line a route."""

from provtui.route_lines import RouteLine
from provtui.route_listing import RouteListing
from provtui.widgets.record_table import RecordTable
from provtui.widgets.route_columns import COLUMNS, COLUMNS_OF_ONE, GROWTH, GROWTH_OF_ONE


class RouteTable(RecordTable[RouteLine]):
    """Lists routes in the order in which they are tried; ``of_one``: all lead to the same provider."""

    def __init__(self, *, of_one: bool = False, id: str | None = None) -> None:  # noqa: A002
        columns, growth = (COLUMNS_OF_ONE, GROWTH_OF_ONE) if of_one else (COLUMNS, GROWTH)
        super().__init__(RouteListing(), columns, growth, id=id)
