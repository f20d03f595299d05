"""The code policy."""

import pytest

from provd.schema.codes import parse_codes


@pytest.mark.parametrize(
    ("text", "accepted", "refused"),
    [
        ("2xx", [200, 299], [199, 300, 503]),
        ("200-299,404,405", [200, 202, 404, 405], [403, 500]),
        (" 2XX , 4xx ", [200, 404, 499], [500]),
        ("486", [486], [485, 487]),
    ],
)
def test_it_accepts_what_it_says(text: str, accepted: list[int], refused: list[int]) -> None:
    policy = parse_codes(text)
    assert policy is not None
    assert all(policy.accepts(code) for code in accepted)
    assert not any(policy.accepts(code) for code in refused)


def test_any_has_no_policy() -> None:
    assert parse_codes("any") is None
    assert parse_codes(" ANY ") is None


@pytest.mark.parametrize(
    "text", ["", "all", "7xx", "99", "200-", "299-200", "200,,404", "2x", "200;404", "x" * 300]
)
def test_what_it_cannot_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(has|is) "):
        parse_codes(text)
