"""Two hours under a fake clock: everything is bounded, and no check is missing. tests/ordeal has a day."""

from tests.ordeal.killing import given_seed
from tests.ordeal.soaking import soaking
from tests.ordeal.weighing import outgrown


async def test_nothing_that_the_parts_hold_grows_with_the_hours() -> None:
    async with soaking(30, given_seed()) as soak:
        await soak.hour()
        held = soak.sizes()
        await soak.hour()
        await soak.prove_complete()
        assert outgrown(held, soak.sizes()) == {}
        assert (await soak.audit.verify()).ok
