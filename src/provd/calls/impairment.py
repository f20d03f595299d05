"""Whether a provider whose checks succeed does not carry its calls: what OPTIONS alone can't see."""

from dataclasses import dataclass, fields

from provd.calls.outcome import is_effective
from provd.calls.rollup import CallRollup

WINDOW_MIN = 15
"""Calls that ended in so many minutes are looked at."""


@dataclass(slots=True)
class Thresholds:
    """Of fewer than ``min_attempts`` calls nothing is said. A provider is impaired when its NER is below
    ``ner_min_pct``, or ``ner_drop_pct`` points or more below that of the same time a week before."""

    min_attempts: int = 20
    ner_min_pct: float = 50.0
    ner_drop_pct: float = 30.0

    def replace(self, other: "Thresholds") -> None:
        """Judge as ``other`` says from now on."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))


def impairment(recent: CallRollup, before: CallRollup | None, thresholds: Thresholds) -> str | None:
    """Why a provider whose checks succeed is impaired, in a sentence; None when it is not.

    ``recent`` are its outbound calls that ended in the last WINDOW_MIN minutes, ``before`` those around the
    same time a week before.
    """
    ner = recent.ner_pct
    if ner is None or recent.attempts < thresholds.min_attempts:
        return None
    said = (
        f"its checks succeed, but of the {recent.attempts} calls of the last {WINDOW_MIN} min only "
        f"{recent.effective} reached the called party (NER {ner:.0f} %"
    )
    if ner < thresholds.ner_min_pct:
        return f"{said}, and less than {thresholds.ner_min_pct:g} % is too little){_most(recent)}"
    usual = None if before is None or before.attempts < thresholds.min_attempts else before.ner_pct
    if usual is not None and usual - ner >= thresholds.ner_drop_pct:
        return f"{said}; a week before it was {usual:.0f} %){_most(recent)}"
    return None


def _most(recent: CallRollup) -> str:
    failed = {code: number for code, number in recent.codes.items() if not is_effective(code)}
    code = max(failed, key=lambda each: (failed[each], -each))
    return f": {failed[code]} ended with {code}"
