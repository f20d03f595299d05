"""``--probe KEY=VALUE``."""

import pytest

from provd.cli.probe_options import ProbeOptionError, as_options, changed, read_options
from provd.schema.probe import ProbeOverrides


def test_a_key_is_set_and_an_empty_value_unsets_it() -> None:
    assert read_options(["codes=2xx, 404", "rollup=", "contact=sip:a@b;transport=tls"]) == {
        "codes": "2xx, 404",
        "rollup": None,
        "contact": "sip:a@b;transport=tls",
    }


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["codes"], "has no '=': write KEY=VALUE"),
        (["cods=2xx"], "there is no 'cods': did you mean codes?"),
        (["=2xx"], "there is no ''"),
        (["zzz=1"], "known are enabled, interval_s"),
        (["headers.=1"], "there is no 'headers.'"),
        (["headers=X-A: 1"], "named one by one, like headers.X-Account=17"),
        (["codes=2xx", "codes=any"], "codes is given twice"),
    ],
)
def test_what_is_no_option_is_refused_in_words(lines: list[str], says: str) -> None:
    with pytest.raises(ProbeOptionError) as caught:
        read_options(lines)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("codes=2xx", {"fall": 3, "codes": "2xx", "headers": {"X-A": "1", "X-B": "2"}}),
        ("fall=", {"headers": {"X-A": "1", "X-B": "2"}}),
        ("rise=", {"fall": 3, "headers": {"X-A": "1", "X-B": "2"}}),
        ("headers.X-C=3", {"fall": 3, "headers": {"X-A": "1", "X-B": "2", "X-C": "3"}}),
        ("headers.x-a=9", {"fall": 3, "headers": {"X-B": "2", "x-a": "9"}}),
        ("headers.x-a=", {"fall": 3, "headers": {"X-B": "2"}}),
        ("headers=", {"fall": 3}),
    ],
)
def test_what_is_not_named_stays_as_it_was(line: str, after: dict[str, object]) -> None:
    before = {"fall": 3, "headers": {"X-A": "1", "X-B": "2"}}
    assert changed(before, read_options([line])) == after
    assert before == {"fall": 3, "headers": {"X-A": "1", "X-B": "2"}}


def test_the_last_header_takes_the_field_with_it() -> None:
    assert changed({"headers": {"X-A": "1"}}, read_options(["headers.X-A="])) == {}


def test_headers_are_replaced_as_a_whole_when_they_are_cleared_first() -> None:
    options = read_options(["headers=", "headers.X-C=3"])
    assert changed({"headers": {"X-A": "1"}}, options) == {"headers": {"X-C": "3"}}


def test_what_is_set_is_shown_as_it_would_be_typed() -> None:
    probe = ProbeOverrides.model_validate(
        {"interval_s": 15, "timeout_s": 2.5, "tls_verify": False, "rollup": "all", "headers": {"X-A": "a b"}}
    )
    shown = as_options(probe)
    assert sorted(shown) == [
        *("headers.X-A=a b", "interval_s=15", "rollup=all", "timeout_s=2.5", "tls_verify=false")
    ]
    assert ProbeOverrides.model_validate(changed({}, read_options(shown))) == probe
