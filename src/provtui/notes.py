"""What deserves a note beside a provider's state, in one short word each."""

from enum import Enum

from provd.schema.provider import Provider
from provtui.condition import Condition, measured

CERTIFICATE_SOON_DAYS = 30


class Note(Enum):
    """The notes, the one that explains most first.

    ``word`` takes at most five cells; ``phrase`` goes on a sentence; ``called`` is what a filter calls it.
    """

    MAINTENANCE = ("maint", "in maintenance", "ink--maintenance")
    STALE = ("stale", "stale", "ink--unknown")
    IMPAIRED = ("calls", "its calls fail", "ink--impaired", "impaired")
    FLAPPING = ("flaps", "flapping", "ink--suspect")
    BUSY = ("busy", "busy", "ink--suspect")
    NAME = ("dns", "DNS fails", "ink--suspect")
    CERTIFICATE = ("cert", "certificate ends soon", "ink--suspect")

    def __init__(self, word: str, phrase: str, ink: str, called: str = "") -> None:
        self.word = word
        self.phrase = phrase
        self.ink = ink
        self.called = called or word


def notes_of(provider: Provider) -> tuple[Note, ...]:
    """Give the notes on ``provider``, in their order; what is not checked is not stale but disabled."""
    health = provider.health
    days = health.tls_days_left
    noted = {
        Note.MAINTENANCE: provider.maintenance is not None,
        Note.STALE: health.stale and provider.enabled,
        Note.IMPAIRED: measured(provider) is Condition.IMPAIRED,
        Note.FLAPPING: health.flapping,
        Note.BUSY: health.busy_until is not None,
        Note.NAME: health.dns_problem is not None and health.resolved_age_s is not None,
        Note.CERTIFICATE: days is not None and days <= CERTIFICATE_SOON_DAYS,
    }
    return tuple(note for note, holds in noted.items() if holds)
