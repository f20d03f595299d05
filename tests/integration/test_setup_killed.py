"""The daemon is killed at each call of a setup at Telnyx, once the carrier acted; tests/ordeal has more."""

import pytest

from tests.fakes.carriers.cases import TELNYX
from tests.fakes.programs import Programs
from tests.ordeal.setups import finish_setups, finish_undoings

pytestmark = pytest.mark.timeout(180)


async def test_a_setup_is_finished_after_a_kill(programs: Programs) -> None:
    await finish_setups(programs, TELNYX[0], acts=True)


async def test_an_undoing_is_finished_after_a_kill(programs: Programs) -> None:
    await finish_undoings(programs, TELNYX[0], acts=True)
