"""Which providers are listed, and in which order, kept up as they change."""

from collections.abc import Iterable, Mapping
from typing import Any

from provd.schema.provider import Provider
from provtui.condition import condition_of
from provtui.filters import Filter
from provtui.ordering import Order


class Listing:
    """The ids that pass the filter, in order. ``rebuild`` reads everything, ``update`` only what changed."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.order = Order()
        self.filter = Filter()
        self.problems_only = False
        self._keys: dict[str, tuple[Any, ...]] = {}

    def __contains__(self, provider_id: object) -> bool:
        return provider_id in self._keys

    def rebuild(self, providers: Mapping[str, Provider]) -> None:
        """Filter and sort all of ``providers``."""
        listed = [provider for provider in providers.values() if self._shows(provider)]
        self._keys = {provider.id: self.order.key(provider) for provider in listed}
        self.ids = list(self._keys)
        self._sort()

    def update(self, providers: Mapping[str, Provider], changed: Iterable[str]) -> bool:
        """Take in ``changed``; tell whether the ids or their order are now others."""
        moved = False
        for provider_id in changed:
            provider = providers.get(provider_id)
            key = self.order.key(provider) if provider is not None and self._shows(provider) else None
            held = self._keys.get(provider_id)
            if key == held:
                continue
            moved = True
            if key is None:
                del self._keys[provider_id]
            else:
                self._keys[provider_id] = key
        if moved:
            self.ids = [provider_id for provider_id in self.ids if provider_id in self._keys]
            self.ids += self._keys.keys() - set(self.ids)
            self._sort()
        return moved

    def _shows(self, provider: Provider) -> bool:
        if self.problems_only and not condition_of(provider).is_problem:
            return False
        return self.filter.matches(provider)

    def _sort(self) -> None:
        # nearly sorted already after an update, which is what Timsort is quick at
        self.ids.sort(key=self._keys.__getitem__, reverse=self.order.reverse)
