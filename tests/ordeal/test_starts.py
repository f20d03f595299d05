"""After a kill it is soon back. This has the machine for itself: nothing else is to run beside it."""

from collections.abc import Callable
from statistics import median

import pytest

from tests.fakes.daemon import temporary_folder

from .killing import given_seed, kill_often, report, started_anew

KILLS = 20


@pytest.mark.timeout(600)
async def test_it_answers_within_two_seconds_of_its_start(
    record_property: Callable[[str, object], None],
) -> None:
    seed = given_seed()
    async with temporary_folder() as folder:
        found = await kill_often(started_anew, folder, KILLS, seed, 0)
    report(found, seed, record_property)
    record_property("start-up, slowest", f"{max(found.starts_s):.2f} s of {len(found.starts_s)}")
    record_property("start-up, median", f"{median(found.starts_s):.2f} s")
    assert median(found.starts_s) < 2.0
