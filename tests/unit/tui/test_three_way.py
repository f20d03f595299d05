"""Three versions of a record: what differs, and yours put over theirs."""

import json
from typing import Any

import pytest

from provtui.three_way import Difference, differences, yours_over

BASE = {"name": "Acme", "tags": ["eu"], "probe": {"fall": 3, "rise": 1, "headers": {}}}


def test_what_is_the_same_in_all_three_is_left_out() -> None:
    theirs = BASE | {"name": "Acme SA"}
    yours = BASE | {"tags": ["eu", "us"], "probe": {"fall": 5, "rise": 1, "headers": {}}}
    assert list(differences(BASE, theirs, yours)) == [
        Difference("name", '"Acme"', '"Acme SA"', '"Acme"'),
        Difference("tags", '["eu"]', '["eu"]', '["eu", "us"]'),
        Difference("probe.fall", "3", "3", "5"),
    ]


def test_what_all_have_done_alike_is_shown_once() -> None:
    both = BASE | {"name": "Acme SA"}
    assert list(differences(BASE, both, both)) == [Difference("name", '"Acme"', '"Acme SA"', '"Acme SA"')]


def test_what_is_not_in_a_version_says_so() -> None:
    theirs = {"headers": {"X-A": "1"}}
    assert list(differences({"headers": {}}, theirs, {})) == [
        Difference("headers", "{}", '{"X-A": "1"}', "(not there)")
    ]
    assert list(differences({"headers": {}}, theirs, {"headers": {}})) == [
        Difference("headers.X-A", "(not there)", '"1"', "(not there)")
    ]


def test_remote_text_is_fit_to_draw_and_still_tells_itself_apart() -> None:
    (shown,) = differences({"na\x1bme": "a"}, {"na\x1bme": "a\u202e"}, {"na\x1bme": "a\x1b[2J"})
    assert shown == Difference("name", '"a"', '"a\\u202e"', '"a\\u001b[2J"')
    assert json.loads(shown.theirs) == "a\u202e"


@pytest.mark.parametrize(
    ("theirs", "yours", "merged"),
    [
        ({"a": 2, "b": {"c": 1}}, {"a": 1, "b": {"c": 5}}, {"a": 2, "b": {"c": 5}}),
        ({"a": 2, "b": {"c": 9}}, {"a": 3, "b": {"c": 1}}, {"a": 3, "b": {"c": 9}}),
        ({"a": 2, "b": {"c": 1, "d": 4}}, {"a": 1, "b": {"c": 5}}, {"a": 2, "b": {"c": 5, "d": 4}}),
        ({"a": 2, "b": {"c": 1}}, {"a": 1}, {"a": 2}),
        ({"b": {"c": 1}}, {"a": 1, "b": {"c": 5}}, {"b": {"c": 5}}),
        ({"b": {}}, {"a": 9, "b": {"c": 1}, "e": 0}, {"b": {}, "a": 9, "e": 0}),
        ({"a": 1, "b": None}, {"a": 1, "b": {"c": 5}}, {"a": 1, "b": {"c": 5}}),
    ],
    ids=[
        "each changed another field",
        "each changed another field, the other way round",
        "they added one",
        "you took one out",
        "they took one out",
        "you changed what they took out",
        "you changed the inside of what they emptied",
    ],
)
def test_yours_over_theirs_keeps_what_only_they_changed(
    theirs: dict[str, Any], yours: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert yours_over({"a": 1, "b": {"c": 1}}, theirs, yours) == merged
