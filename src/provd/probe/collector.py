"""What was measured and has not been written yet."""

from array import array

from provd.probe.target import Target
from provd.probe.timeline import take


class SampleCollector:
    """Takes each sample into its target's timeline, and keeps it for whoever writes the history."""

    def __init__(self) -> None:
        self._targets: list[Target] = []
        self._samples = array("Q")

    def keep(self, target: Target, packed: int) -> None:
        """Take a sample. A target whose history is not kept has none."""
        if take(target, packed):
            self._targets.append(target)
            self._samples.append(packed)

    def take(self) -> "tuple[list[Target], array[int]]":
        """As many targets as samples: what was measured since the last call."""
        taken = self._targets, self._samples
        self._targets, self._samples = [], array("Q")
        return taken
