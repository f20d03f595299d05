"""Figures as people read them; what was not measured is a dash."""

_UNITS = (("d", 86400.0), ("h", 3600.0), ("min", 60.0))


def ms(value: float | None) -> str:
    """Milliseconds."""
    return "-" if value is None else f"{value:.1f} ms"


def percent(value: float | None) -> str:
    """A share in percent."""
    return "-" if value is None else f"{value:g} %"


def code(value: int | None) -> str:
    """A SIP status code."""
    return str(value) if value else "-"


def span(seconds: float) -> str:
    """A time that passes, in the largest unit that fits."""
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds >= size), ("s", 1.0))
    return f"{seconds / size:.3g} {unit}"


def to_second(timestamp: str) -> str:
    """An API timestamp without what is below the second."""
    return timestamp.partition(".")[0]
