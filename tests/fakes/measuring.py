"""A fleet and a clock for the history: what a test says was measured is what was measured."""

from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

from provd.probe.samples import pack
from provd.probe.timeline import take
from provd.schema.health import HealthSummary
from provd.schema.provider import Provider
from provd.services.errors import no_such_provider
from provd.services.history.keeper import HistoryKeeper
from provd.services.history.retention import Retention
from provd.store import providers as stored_providers
from provd.store.engine import Store
from provd.store.providers import Stored
from tests.fakes.new_store import make_store

HOUR = 494_000
"""An hour of 2026, counted from 1970."""

START = HOUR * 3600.0


class Measured:
    """A target as the history sees it."""

    def __init__(self, provider_id: str = "a", address: str = "udp:192.0.2.1:5060") -> None:
        self.name = (provider_id, address)
        self.samples: array[int] | None = None
        self.minutes: bytearray | None = None
        self.number: int | None = None


class Fleet:
    """A keeper on a real store, with ``now`` as its clock; ``measured`` is every sample ever, by target."""

    def __init__(
        self,
        path: Path,
        retention: Retention | None = None,
        now: float = START,
        believed: Callable[[], float] | None = None,
    ) -> None:
        make_store(path)
        self.now = now
        self.store = Store(path)
        self.retention = retention or Retention()
        self.keeper = HistoryKeeper[Measured](
            self._take_samples,
            lambda target: target.name,
            self.store,
            self.retention,
            lambda: self.now,
            believed,
        )
        self.writer = self.keeper._writer
        self.pruner = self.keeper._pruner
        self.keeper.load()
        self.measured: dict[tuple[str, str], list[int]] = {}
        self._taken: list[Measured] = []
        self._samples = array("Q")

    def watch(self, provider_id: str = "a", address: str = "udp:192.0.2.1:5060") -> Measured:
        target = Measured(provider_id, address)
        self.keeper.attach(target)
        return target

    def measure(self, target: Measured, rtt_ms: float | None = 20.0, *, up: bool | None = None) -> None:
        ok = rtt_ms is not None
        packed = pack(self.now, rtt_ms, ok, ok if up is None else up)
        if take(target, packed):
            self._taken.append(target)
            self._samples.append(packed)
        self.measured.setdefault(target.name, []).append(packed)

    def _take_samples(self) -> "tuple[Sequence[Measured], array[int]]":
        taken, self._taken = self._taken, []
        samples, self._samples = self._samples, array("Q")
        return taken, samples


class Records:
    """The providers in a store, none of which was checked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def stored(self, provider_id: str) -> Stored:
        found = self._store.read_now(stored_providers.get, provider_id)
        if found is None:
            raise no_such_provider(provider_id)
        return found

    async def get(self, provider_id: str) -> Provider:
        row, _ = self.stored(provider_id)
        summary = HealthSummary(explanation="Not checked yet.")
        return Provider(
            id=row.id,
            name=row.name,
            hostname="h",
            tm_create=row.tm_create,
            tm_update=row.tm_update,
            health=summary,
        )
