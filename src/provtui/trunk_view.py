"""What is known of a provider's trunk at its carrier."""

from dataclasses import dataclass, field, replace

from provd.schema.setup import Setup, Verification
from provtui.reading import Reading


@dataclass(frozen=True, slots=True)
class TrunkView:
    """The journal of the setup that made it, and the last comparison with the carrier.

    ``by_hand``: no setup made the provider. ``verifying``: a comparison was asked for and is under way.
    """

    setup: Reading[Setup] = field(default_factory=Reading)
    by_hand: bool = False
    verification: Reading[Verification] = field(default_factory=Reading)
    verifying: bool = False


def read(view: TrunkView, setup: Setup | None, error: str) -> TrunkView:
    """Take the journal, or why it could not be read; neither: there is none."""
    return replace(view, setup=view.setup.after(setup, error), by_hand=setup is None and not error)


def compared(view: TrunkView, found: Verification | None, error: str) -> TrunkView:
    """Take a comparison, or why there is none."""
    return replace(view, verification=view.verification.after(found, error), verifying=False)
