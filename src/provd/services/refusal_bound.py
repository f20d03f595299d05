"""How many refused attempts the audit log takes: a flood of them must not fill the disk."""

from dataclasses import dataclass, field

WITHIN_S = 60.0
OF_ONE = 20
IN_ALL = 200


@dataclass(slots=True)
class RefusalBound:
    """At most OF_ONE of a uid and IN_ALL together within WITHIN_S. ``now`` is in seconds, and only goes
    forward."""

    _since: float | None = None
    _counts: dict[int, int] = field(default_factory=dict)
    _all: int = 0
    _left_out: int = 0

    def admits(self, uid: int, now: float) -> bool:
        """Whether one more is written down; one that is not is counted. Ask ``ended`` first."""
        if self._since is None:
            self._since = now
        if self._all >= IN_ALL or self._counts.get(uid, 0) >= OF_ONE:
            self._left_out += 1
            return False
        self._all += 1
        self._counts[uid] = self._counts.get(uid, 0) + 1
        return True

    def ended(self, now: float) -> int:
        """Begin anew once the time is over: how many were left out in it; 0 while it is not."""
        if self._since is None or now - self._since < WITHIN_S:
            return 0
        return self.close()

    def close(self) -> int:
        """Begin anew now: how many were left out."""
        left_out = self._left_out
        self._since, self._all, self._left_out = None, 0, 0
        self._counts.clear()
        return left_out
