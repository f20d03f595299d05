"""How often carriers let themselves be checked, as far as they say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CarrierLimit:
    """A carrier's shortest interval between two checks, and what it does about shorter ones."""

    carrier: str
    domains: tuple[str, ...]
    min_interval_s: float
    consequence: str


_LIMITS = (
    CarrierLimit(
        carrier="twilio",
        domains=(".twilio.com",),
        min_interval_s=15.0,
        consequence="Twilio bans who checks it more often than every 15 s",
    ),
)


def carrier_limit(carrier: str, hostname: str) -> CarrierLimit | None:
    """The limit that applies to a provider, by its carrier's name or by its own."""
    host = hostname.partition(":")[0].removesuffix(".").lower()
    for limit in _LIMITS:
        if carrier.lower() == limit.carrier or host.endswith(limit.domains):
            return limit
    return None
