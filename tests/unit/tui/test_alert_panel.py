"""The providers of an alert, a line each, in the room that a dialog has."""

import pytest

from provd.schema.timestamps import to_timestamp
from provtui.panels.alert import alert_detail, provider_rows
from provtui.text import width
from tests.fakes.fake_alerts import alerted, an_alert
from tests.fakes.fake_client import NOW

CELLS = 71
BEFORE, NOW_AT = to_timestamp(NOW - 86400), to_timestamp(NOW - 60)
LONG_NAME = "A carrier with quite a long name that does not fit"
LONG_VALUE = "unhealthy: refused by the host that its name leads to"


def rows(*providers: tuple[str, str], cells: int = CELLS, **fields: str) -> list[str]:
    made = [alerted(name, NOW_AT, value=value, **fields) for name, value in providers]
    return [row.plain for row in provider_rows(made, NOW, cells)]


def test_what_was_found_has_the_room_that_short_names_leave() -> None:
    first, second = rows(("Acme", "timeout"), ("Orange Paris", LONG_VALUE[:40]))
    assert LONG_VALUE[:40] in second
    assert first.index("timeout") == second.index("unhealthy")


def test_a_long_name_has_the_room_that_what_was_found_leaves() -> None:
    (row,) = rows((LONG_NAME, "timeout"))
    assert LONG_NAME[:45] in row


def test_where_both_are_long_each_has_half() -> None:
    (row,) = rows((LONG_NAME, LONG_VALUE))
    assert LONG_NAME[:25] in row
    assert LONG_VALUE[:25] in row


def test_since_when_it_is_well_is_whole_though_that_was_on_another_day() -> None:
    (row,) = rows(("Acme", LONG_VALUE), cleared_at=BEFORE)
    assert row.endswith(f"well since {BEFORE[5:16]}")


def test_who_is_not_checked_any_more_is_not_said_to_be_well() -> None:
    (row,) = rows(("Acme", "timeout"), cleared_at=BEFORE, cleared_why="it is no longer checked")
    assert row.endswith(f"over since {BEFORE[5:16]}")


def test_why_it_is_over_is_not_ticked_off_like_what_is_well() -> None:
    gone = alerted("Acme", NOW_AT, cleared_at=BEFORE, cleared_why="it is no longer checked")
    lines = alert_detail(an_alert(1, NOW_AT, "Acme"), gone, None, NOW, CELLS).plain.splitlines()
    assert "over: it is no longer checked" in lines


@pytest.mark.parametrize("cells", [40, 71, 76])
def test_each_line_fills_the_room(cells: int) -> None:
    for row in rows((LONG_NAME, LONG_VALUE), ("東京テレコム", "timeout"), ("", "x"), cells=cells):
        assert width(row) == cells


def test_an_alert_of_none_has_no_lines() -> None:
    assert rows() == []
