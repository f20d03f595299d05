"""The journal of one setup in the store, and what is told about it."""

import time
from collections.abc import Sequence

from provd.carriers.resource import Resource
from provd.carriers.saga import Step
from provd.schema.events import EventType
from provd.schema.setup import SetupChangedEvent, SetupState, SetupStepEvent, StepState
from provd.schema.timestamps import to_timestamp
from provd.store import setups as stored
from provd.store.engine import Store, Transaction
from provd.store.tables import SetupRow, SetupStepRow


class StoredJournal:
    """Writes each step down, and announces it, in one transaction."""

    def __init__(self, store: Store, setup: SetupRow, steps: Sequence[Step]) -> None:
        self._store = store
        self._setup = setup
        self._numbers = {step.resource.step: number for number, step in enumerate(steps, 1)}

    async def save(self, step: Step) -> None:
        """Keep a step as it is now."""
        number = self._numbers[step.resource.step]
        at = to_timestamp(time.time())
        event = SetupStepEvent(
            setup_id=self._setup.id,
            at=at,
            carrier=self._setup.carrier,
            name=self._setup.name,
            number=number,
            steps=len(self._numbers),
            step=step.resource.step,
            title=step.resource.title,
            state=step.state,
            note=step.note,
        )
        async with self._store.write() as transaction:
            await transaction.run(
                stored.save_step,
                self._setup.id,
                number,
                step.state.value,
                step.carrier_id,
                step.note,
                step.resource.model_dump(mode="json"),
            )
            transaction.record(EventType.SETUP_STEP, at, None, event.model_dump_json())


def steps_of(rows: Sequence[SetupStepRow]) -> list[Step]:
    """The steps as they were written down."""
    return [
        Step(Resource.model_validate(row.resource), StepState(row.state), row.carrier_id, row.note)
        for row in rows
    ]


def rows_of(setup_id: str, steps: Sequence[Step]) -> list[SetupStepRow]:
    """New steps, to be written down."""
    return [
        SetupStepRow(
            setup_id=setup_id,
            number=number,
            resource=step.resource.model_dump(mode="json"),
            state=step.state.value,
        )
        for number, step in enumerate(steps, 1)
    ]


async def enter(transaction: Transaction, setup: SetupRow, state: SetupState, error: str = "") -> None:
    """Put a setup into a state, and announce it if that is news.

    ``setup`` may be of another session, and is kept alike.
    """
    if (setup.state, setup.error) == (state.value, error):
        await transaction.session.merge(setup)
        return
    at = to_timestamp(time.time())
    setup.state, setup.error, setup.tm_update = state.value, error, at
    await transaction.session.merge(setup)
    event = SetupChangedEvent(
        setup_id=setup.id,
        at=at,
        carrier=setup.carrier,
        name=setup.name,
        state=state,
        error=error,
        provider_id=setup.provider_id,
    )
    transaction.record(EventType.SETUP_CHANGED, at, setup.provider_id, event.model_dump_json())
