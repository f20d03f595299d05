"""A daemon that is killed while it works has everything that it promised; tests/ordeal has a longer form."""

import pytest

from tests.fakes.daemon import temporary_folder
from tests.fakes.programs import Programs
from tests.ordeal.killing import forked, given_seed, kill_often

KILLS, SERIES = 4, 2


@pytest.mark.parametrize("series", range(SERIES))
async def test_what_was_promised_outlives_kills_at_random_moments(programs: Programs, series: int) -> None:
    async with temporary_folder() as folder:
        found = await kill_often(forked(programs), folder, KILLS, given_seed(), series)
    assert found.kills == KILLS
    assert found.at_birth == KILLS or min(found.acknowledged, found.events) > 0
