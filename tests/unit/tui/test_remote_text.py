import pytest
from rich.cells import cell_len

from provtui.text import clean, crop, fit, width


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("plain", "plain"),
        ("a\x1b[31mred\x07", "a[31mred"),
        ("a\x9b31m", "a31m"),
        ("two\r\nlines\u2028and\u2029more\x85", "two  lines and more "),
        ("\u202eevil\u2066x\u2069\u200f", "evilx"),
        ("zero\u200bwidth\ufeff\u00ad", "zerowidth"),
        ("family 👨\u200d👩", "family 👨👩"),
        ("❤\ufe0f", "❤"),
        ("bad \ud800 surrogate", "bad  surrogate"),
        ("z" + "\u0301" * 50 + "algo", "z" + "\u0301" * 3 + "algo"),
        ("[bold]markup[/] stays text", "[bold]markup[/] stays text"),
        ("日本語 Ünïcode", "日本語 Ünïcode"),
    ],
)
def test_what_could_move_the_cursor_is_dropped_and_the_rest_stays(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@pytest.mark.parametrize(
    "text", ["short", "東京テレコム株式会社", "Café 📞 Übertragung", "e\u0301" * 12, "a" * 40, ""]
)
@pytest.mark.parametrize("cells", [0, 1, 2, 7, 12])
@pytest.mark.parametrize("right", [False, True])
def test_fitted_text_takes_exactly_its_cells(text: str, cells: int, right: bool) -> None:
    assert cell_len(fit(text, cells, right=right)) == cells


def test_cut_text_ends_in_an_ellipsis_and_wide_characters_are_not_halved() -> None:
    assert crop("abcdef", 4) == "abc…"
    assert crop("東京都", 4) == "東…"
    assert width(crop("東京都", 5)) <= 5
