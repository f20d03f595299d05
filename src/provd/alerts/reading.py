"""What is known of a provider when rules are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from provd.schema.health import Cause, HealthStatus

UNCHECKED_SETTLE_S = 35.0
"""What a provider that is not checked is given after our uplink is back: as one by the usual settings."""


class Figures(NamedTuple):
    """What takes some reckoning; None stands for what was not measured."""

    explanation: str = ""
    next_step: str | None = None
    rtt_p95_ms: float | None = None
    loss_pct: float | None = None
    availability_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A provider as rules see it; None stands for what was not measured. ``figures`` are reckoned when a rule
    asks for one of them.

    ``since`` is when its status began, in seconds since 1970. ``excluded`` says why it raises no alert now,
    like 'in maintenance'; ``unchecked`` why no checks say anything of it. ``over_tls`` tells whether it has a
    certificate to show. ``set_up`` tells whether provd set it up at its carrier, ``drift`` counts how that
    differs now. ``calls_tell``: there were enough calls of late to say whether they fail; ``impaired`` says
    in words why they do although it answers, ``test_call`` why the latest test call did; empty: they don't.
    ``settle_s`` is how long its checks may take to show, after our uplink is back, that it works.
    """

    provider_id: str
    name: str
    tags: frozenset[str] = frozenset()
    excluded: str = ""
    unchecked: str = ""
    status: HealthStatus = HealthStatus.UNKNOWN
    cause: Cause | None = None
    since: float | None = None
    flapping: bool = False
    over_tls: bool = True
    tls_days_left: int | None = None
    set_up: bool = False
    drift: int = 0
    balance: float | None = None
    asr_pct: float | None = None
    pdd_p95_ms: float | None = None
    calls_tell: bool = False
    impaired: str = ""
    test_call: str = ""
    settle_s: float = UNCHECKED_SETTLE_S
    figures: Callable[[], Figures] = Figures
