"""What saving would change, in two lines."""

import pytest

from provtui.change_words import Edited, change_words

LONG = "The number of their NOC is on the second page of the contract that we signed in"


def test_nothing_changed_is_nothing_said() -> None:
    assert change_words([]) == ""


def test_each_field_goes_from_what_to_what() -> None:
    edited = [Edited("port", "5060", "5061"), Edited("detail", "", "new")]
    assert change_words(edited) == "port: 5060 → 5061  detail: (empty) → new"


def test_long_values_are_shown_where_they_begin_to_differ() -> None:
    said = change_words([Edited("detail", f"{LONG} 2024, in May", f"{LONG} 2025, in June")])
    assert said.startswith("detail: …")
    assert "2024, in May → …" in said
    assert said.endswith("2025, in June")


@pytest.mark.parametrize("count", [1, 3, 12])
def test_many_fields_share_the_room(count: int) -> None:
    said = change_words([Edited("x", f"{LONG} {number}", LONG) for number in range(count)])
    assert len(said) <= max(120, 16 * count) + count * len("x:  →   ")


def test_what_differs_at_once_is_shown_from_its_beginning() -> None:
    assert change_words([Edited("detail", LONG, f"No. {LONG}")]).startswith("detail: The number")
