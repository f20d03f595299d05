"""What the monitor finds that others should hear of. Each has ``at``, in seconds since 1970."""

from dataclasses import dataclass

from provd.probe.address import SocketAddress
from provd.probe.stream.certificate import Certificate
from provd.probe.target import Watch
from provd.schema.health import Cause, HealthStatus
from provd.schema.provider import Transport


@dataclass(frozen=True, slots=True)
class Exchange:
    """The SIP of one check: what was sent and what came, empty when nothing did. ``key`` is the provider's;
    ``secret_headers`` are the names of headers whose values are not to be shown."""

    key: str
    at: float
    address: SocketAddress | None
    transport: Transport
    cause: Cause
    code: int | None
    rtt_ms: float | None
    retransmits: int
    sent: bytes
    received: bytes
    secret_headers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Transition:
    """A provider's status changed. The rest is a copy of what was found; ``reason`` is the peer's phrase, or
    without a code our own words."""

    watch: Watch
    at: float
    previous: HealthStatus
    status: HealthStatus
    cause: Cause
    code: int | None
    reason: str | None
    rtt_ms: float | None
    exchange: Exchange | None = None


@dataclass(frozen=True, slots=True)
class AddressChange:
    """A name leads elsewhere now."""

    watch: Watch
    at: float
    addresses: tuple[SocketAddress, ...]
    added: tuple[SocketAddress, ...]
    removed: tuple[SocketAddress, ...]


@dataclass(frozen=True, slots=True)
class Flapping:
    """A provider's status began to change often, or has ceased to."""

    watch: Watch
    at: float
    flapping: bool


@dataclass(frozen=True, slots=True)
class CertificateExpiry:
    """A certificate ends within ``threshold`` days; told once for each threshold."""

    watch: Watch
    at: float
    address: SocketAddress
    certificate: Certificate
    threshold: int


@dataclass(frozen=True, slots=True)
class UplinkChange:
    """Everything fails at once, so our own connection is suspected; or something was answered again.

    ``failing`` is how many providers failed in a row.
    """

    at: float
    suspect: bool
    failing: int


Finding = Transition | AddressChange | Flapping | CertificateExpiry | UplinkChange
