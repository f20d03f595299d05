"""Which sources may ask."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

_REMEMBERED = 4096


class AllowList:
    """IP networks, as ``ip_network`` reads them."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._known: dict[str, bool] = {}
        self.replace(networks)

    def replace(self, networks: Iterable[str]) -> None:
        """Have these networks in the place of those before. Connections that are open stay so."""
        self._networks = [ip_network(text) for text in networks]
        self._known.clear()

    def admits(self, host: str) -> bool:
        """Whether an IP address, perhaps with a zone, is in one of the networks."""
        known = self._known.get(host)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            address = ip_address(host.partition("%")[0])
            known = self._known[host] = any(address in network for network in self._networks)
        return known
