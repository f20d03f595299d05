"""A call as it is wanted, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from provd.agent.media.process import SoundResult
from provd.probe.address import SocketAddress
from provd.schema.hostname import HostPort
from provd.schema.provider import Transport
from provd.sip.digest import Login


class Until(StrEnum):
    """When we hang up: as soon as it rings, or some time after the answer."""

    RING = "ring"
    ANSWER = "answer"


class End(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    RINGING = "ringing"
    REJECTED = "rejected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    TIMEOUT = "timeout"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Wanted:
    """``uri`` is the Request-URI, ``host`` where the provider is, ``user`` who calls, as a URI
    has it.

    ``ring_s`` bounds the time to the answer, ``talk_s`` that after it. Of the addresses that the host leads
    to, ``preferred`` are tried first. ``server_name`` is what a TLS peer must prove, empty for the host's;
    ``bind`` our own side, None for the system's choice.
    """

    uri: str
    host: HostPort
    transport: Transport
    user: str
    until: Until
    user_agent: str
    ring_s: float = 60.0
    talk_s: float = 10.0
    digits: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    login: Login | None = None
    preferred: frozenset[SocketAddress] = frozenset()
    server_name: str = ""
    verify: bool = True
    bind: SocketAddress | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: ``at_ms`` since the beginning, ``way`` out, in, or a note of ours."""

    at_ms: float
    way: str
    text: str


OnRung = Callable[[Rung], None]


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a call. ``problem`` is what is wrong beyond ``code``, in words.

    Times are in ms: ``pdd_ms`` from the first INVITE to the first response of progress after 100,
    ``setup_ms`` to the answer, ``talk_ms`` from there to when it was hung up.
    """

    end: End
    code: int | None = None
    reason: str | None = None
    problem: str = ""
    pdd_ms: float | None = None
    setup_ms: float | None = None
    talk_ms: float | None = None
    codec: str | None = None
    sound: SoundResult = field(default_factory=SoundResult)
    address: SocketAddress | None = None
    rungs: tuple[Rung, ...] = ()
