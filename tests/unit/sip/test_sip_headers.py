import pytest

from provd.sip.headers import COMPACT_FORMS, Headers, canonical_name


def test_headers_keep_their_order() -> None:
    items = [("Via", "1"), ("X-B", "2"), ("Via", "3"), ("X-A", "4")]
    headers = Headers(items)
    assert list(headers) == items
    assert len(headers) == 4


def test_values_are_found_by_name_in_any_case_or_compact() -> None:
    headers = Headers([("v", "1"), ("VIA", "2"), ("x-mine", "3"), ("X-Mine", "4")])
    assert headers.get("via") == "1"
    assert headers.get_all("V") == ("1", "2")
    assert headers.get_all("X-MINE") == ("3", "4")
    assert headers.count("Via") == 2
    assert "viA" in headers
    assert "To" not in headers
    assert headers.get("To") is None
    assert headers.get_all("To") == ()


@pytest.mark.parametrize(("letter", "name"), COMPACT_FORMS.items())
def test_every_compact_form_is_expanded(letter: str, name: str) -> None:
    assert [*Headers([(letter, ""), (letter.upper(), ""), (name.lower(), "")])] == [(name, "")] * 3


def test_an_unknown_name_stays_as_it_is() -> None:
    assert canonical_name("X-unKNOWN") == "X-unKNOWN"
    assert canonical_name("q") == "q"


def test_letters_of_other_scripts_are_no_compact_forms() -> None:
    assert canonical_name("\u212a") == "\u212a"


def test_adding_gives_a_copy() -> None:
    headers = Headers([("Via", "1")])
    more = headers.add("t", "2")
    assert list(headers) == [("Via", "1")]
    assert list(more) == [("Via", "1"), ("To", "2")]


def test_headers_are_equal_whatever_the_case_of_their_names() -> None:
    assert Headers([("x-a", "1"), ("v", "2")]) == Headers([("X-A", "1"), ("Via", "2")])
    assert hash(Headers([("x-a", "1")])) == hash(Headers([("X-A", "1")]))
    assert Headers([("X-A", "1")]) != Headers([("X-A", "2")])
    assert Headers([("X-A", "1"), ("X-B", "1")]) != Headers([("X-B", "1"), ("X-A", "1")])
    assert Headers() != ()
    assert repr(Headers([("v", "2")])) == "Headers([('Via', '2')])"
