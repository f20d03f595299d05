"""The steps of the setup wizard."""

from enum import Enum

from textual.content import Content

from provtui.commands import Place


class Step(Enum):
    """The steps; each names its place, what is shown in it, and what is said where there is nothing else."""

    CARRIER = (Place.SETUP_CARRIER, "Carrier", "wizard-carriers", "At which carrier?")
    KEY = (Place.SETUP_KEY, "Key", "wizard-key", "It is checked at the carrier before anything is made.")
    TRUNK = (Place.SETUP_TRUNK, "Trunk", "wizard-trunk", "")
    PLAN = (Place.SETUP_PLAN, "Plan", "wizard-plan", "Nothing is made yet. ^s sets it up as it stands here:")
    RUN = (Place.SETUP_RUN, "Setup", "wizard-run", "")

    def __init__(self, place: Place, title: str, body: str, prompt: str) -> None:
        self.place = place
        self.title = title
        self.body = body
        self.prompt = prompt


STEPS = tuple(Step)
BACK = {
    Place.SETUP_KEY: Step.CARRIER,
    Place.SETUP_TRUNK: Step.KEY,
    Place.SETUP_PLAN: Step.TRUNK,
}
"""Where one step back leads."""


def steps_text(here: Step) -> Content:
    """Write the steps on one line, the present one reversed."""
    parts: list[tuple[str, str] | str] = []
    for number, step in enumerate(STEPS, 1):
        past = number <= STEPS.index(here)
        ink = ".ink--here" if step is here else ".ink--healthy" if past else ".ink--faint"
        parts += [(f" {'✓' if past else number} {step.title} ", ink), " "]
    return Content.assemble(*parts[:-1])
