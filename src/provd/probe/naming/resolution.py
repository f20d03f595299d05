"""What a look-up ends with: places to probe, or why there are none."""

from dataclasses import dataclass
from typing import NamedTuple

from provd.probe.address import SocketAddress
from provd.schema.health import Cause

MIN_TTL_S, MAX_TTL_S = 30.0, 3600.0
_REASONS_TOLD = 3


class Candidate(NamedTuple):
    """One place to probe. ``priority`` and ``weight`` are those of its SRV record (RFC 2782), else 0.

    ``name`` is the one that was asked for its address: the target of the SRV record, or the host itself.
    An IP literal has none.
    """

    address: SocketAddress
    priority: int = 0
    weight: int = 0
    name: str = ""

    @property
    def asked(self) -> tuple[str, int]:
        """What DNS was asked for it: the name, and the version of IP."""
        return self.name, 6 if ":" in self.address[0] else 4


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name leads to: candidates, the preferred ones first; or a ``cause`` for there being none.

    ``reason`` says in words why there are none, or, with candidates, what was left out; None when nothing
    was. ``unheard`` has what DNS would not tell of: names, each with an IP version. ``ttl_s`` says when to
    look again, ``took_ms`` how long the look-up took.
    """

    candidates: tuple[Candidate, ...] = ()
    cause: Cause = Cause.OK
    reason: str | None = None
    ttl_s: float = MIN_TTL_S
    took_ms: float = 0.0
    unheard: frozenset[tuple[str, int]] = frozenset()

    @property
    def addresses(self) -> tuple[SocketAddress, ...]:
        """The candidates' addresses, in their order."""
        return tuple(candidate.address for candidate in self.candidates)


def bounded_ttl(*ttls_s: float) -> float:
    """The least of the TTLs, within the bounds; the lower bound when there are none."""
    return min(max(min(ttls_s, default=MIN_TTL_S), MIN_TTL_S), MAX_TTL_S)


def in_words(reasons: list[str]) -> str | None:
    """Several reasons as one, of which the first few are told."""
    told = reasons[:_REASONS_TOLD]
    if len(reasons) > len(told):
        told.append(f"and {len(reasons) - len(told)} more")
    return "; ".join(told) or None
