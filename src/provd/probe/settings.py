"""How a provider is checked."""

from dataclasses import dataclass, field
from typing import NamedTuple

from provd.schema.codes import CodePolicy
from provd.schema.probe import RollUp
from provd.schema.provider import Transport

TICKS_PER_S = 100
"""The schedule's resolution."""

CONFIRM_AFTER_S = 1.0
"""A suspect target is checked again after so long, until it is known to be up or down."""


class RequestShape(NamedTuple):
    """What the request says besides where it goes. Without ``from_uri`` and ``contact`` our own address
    stands in them. ``headers`` are (name, value) pairs to add."""

    user_agent: str = "provd"
    from_uri: str | None = None
    contact: str | None = None
    max_forwards: int = 70
    headers: tuple[tuple[str, str], ...] = ()


_PLAIN = RequestShape()


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """``interval_s`` between checks, ``timeout_s`` for an answer; ``fall`` failures in a row make a target
    unhealthy, ``rise`` successes healthy again. ``codes`` None accepts every status code. No two checks by
    the schedule are nearer to each other than ``min_interval_s``, which is what the carrier allows.

    ``bind`` is where checks are sent from when it is not the daemon's own choice. ``server_name`` is the
    name that a TLS peer must prove; empty stands for the provider's host. ``secret_headers`` are the names,
    in lower case, whose values a trace must not show.
    """

    interval_s: float = 30.0
    timeout_s: float = 5.0
    fall: int = 1
    rise: int = 1
    codes: CodePolicy | None = None
    rollup: RollUp = RollUp.ANY
    transport: Transport = Transport.UDP
    shape: RequestShape = _PLAIN
    bind: tuple[str, int] | None = None
    tls_verify: bool = True
    server_name: str = ""
    reuse: bool = True
    min_interval_s: float = 0.0
    confirm_after_s: float = CONFIRM_AFTER_S
    secret_headers: frozenset[str] = frozenset()
    interval_ticks: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval_ticks", max(1, round(self.interval_s * TICKS_PER_S)))

    @property
    def settle_s(self) -> float:
        """How long it may take until checks show that a target works again: ``rise`` of them by the schedule,
        and the answer to the last."""
        return self.rise * max(self.interval_s, self.min_interval_s) + self.timeout_s
