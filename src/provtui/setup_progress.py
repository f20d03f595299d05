"""How far a setup is: plain data, and pure functions that take it from event to event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provd.schema.setup import (
    Setup,
    SetupChangedEvent,
    SetupPlan,
    SetupState,
    SetupStep,
    SetupStepEvent,
    StepState,
)

Told = SetupStepEvent | SetupChangedEvent


@dataclass(frozen=True, slots=True)
class SetupProgress:
    """The steps in their order, and the state of the whole; ``error`` says what went wrong."""

    steps: tuple[SetupStep, ...] = ()
    state: SetupState = SetupState.RUNNING
    error: str = ""

    @property
    def left(self) -> list[SetupStep]:
        """What may still be at the carrier."""
        return what_is_left(self.steps)


def what_is_left(steps: Sequence[SetupStep]) -> list[SetupStep]:
    """Those of ``steps`` that could not be undone, or whose end nobody knows."""
    return [step for step in steps if step.state in (StepState.LEFT, StepState.INTENDED)]


def planned(plan: SetupPlan) -> SetupProgress:
    """Give what a plan begins with."""
    steps = (SetupStep(step=call.step, title=call.title, state=StepState.PLANNED) for call in plan.calls)
    return SetupProgress(tuple(steps))


def journalled(setup: Setup) -> SetupProgress:
    """Give what the journal of a setup tells."""
    return SetupProgress(tuple(setup.steps), setup.state, setup.error)


def after(progress: SetupProgress, event: Told) -> SetupProgress:
    """Give ``progress`` as it is after an event; a step that the plan did not have comes last."""
    if isinstance(event, SetupChangedEvent):
        return replace(progress, state=event.state, error=event.error or progress.error)
    told = SetupStep(step=event.step, title=event.title, state=event.state, note=event.note)
    if any(step.step == event.step for step in progress.steps):
        steps = tuple(told if step.step == event.step else step for step in progress.steps)
    else:
        steps = (*progress.steps, told)
    return replace(progress, steps=steps)
