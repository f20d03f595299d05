"""The daemon is killed at each call of a setup at Telnyx; the other carriers are in tests/ordeal."""

import pytest

from tests.fakes.carriers.cases import TELNYX
from tests.fakes.programs import Programs
from tests.ordeal.setups import finish_setups, finish_undoings

before_or_after = pytest.mark.parametrize("acts", [False, True], ids=["before it acted", "after it acted"])
pytestmark = pytest.mark.timeout(180)


@before_or_after
async def test_a_setup_is_finished_after_a_kill(programs: Programs, acts: bool) -> None:
    await finish_setups(programs, TELNYX[0], acts=acts)


@before_or_after
async def test_an_undoing_is_finished_after_a_kill(programs: Programs, acts: bool) -> None:
    await finish_undoings(programs, TELNYX[0], acts=acts)
