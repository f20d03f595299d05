"""Kills at random moments: what was acknowledged is there, and what was announced is written."""

from collections.abc import Callable, Iterator

import pytest

from tests.fakes.daemon import temporary_folder
from tests.fakes.programs import Programs, preloaded_programs

from .killing import forked, given_seed, kill_often, report

KILLS, SERIES = 45, 4


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    with preloaded_programs() as ready:
        yield ready


@pytest.mark.timeout(600)
@pytest.mark.parametrize("series", range(SERIES))
async def test_what_was_promised_outlives_many_kills(
    programs: Programs, series: int, record_property: Callable[[str, object], None]
) -> None:
    seed = given_seed()
    async with temporary_folder() as folder:
        found = await kill_often(forked(programs), folder, KILLS, seed, series)
    report(found, seed, record_property)
    assert found.changes > found.kills - found.at_birth
    assert found.acknowledged > 3 * (found.kills - found.at_birth)
