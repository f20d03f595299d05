"""A setup as a journalled saga: each step is written down before it is done, and can be undone.

What is written survives a crash at any line: a step that was *intended* may or may not have been done, so
whoever goes on looks for its thing at the carrier by its name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from provd.carriers.api import CarrierApi
from provd.carriers.base import AnyCarrier
from provd.carriers.errors import CarrierError
from provd.carriers.resource import Resource
from provd.schema.setup import StepState

_SETTLE_S = 1.0  # what a carrier was told last shows in its lists a little later
_AMENDMENTS = 3


@dataclass(slots=True)
class Step:
    """A step of a setup. ``carrier_id`` is of what it made, "" when that is not known; ``note`` says what is
    to be known about it."""

    resource: Resource
    state: StepState = StepState.PLANNED
    carrier_id: str = ""
    note: str = ""

    @property
    def may_be_there(self) -> bool:
        """Whether the carrier may have what the step makes."""
        return self.state in (StepState.INTENDED, StepState.DONE, StepState.LEFT)


class Journal(Protocol):
    """Where steps are written down."""

    async def save(self, step: Step) -> None:
        """Keep a step as it is now; returns when no crash can lose it."""
        ...


class Saga:
    """Takes the steps of one setup forward, or back."""

    def __init__(self, api: CarrierApi, carrier: AnyCarrier, steps: Sequence[Step], journal: Journal) -> None:
        self._api = api
        self._carrier = carrier
        self._steps = steps
        self._journal = journal

    @property
    def ids(self) -> dict[str, str]:
        """The ids of what is there, by step."""
        return ids(self._steps)

    async def forward(self) -> None:
        """Do every step that is not done. Raises CarrierError at the first that can't be."""
        for step in self._steps:
            if step.state is not StepState.DONE:
                await self._do(step)

    async def back(self) -> bool:
        """Undo every step, the last first; whether nothing is left. What is left says why."""
        for step in reversed(self._steps):
            if not step.may_be_there:
                continue
            try:
                await self._undo(step)
                step.state, step.note = StepState.UNDONE, ""
            except CarrierError as error:
                step.state, step.note = StepState.LEFT, str(error)
            await self._journal.save(step)
        return not any(step.may_be_there for step in self._steps)

    async def any_is_gone(self) -> bool:
        """Whether something that was made is not at the carrier any more. Raises CarrierError."""
        for step in self._steps:
            if step.state is StepState.UNDONE and step.carrier_id:
                return True
            known = step.may_be_there and step.carrier_id
            if known and await self._api.look(step.resource, self.ids, step.carrier_id) is None:
                return True
        return False

    async def _do(self, step: Step) -> None:
        unsure = step.may_be_there
        if not unsure:
            step.carrier_id = ""  # of a thing that was removed
        step.state = StepState.INTENDED
        await self._journal.save(step)
        tries, amendments = 2, _AMENDMENTS
        while True:
            tries -= 1
            try:
                found = await self._look_for(step) if unsure else None
                if not found and step.carrier_id:  # if the next answer is lost, this must not be looked at
                    step.carrier_id = ""
                    await self._journal.save(step)
                step.carrier_id = found or await self._api.create(step.resource, self.ids)
                break
            except CarrierError as error:
                amended = self._carrier.amend(step.resource, error) if amendments else None
                if amended is not None:
                    amendments, tries, unsure = amendments - 1, 2, False
                    step.resource, step.note = amended
                    await self._journal.save(step)
                    continue
                if error.may_have_acted and tries:
                    unsure = True
                    continue
                if not (unsure or error.may_have_acted):
                    step.state, step.note = StepState.UNDONE, str(error)
                    await self._journal.save(step)
                raise
        step.state = StepState.DONE
        await self._journal.save(step)

    async def _undo(self, step: Step) -> None:
        found = step.carrier_id or await self._look_for(step)
        if found and step.resource.deletes:
            step.carrier_id = found
            await self._api.delete(step.resource, self.ids, found)

    async def _look_for(self, step: Step) -> str | None:
        await self._api.pause(_SETTLE_S)
        return await self._api.find(step.resource, self.ids)


async def leave(steps: Sequence[Step], journal: Journal, why: str) -> None:
    """Undo nothing: everything that may be there is left, for a reason."""
    for step in steps:
        if step.may_be_there:
            step.state, step.note = StepState.LEFT, why
            await journal.save(step)


def ids(steps: Sequence[Step]) -> dict[str, str]:
    """The ids of what is there, by step."""
    return {step.resource.step: step.carrier_id for step in steps if step.carrier_id and step.may_be_there}
