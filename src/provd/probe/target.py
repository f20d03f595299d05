"""What is under watch: providers, and the resolved addresses of each."""

from array import array
from collections import deque
from math import nan

from provd.probe.settings import ProbeSettings
from provd.schema.health import RECENT_RESULTS, Cause, HealthStatus
from provd.schema.hostname import HostPort

SocketAddress = tuple[str, int]
NOT_SCHEDULED = -1
NO_STATUS_LINE = b"\0"  # begins no datagram that a SIP peer sends
_TRANSITIONS_KEPT = 5


class Target:
    """One address of a provider: its place in the schedule, the exchange under way, and its own state.

    A target without ``address`` stands for a name that has not been resolved: when it is due, the name is
    looked up.
    """

    __slots__ = (
        "address",
        "branch",
        "code",
        "due_tick",
        "fails",
        "interval_ticks",
        "known_status_line",
        "oks",
        "phase_tick",
        "provisional",
        "reason",
        "request",
        "retransmits",
        "sent_at",
        "server",
        "status",
        "watch",
    )

    def __init__(self, watch: "Watch", address: SocketAddress | None) -> None:
        self.watch = watch
        self.address = address
        self.request: tuple[bytes, bytes, bytes] | None = None
        self.due_tick = NOT_SCHEDULED
        self.interval_ticks = 1
        self.phase_tick = 0
        self.branch: bytes | None = None  # of the exchange under way
        self.sent_at = 0.0
        self.retransmits = 0
        self.provisional: tuple[int, str | None, float] | None = None  # code, reason, when
        self.known_status_line = NO_STATUS_LINE
        self.code: int | None = None
        self.reason: str | None = None
        self.server: str | None = None
        self.status = HealthStatus.UNKNOWN
        self.fails = 0
        self.oks = 0


class Watch:
    """One provider under watch: how it is checked, its targets, and the verdict.

    A changed hostname makes a new Watch, so a check under way for the old one has nowhere to write to.
    ``checked_at``, ``since`` and ``busy_until`` are seconds since 1970; ``transitions`` are monotonic.
    """

    __slots__ = (
        "busy_until",
        "cause",
        "checked_at",
        "code",
        "dns_ms",
        "host",
        "key",
        "position",
        "reason",
        "recent",
        "resolution_due",
        "resolving",
        "rtt_ms",
        "saved_at",
        "server",
        "settings",
        "since",
        "status",
        "targets",
        "transitions",
    )

    def __init__(self, key: str, host: HostPort, settings: ProbeSettings) -> None:
        self.key = key
        self.host = host
        self.settings = settings
        self.targets: list[Target] = []
        self.status = HealthStatus.UNKNOWN
        self.cause: Cause | None = None
        self.code: int | None = None
        self.reason: str | None = None
        self.server: str | None = None
        self.rtt_ms: float | None = None
        self.since: float | None = None
        self.checked_at: float | None = None
        self.busy_until: float | None = None
        self.dns_ms: float | None = None  # how long the last look-up of the name took
        self.resolution_due = 0.0  # monotonic; when a name is to be looked up again
        self.resolving = False
        self.saved_at = 0.0
        self.recent: array[float] | None = None
        self.position = 0
        self.transitions: deque[float] | None = None

    def remember(self, rtt_ms: float | None) -> None:
        """Add a result to the recent ones; None for a check without an answer."""
        if self.recent is None:
            self.recent = array("f")
        value = nan if rtt_ms is None else rtt_ms
        if len(self.recent) < RECENT_RESULTS:
            self.recent.append(value)
        else:
            self.recent[self.position % RECENT_RESULTS] = value
        self.position += 1

    def recent_results(self) -> list[float | None]:
        """The recent results in ms, oldest first; None where there was no answer."""
        if self.recent is None:
            return []
        start = self.position % RECENT_RESULTS if len(self.recent) == RECENT_RESULTS else 0
        ordered = [*self.recent[start:], *self.recent[:start]]
        return [None if value != value else round(value, 3) for value in ordered]

    def note_transition(self, now: float) -> None:
        """Remember when the status changed, to tell flapping."""
        if self.transitions is None:
            self.transitions = deque(maxlen=_TRANSITIONS_KEPT)
        self.transitions.append(now)

    def is_flapping(self, now: float, window_s: float) -> bool:
        """Whether the last transitions all lie within ``window_s``."""
        seen = self.transitions
        return seen is not None and len(seen) == _TRANSITIONS_KEPT and now - seen[0] <= window_s
