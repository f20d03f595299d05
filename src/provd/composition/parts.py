"""The composition root: which parts there are, area by area, and who is given whom. Nothing here runs."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from provd.api.access import Access
from provd.carriers.base import AnyCarrier
from provd.composition.alerting import Alerting, compose_alerting
from provd.composition.base import Base, compose_base
from provd.composition.calls import Calls, compose_calls
from provd.composition.checking import Checking, compose_checking
from provd.composition.records import Records, compose_records
from provd.composition.redirecting import Redirecting, compose_redirecting
from provd.composition.serving import Serving, compose_serving
from provd.composition.setups import Setups, compose_setups
from provd.composition.test_calls import TestCalls, compose_test_calls
from provd.config import Config
from provd.store.engine import Store, StoredEvent


@dataclass(frozen=True, slots=True)
class Parts:
    """Every part of the daemon. Each area knows of those before it alone."""

    base: Base
    calls: Calls
    checking: Checking
    records: Records
    setups: Setups
    redirecting: Redirecting
    test_calls: TestCalls
    alerting: Alerting
    serving: Serving


def compose(
    config: Config, store: Store, listening: socket.socket, access: Access, more: Sequence[AnyCarrier]
) -> Parts:
    """Build every part on an open store, for a socket that listens. Setups may be made at the carriers
    ``more`` too. Raises TlsFilesError."""
    base = compose_base(config, store)
    calls = compose_calls(config, base)
    checking = compose_checking(config, base, calls)
    records = compose_records(base, checking)
    setups = compose_setups(config, base, records, more)
    redirecting = compose_redirecting(config, base, records)
    test_calls = compose_test_calls(config, base, calls, checking, records, setups)
    alerting = compose_alerting(config, base, calls, checking, setups)
    areas = (base, calls, checking, records, setups, redirecting, test_calls, alerting)

    def spread(committed: list[StoredEvent]) -> None:
        base.hub.publish(committed)
        alerting.keeper.notice(committed)

    store.on_commit = spread
    return Parts(*areas, compose_serving(config, listening, access, *areas))
