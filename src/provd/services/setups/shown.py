"""Setups as the API shows them."""

from provd.schema.setup import Finding, Setup, SetupState, SetupStep, StepState
from provd.store.setups import StoredSetup
from provd.store.tables import SetupStepRow


def shown(found: StoredSetup) -> Setup:
    """A setup with its journal."""
    setup, credential = found.setup, found.credential
    return Setup(
        id=setup.id,
        carrier=setup.carrier,
        name=setup.name,
        state=SetupState(setup.state),
        provider_id=setup.provider_id,
        steps=[step_shown(row) for row in found.steps],
        error=setup.error,
        by_hand=setup.by_hand,
        by=setup.by,
        key_ends="" if credential is None else credential.ends,
        key_verified_at=None if credential is None else credential.verified_at,
        compared_at=setup.verified_at,
        drift=[Finding.model_validate(each) for each in setup.drift],
        tm_create=setup.tm_create,
        tm_update=setup.tm_update,
    )


def step_shown(row: SetupStepRow) -> SetupStep:
    """One step."""
    return SetupStep(
        step=str(row.resource.get("step", "")),
        title=str(row.resource.get("title", "")),
        state=StepState(row.state),
        carrier_id=row.carrier_id,
        note=row.note,
    )
