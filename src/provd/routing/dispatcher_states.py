"""What Kamailio's module dispatcher believes of its destinations, beside what provd has measured.

The states are those of the RPC commands ``dispatcher.list`` and ``dispatcher.set_duid_state``: A active,
I inactive, D disabled, T trying; a P after it, where Kamailio pings the destination itself. A destination is
a provider's by its ``duid``, which an export sets to the provider's id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provd.schema.health import HealthStatus
from provd.schema.provider import Provider

ACTIVE, INACTIVE, DISABLED = "A", "I", "D"
_BY_STATUS = {HealthStatus.HEALTHY: ACTIVE, HealthStatus.UNHEALTHY: INACTIVE}
_PINGED = "P"


@dataclass(frozen=True, slots=True)
class Destination:
    """An entry of a set. ``flags`` are Kamailio's, like ``AP``; ``duid`` is empty where it has none."""

    set_id: int
    uri: str
    flags: str
    duid: str

    @property
    def state(self) -> str:
        """The first of its flags."""
        return self.flags[:1]

    def flags_for(self, state: str) -> str:
        """The flags to set for another state: Kamailio's own pings go on, but for one that is disabled."""
        pinged = self.flags[1:2] == _PINGED and state != DISABLED
        return f"{state}{_PINGED if pinged else 'X'}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A destination and what it should be. ``name`` is the provider's, None when it is nobody's here;
    ``wanted`` is a state, None when there is no verdict to go by; ``why`` says what the verdict rests on."""

    destination: Destination
    name: str | None
    wanted: str | None
    why: str

    @property
    def differs(self) -> bool:
        """Whether Kamailio's belief is another than ours."""
        return self.wanted is not None and self.wanted != self.destination.state


def destinations(result: Any) -> Iterator[Destination]:
    """Read what ``dispatcher.list`` gave. Raises ValueError when it is something else."""
    try:
        for record in result["RECORDS"]:
            group = record["SET"]
            for target in group["TARGETS"]:
                entry = target["DEST"]
                duid = (entry.get("ATTRS") or {}).get("DUID")
                yield Destination(int(group["ID"]), str(entry["URI"]), str(entry["FLAGS"]), str(duid or ""))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("gave a list of destinations that can't be read") from error


def compare(found: Iterable[Destination], providers: Mapping[str, Provider]) -> list[Compared]:
    """Put every destination beside its provider; ``providers`` are by id."""
    return [_compared(each, providers.get(each.duid)) for each in found]


def missing(found: Iterable[Destination], providers: Mapping[str, Provider]) -> list[str]:
    """Give the names of the providers that no destination is for."""
    known = {each.duid for each in found}
    return [provider.name for key, provider in providers.items() if key not in known]


def _compared(destination: Destination, provider: Provider | None) -> Compared:
    if provider is None:
        return Compared(destination, None, None, "not a provider of provd")
    if not provider.enabled:
        return Compared(destination, provider.name, DISABLED, "disabled")
    if provider.maintenance is not None:
        return Compared(destination, provider.name, DISABLED, "in maintenance")
    status = provider.health_status
    return Compared(destination, provider.name, _BY_STATUS.get(status), status.value)
