"""How long history is kept."""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Retention:
    """Seconds, except that ``traces`` and ``max_targets`` are numbers; None is for ever.

    ``traces`` transitions keep the SIP exchange that made them, and ``max_targets`` targets have stored
    history.
    """

    minutes_s: int = 48 * 3600
    hours_s: int = 400 * 86400
    transitions_s: int | None = None
    traces: int = 1000
    max_targets: int = 100_000

    def replace(self, other: "Retention") -> None:
        """Keep things as long as ``other`` says, from the next round on."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))
