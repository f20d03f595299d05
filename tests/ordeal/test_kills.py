"""Two hundred kills: what was acknowledged is there, what was announced is written, and it is soon back."""

from collections.abc import Callable, Iterator
from statistics import median

import pytest

from tests.fakes.daemon import temporary_folder
from tests.fakes.programs import Programs, preloaded_programs

from .killing import Outcome, forked, given_seed, kill_often, started_anew

KILLS, SERIES = 45, 4
KILLS_ANEW = 20
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    with preloaded_programs() as ready:
        yield ready


@pytest.mark.timeout(600)
@pytest.mark.parametrize("series", range(SERIES))
async def test_what_was_promised_outlives_many_kills(
    programs: Programs, series: int, record_property: Record
) -> None:
    seed = given_seed()
    async with temporary_folder() as folder:
        found = await kill_often(forked(programs), folder, KILLS, seed, series)
    _report(found, seed, record_property)
    assert found.changes > found.kills - found.at_birth
    assert found.acknowledged > 10 * (found.kills - found.at_birth)


@pytest.mark.timeout(600)
async def test_it_answers_within_two_seconds_of_its_start(record_property: Record) -> None:
    seed = given_seed()
    async with temporary_folder() as folder:
        found = await kill_often(started_anew, folder, KILLS_ANEW, seed, SERIES)
    _report(found, seed, record_property)
    record_property("start-up, slowest", f"{max(found.starts_s):.2f} s of {len(found.starts_s)}")
    record_property("start-up, median", f"{median(found.starts_s):.2f} s")
    assert median(found.starts_s) < 2.0


def _report(found: Outcome, seed: str, record_property: Record) -> None:
    record_property("seed", seed)
    record_property("kills", f"{found.kills}, {found.at_birth} of them before it answered")
    record_property("changes acknowledged", found.acknowledged)
    record_property("changes under way at a kill", found.cut_off)
    record_property("events heard", f"{found.events}, {found.changes} of them of health")
