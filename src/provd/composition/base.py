"""What most other parts stand on."""

from dataclasses import dataclass

from provd.composition.settings import audit_kept_s_of
from provd.config import Config
from provd.services.audit import AuditService
from provd.services.believed import BelievedTime
from provd.services.events import EventService
from provd.services.hub import EventHub
from provd.services.metrics.instruments import Instruments
from provd.store import events as stored
from provd.store.engine import Store


@dataclass(frozen=True, slots=True)
class Base:
    """The store, what it has committed for others to hear of, the time, and instruments for the metrics."""

    store: Store
    hub: EventHub
    believed: BelievedTime
    instruments: Instruments
    events: EventService
    audit: AuditService


def compose_base(config: Config, store: Store) -> Base:
    """Build them on an open store."""
    hub = EventHub(store.read_now(stored.newest_seq))
    believed = BelievedTime(store.read_now(stored.newest_time))
    instruments = Instruments()
    store.on_written = instruments.write
    return Base(
        store=store,
        hub=hub,
        believed=believed,
        instruments=instruments,
        events=EventService(store, hub, config.history.events),
        audit=AuditService(store, audit_kept_s_of(config.history), believed=believed),
    )
