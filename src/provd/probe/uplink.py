"""Whether our own connection is to blame: many providers fall silent at once, and none answers."""

FAILING_AT_ONCE = 5


class UplinkGuard:
    """Told of each provider that falls silent after it answered, and of any that answers, with any code.

    ``suspect`` may be set from outside, for a suspicion from before a restart: the next answer clears it.
    """

    def __init__(self) -> None:
        self.suspect = False
        self.failing: set[str] = set()
        """The providers that fell silent since one answered."""

    def failed(self, key: str) -> bool:
        """A provider that answered is silent. Whether that makes the uplink suspect."""
        self.failing.add(key)
        if self.suspect or len(self.failing) < FAILING_AT_ONCE:
            return False
        self.suspect = True
        return True

    def answered(self) -> bool:
        """Some provider answered. Whether that clears a suspicion."""
        self.failing.clear()
        cleared, self.suspect = self.suspect, False
        return cleared
