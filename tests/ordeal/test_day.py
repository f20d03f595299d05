"""A day in minutes: memory is flat from the fourth hour on, all is bounded, and no check is missing."""

from collections.abc import Callable

import pytest

from .killing import given_seed
from .soaking import EVENTS_KEPT, soaking
from .weighing import outgrown, resident

PROVIDERS, HOURS, SETTLED = 200, 24, 4
MAX_GROWTH = 8 * 1024 * 1024


@pytest.mark.timeout(900)
async def test_a_day_costs_no_more_than_its_first_hours(
    record_property: Callable[[str, object], None],
) -> None:
    async with soaking(PROVIDERS, given_seed()) as soak:
        for _ in range(SETTLED):
            await soak.hour()
        memory, held, rows = resident(), soak.sizes(), await soak.rows()
        for _ in range(HOURS - SETTLED):
            await soak.hour()
            await soak.prove_complete()
        growth = resident() - memory
        record_property("seed", given_seed())
        record_property("checks", soak.checks_total)
        record_property("events", soak.hub.seq)
        record_property(f"memory after {SETTLED} h", f"{memory / 1e6:.1f} MB")
        record_property(f"growth in {HOURS - SETTLED} h", f"{growth / 1e6:.1f} MB")
        record_property(f"rows after {SETTLED} h", rows)
        rows_after = await soak.rows()
        record_property(f"rows after {HOURS} h", rows_after)
        assert outgrown(held, soak.sizes()) == {}
        assert outgrown(rows, rows_after) == {}
        assert rows_after["event"] < 2 * EVENTS_KEPT
        assert growth < MAX_GROWTH
        verified = await soak.audit.verify()
        assert (verified.ok, verified.first_seq > 1) == (True, True)
        assert [each.type for each in await soak.deaf.take()] == ["resync"]
