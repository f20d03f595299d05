"""The fleet as a table: one line a provider."""

from provd.schema.provider import Provider
from provtui.filters import Filter
from provtui.fleet_listing import FleetListing
from provtui.ordering import Order, SortBy
from provtui.widgets.fleet_columns import COLUMNS, GROWTH
from provtui.widgets.record_table import RecordTable

_RESTLESS = frozenset({SortBy.RTT, SortBy.LOSS, SortBy.AGE})
_REST_S = 15.0  # a big screen of other rows is 30 kB
_SORTS = {each.value: each for each in SortBy}


class FleetTable(RecordTable[Provider]):
    """Lists providers by an order that the user chooses with a key or a click on a heading."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        self.listing = FleetListing()
        super().__init__(self.listing, COLUMNS, GROWTH, id=id)

    @property
    def order(self) -> Order:
        """The order shown."""
        return self.listing.order

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The heading of the order shown."""
        return self.order.by.value, self.order.reverse

    def sort(self, by: SortBy) -> None:
        """Sort by a column; by the same again: the other way."""
        self.listing.order = self.listing.order.then(by)
        self.relist()

    def narrow(self, wanted: Filter[Provider], *, problems_only: bool) -> None:
        """List only what passes ``wanted``, and only problems when asked."""
        self.listing.problems_only = problems_only
        self.narrow_to(wanted)

    def heading_clicked(self, title: str) -> None:
        """Sort by it."""
        if title in _SORTS:
            self.sort(_SORTS[title])

    def may_move(self, since_s: float) -> bool:
        """Whether rows may change their places: when sorted by a restless figure, only now and then."""
        return self.order.by not in _RESTLESS or since_s >= _REST_S or self.lost_some
