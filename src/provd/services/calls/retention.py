"""How long calls are kept."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class CallRetention:
    """Seconds: of calls, and of their rollups."""

    calls_s: float = 90 * 86400.0
    rollups_s: float = 400 * 86400.0

    def replace(self, other: "CallRetention") -> None:
        """Keep calls as long as ``other`` says, from the next round on."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))
