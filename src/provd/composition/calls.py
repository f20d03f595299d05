"""How calls went."""

from dataclasses import dataclass

from provd.composition.base import Base
from provd.composition.settings import calls_kept_of, thresholds_of
from provd.config import Config
from provd.services.calls.intake import CallService
from provd.services.calls.pruner import CallPruner
from provd.services.calls.recent import RecentCalls
from provd.services.calls.retention import CallRetention
from provd.services.test_calls.lessons import CallTestLessons


@dataclass(frozen=True, slots=True)
class Calls:
    """``recent`` is what they say of each provider; ``lessons`` is what test calls do."""

    kept: CallRetention
    recent: RecentCalls
    service: CallService
    lessons: CallTestLessons
    pruner: CallPruner


def compose_calls(config: Config, base: Base) -> Calls:
    """Build them."""
    kept, recent = calls_kept_of(config.history), RecentCalls(base.store, thresholds_of(config.calls))
    service = CallService(base.store, recent, kept)
    return Calls(
        kept=kept,
        recent=recent,
        service=service,
        lessons=CallTestLessons(service),
        pruner=CallPruner(base.store, kept),
    )
