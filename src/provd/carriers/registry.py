"""Which carriers there are: ours, and those of third parties."""

import logging
from collections.abc import Mapping
from importlib.metadata import entry_points

from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.base import AnyCarrier
from provd.carriers.telnyx.carrier import Telnyx
from provd.carriers.twilio.carrier import Twilio

log = logging.getLogger(__name__)

GROUP = "provd.carriers"


def known_carriers() -> Mapping[str, AnyCarrier]:
    """Every carrier by its name. One of a third party that can't be loaded is left out, and logged."""
    carriers: dict[str, AnyCarrier] = {each.name: each for each in (Telnyx(), Twilio(), Bandwidth())}
    for entry in entry_points(group=GROUP):
        try:
            loaded = entry.load()
            carrier: AnyCarrier = loaded() if isinstance(loaded, type) else loaded
            if carrier.name in carriers:
                raise ValueError(f"there is a carrier {carrier.name} already")
            carriers[carrier.name] = carrier
        except Exception as error:  # noqa: BLE001 - whatever it is, the daemon goes on without it
            log.error("the carrier %s of %s can't be used: %s", entry.name, entry.value, error)
    return carriers
