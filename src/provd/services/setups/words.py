"""What people are told about a setup that does not go as it should."""

from collections.abc import Sequence

from provd.carriers.saga import Step
from provd.schema.errors import ErrorStatus
from provd.services.errors import ServiceError, conflict, not_found
from provd.store.tables import SetupRow

NOTHING_LEFT = "Nothing was left at the carrier."
_NAMED = 5


def id_was_used(setup_id: str) -> ServiceError:
    """A 409: the caller's id for a run is that of another."""
    return ServiceError(
        ErrorStatus.ALREADY_EXISTS,
        "SETUP_EXISTS",
        f"there is a setup {setup_id} already: give each run a setup_id of its own, or none",
    )


def no_such_setup(setup_id: str) -> ServiceError:
    """A 404."""
    return not_found("SETUP_NOT_FOUND", f"there is no setup {setup_id}: GET /v1.0/setups lists them")


def not_now(setup: SetupRow, why: str) -> ServiceError:
    """A 409: a setup's state does not allow it."""
    return conflict("SETUP_STATE", f"the setup {setup.id} is {setup.state!r}, and {why}")


def busy(setup_id: str) -> ServiceError:
    """A 409: something is done about the setup right now."""
    return conflict(
        "SETUP_BUSY",
        f"the setup {setup_id} is under way: wait until it ends, GET /v1.0/setups/{setup_id} tells",
    )


def has_numbers(title: str, setup_id: str, numbers: Sequence[str]) -> str:
    """Why a trunk stays where it is."""
    shown = ", ".join(numbers[:_NAMED]) + (", ..." if len(numbers) > _NAMED else "")
    return (
        f"{len(numbers)} phone number{'s are' if len(numbers) > 1 else ' is'} still on the trunk ({shown}): "
        f"move or release them at {title}. It is then removed by itself within a day, or at once by "
        f"POST /v1.0/setups/{setup_id}/rollback"
    )


def what_is_left(setup: SetupRow, steps: Sequence[Step]) -> str:
    """What of a failed setup is still at the carrier, and what becomes of it."""
    left = [f"{step.resource.step} {step.carrier_id}".strip() for step in steps if step.may_be_there]
    return (
        f"Some of it could not be removed: {', '.join(left)}. It is tried again by itself; "
        f"GET /v1.0/setups/{setup.id} tells, and POST /v1.0/setups/{setup.id}/rollback tries now."
    )
