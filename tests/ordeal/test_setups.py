"""A daemon is killed at every call of a setup and its undoing, at each kind of carrier."""

from collections.abc import Iterator

import pytest

from tests.fakes.carriers.cases import BANDWIDTH, TELNYX, TWILIO, Case
from tests.fakes.programs import Programs, preloaded_programs

from .setups import finish_setups, finish_undoings

each_kind = pytest.mark.parametrize("case", [TELNYX[0], TWILIO[1], *BANDWIDTH], ids=str)
before_or_after = pytest.mark.parametrize("acts", [False, True], ids=["before it acted", "after it acted"])
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    with preloaded_programs() as ready:
        yield ready


@before_or_after
@each_kind
async def test_a_setup_is_finished_after_a_kill(programs: Programs, case: Case, acts: bool) -> None:
    await finish_setups(programs, case, acts=acts)


@before_or_after
@each_kind
async def test_an_undoing_is_finished_after_a_kill(programs: Programs, case: Case, acts: bool) -> None:
    await finish_undoings(programs, case, acts=acts)
