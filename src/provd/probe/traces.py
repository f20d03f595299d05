"""The latest exchanges of some providers, so that a person can see the SIP itself."""

from collections import OrderedDict, deque

from provd.probe.findings import Exchange

KEPT_EACH = 20
KEPT_PROVIDERS = 500


class Traces:
    """Bounded: of the ``KEPT_PROVIDERS`` providers traced last, the ``KEPT_EACH`` latest exchanges."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[Exchange]] = OrderedDict()

    def keep(self, exchange: Exchange) -> None:
        """Remember an exchange."""
        kept = self._of.setdefault(exchange.key, deque(maxlen=KEPT_EACH))
        kept.append(exchange)
        self._of.move_to_end(exchange.key)
        if len(self._of) > KEPT_PROVIDERS:
            self._of.popitem(last=False)

    def of(self, key: str) -> list[Exchange]:
        """A provider's exchanges, newest first."""
        return list(reversed(self._of.get(key, ())))

    def forget(self, key: str) -> None:
        """Drop what is kept of a provider."""
        self._of.pop(key, None)
