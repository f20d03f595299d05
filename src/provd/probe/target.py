"""What is under watch: providers, and the resolved addresses of each.

There can be a million of these: what every one needs is a slot, what few need is an object of its own.
"""

from array import array
from collections import deque
from typing import NamedTuple

from provd.probe.address import SocketAddress
from provd.probe.naming.resolution import Candidate
from provd.probe.settings import ProbeSettings
from provd.probe.source import Source
from provd.probe.stream.certificate import Certificate
from provd.schema.health import Cause, HealthStatus
from provd.schema.hostname import HostKind, HostPort, parse_hostname

NOT_SCHEDULED = -1
_TRANSITIONS_KEPT = 5


class Answer(NamedTuple):
    """What a peer says; many targets share one. A peer's next answer is this one again when it begins with
    ``status_line``."""

    status_line: bytes
    code: int
    reason: str | None
    server: str | None


class Target:
    """One address of a provider: its place in the schedule, the exchange under way, and its own state.

    A target without ``address`` stands for a name that has not been resolved: when it is due, the name is
    looked up. ``checked_at`` is seconds since 1970, ``sent_at`` monotonic, ticks are the schedule's;
    ``samples``, ``minutes`` and ``number`` belong to its history.
    """

    __slots__ = (
        "address",
        "answer",
        "branch",
        "cause",
        "checked_at",
        "due_tick",
        "fails",
        "minutes",
        "number",
        "oks",
        "phase_tick",
        "provisional",
        "reason",
        "retransmits",
        "rtt_ms",
        "samples",
        "sent_at",
        "source",
        "status",
        "watch",
    )

    def __init__(self, watch: "Watch", address: SocketAddress | None) -> None:
        self.watch = watch
        self.address = address
        self.due_tick = NOT_SCHEDULED
        self.phase_tick = 0
        self.source: Source | None = None
        self.branch: bytes | None = None  # of the exchange under way
        self.sent_at = 0.0
        self.retransmits = 0
        self.provisional: tuple[Answer, bytes, float] | None = None  # as it came, and when
        self.answer: Answer | None = None
        self.cause: Cause | None = None
        self.reason: str | None = None  # of a failure, in words
        self.rtt_ms: float | None = None
        self.checked_at: float | None = None
        self.status = HealthStatus.UNKNOWN
        self.fails = 0
        self.oks = 0
        self.samples: array[int] | None = None
        self.minutes: bytearray | None = None
        self.number: int | None = None


class StreamTarget(Target):
    """A target over TCP or TLS: how long its last connection took to make, and whom it is with."""

    __slots__ = ("certificate", "connect_ms", "tls_ms")

    def __init__(self, watch: "Watch", address: SocketAddress | None) -> None:
        super().__init__(watch, address)
        self.connect_ms: float | None = None
        self.tls_ms: float | None = None
        self.certificate: Certificate | None = None


class NameState:
    """Where a name led when it was last looked up. ``due`` and ``good_at`` are monotonic. ``checked_at`` is
    when the last check ended before its addresses changed (seconds since 1970)."""

    __slots__ = ("candidates", "checked_at", "due", "good_at", "host", "problem", "resolving", "took_ms")

    def __init__(self, host: HostPort) -> None:
        self.host = host
        self.due = 0.0
        self.resolving = False
        self.took_ms: float | None = None
        self.good_at: float | None = None
        self.problem: str | None = None  # why the last look-up failed, in words
        self.candidates: dict[SocketAddress, Candidate] = {}
        self.checked_at: float | None = None


class Watch:
    """One provider under watch: how it is checked, its targets, and the verdict.

    A changed hostname makes a new Watch, so a check under way for the old one has nowhere to write to.
    ``since``, ``checked_at`` and ``busy_until`` are seconds since 1970. ``tls_announced``
    is the lowest number of days at which the end of a certificate was announced, and that end.
    """

    __slots__ = (
        "busy_until",
        "flapping",
        "hostname",
        "key",
        "naming",
        "settings",
        "since",
        "status",
        "targets",
        "tls_announced",
        "transitions",
    )

    def __init__(self, key: str, host: HostPort, settings: ProbeSettings) -> None:
        self.key = key
        self.hostname = str(host)
        self.settings = settings
        self.targets: tuple[Target, ...] = ()
        self.naming = NameState(host) if host.kind is HostKind.NAME else None
        self.status = HealthStatus.UNKNOWN
        self.since: float | None = None
        self.busy_until: float | None = None
        self.flapping = False
        self.transitions: deque[float] | None = None  # monotonic, of the latest
        self.tls_announced: tuple[int, float] | None = None

    @property
    def host(self) -> HostPort:
        """The hostname, taken apart."""
        return self.naming.host if self.naming is not None else parse_hostname(self.hostname)

    @property
    def checked_at(self) -> float | None:
        """When the last check of any target ended, also of one that there is no more."""
        ended = [each.checked_at for each in self.targets if each.checked_at is not None]
        if self.naming is not None and self.naming.checked_at is not None:
            ended.append(self.naming.checked_at)
        return max(ended, default=None)

    def note_transition(self, now: float) -> None:
        """Remember when the status changed, to tell flapping."""
        if self.transitions is None:
            self.transitions = deque(maxlen=_TRANSITIONS_KEPT)
        self.transitions.append(now)

    def changes_often(self, now: float, window_s: float) -> bool:
        """Whether the last transitions all lie within ``window_s``."""
        seen = self.transitions
        return seen is not None and len(seen) == _TRANSITIONS_KEPT and now - seen[0] <= window_s
