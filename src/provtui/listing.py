"""Which records are listed, and in which order, kept up as they change."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from provtui.filters import Filter

R = TypeVar("R")


class Listing(ABC, Generic[R]):
    """The ids that pass the filter, in order. ``rebuild`` reads everything, ``update`` only what changed."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.filter: Filter[R] = Filter()
        self._keys: dict[str, tuple[Any, ...]] = {}

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._keys

    @abstractmethod
    def key(self, record: R) -> tuple[Any, ...]:
        """Give what ``record`` is sorted by."""

    @property
    def reverse(self) -> bool:
        """Whether the greatest key comes first."""
        return False

    def shows(self, record: R) -> bool:
        """Tell whether ``record`` is listed."""
        return self.filter.matches(record)

    def rebuild(self, records: Mapping[str, R]) -> None:
        """Filter and sort all of ``records``."""
        self._keys = {
            record_id: self.key(record) for record_id, record in records.items() if self.shows(record)
        }
        self.ids = list(self._keys)
        self._sort()

    def update(self, records: Mapping[str, R], changed: Iterable[str]) -> bool:
        """Take in ``changed``; tell whether the ids or their order are now others."""
        moved = False
        for record_id in changed:
            record = records.get(record_id)
            key = self.key(record) if record is not None and self.shows(record) else None
            held = self._keys.get(record_id)
            if key == held:
                continue
            moved = True
            if key is None:
                del self._keys[record_id]
            else:
                self._keys[record_id] = key
        if moved:
            self.ids = [record_id for record_id in self.ids if record_id in self._keys]
            self.ids += self._keys.keys() - set(self.ids)
            self._sort()
        return moved

    def _sort(self) -> None:
        # nearly sorted already after an update, which is what Timsort is quick at
        self.ids.sort(key=self._keys.__getitem__, reverse=self.reverse)
