"""Which providers the fleet table lists, and in which order."""

from typing import Any

from provd.schema.provider import Provider
from provtui.condition import condition_of
from provtui.listing import Listing
from provtui.ordering import Order


class FleetListing(Listing[Provider]):
    """Providers by an order that the user chooses; only problems when asked."""

    def __init__(self) -> None:
        super().__init__()
        self.order = Order()
        self.problems_only = False

    def key(self, record: Provider) -> tuple[Any, ...]:
        """Give what the order sorts by."""
        return self.order.key(record)

    @property
    def reverse(self) -> bool:
        """Whether the order is the other way round."""
        return self.order.reverse

    def shows(self, record: Provider) -> bool:
        """Tell whether it passes the filter and, if only problems are wanted, is one."""
        if self.problems_only and not condition_of(record).is_problem:
            return False
        return self.filter.matches(record)
