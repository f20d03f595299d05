from typing import Any

import pytest

from provd.schema.provider import ProbeOverrides, ProviderCreate
from provtui.form_fields import changes, field_of, problem, problems, texts_of, to_create
from tests.fakes.fake_client import a_provider


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("name", "", "Name is empty: give some text"),
        ("hostname", "sip:carrier.example", "Hostname is a URI"),
        ("hostname", "1.2.3.4:99999", "Hostname has the port '99999'"),
        ("tech_prefix", "00a", "Prefix may have the digits"),
        ("tech_postfix", "5@", "Postfix has a host after '@'"),
        ("tech_headers", "no colon here", "Headers need a colon"),
        ("tech_headers", "Via: x", "Headers has the header Via, which the SIP stack itself writes"),
        ("tech_headers", "X-A: 1\nX-A: 2", "Headers have X-A twice"),
        ("tags", "fine, " + "x" * 65, "Tags, number 2: "),
        ("codecs", "PCMU,not a codec", "Codecs has 'not a codec'"),
        ("probe.interval_s", "soon", "Check every must be a number of seconds"),
        ("probe.interval_s", "0.5", "Check every: Input should be greater than or equal to 1"),
        ("probe.fall", "2.5", "Fall must be a whole number"),
    ],
)
def test_what_is_wrong_is_said_as_the_daemon_would(path: str, text: str, said: str) -> None:
    assert (problem(path, text) or "").startswith(said)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("name", "東京"),
        ("hostname", "[2001:db8::1]:5060"),
        ("tags", " a, b ,, "),
        ("tech_headers", "X-Account: 42\n\nX-Zone: b: c"),
        ("probe.interval_s", ""),
        ("probe.interval_s", " 30 "),
        ("probe.rise", "3"),
        ("transport", "tls"),
        ("codecs", ""),
    ],
)
def test_what_is_right_is_not_complained_about(path: str, text: str) -> None:
    assert problem(path, text) is None


def test_a_new_provider_has_only_what_was_typed() -> None:
    texts = texts_of(None) | {"name": "A", "hostname": "a.example", "tags": "x, y", "probe.fall": "2"}
    assert problems(texts) == {}
    assert to_create(texts).model_dump(exclude_unset=True) == {
        "name": "A",
        "hostname": "a.example",
        "tags": ["x", "y"],
        "probe": {"fall": 2},
    }
    assert isinstance(to_create(texts), ProviderCreate)


def test_an_empty_form_lacks_a_name_and_a_hostname() -> None:
    assert set(problems(texts_of(None))) == {"name", "hostname"}


@pytest.mark.parametrize(
    ("typed", "patch"),
    [
        ({}, {}),
        ({"name": "B"}, {"name": "B"}),
        ({"name": "  A  "}, {}),
        ({"enabled": "no"}, {"enabled": False}),
        ({"transport": "tcp"}, {"transport": "tcp"}),
        ({"tags": "one"}, {"tags": ["one"]}),
        ({"tech_headers": "X-B: 2"}, {"tech_headers": {"X-B": "2"}}),
    ],
)
def test_only_what_differs_is_sent(typed: dict[str, str], patch: dict[str, Any]) -> None:
    base = a_provider("A", tags=["one", "two"], tech_headers={"X-A": "1"})
    assert changes(base, texts_of(base) | typed) == patch


def test_probe_settings_that_the_form_does_not_show_are_kept() -> None:
    base = a_provider("A", probe=ProbeOverrides(enabled=False, interval_s=30))
    sent = changes(base, texts_of(base) | {"probe.interval_s": "", "probe.rise": "4"})
    assert sent == {
        "probe": {"enabled": False, "interval_s": None, "timeout_s": None, "fall": None, "rise": 4}
    }


def test_error_details_find_their_fields() -> None:
    assert field_of("hostname") == "hostname"
    assert field_of("probe.fall") == "probe.fall"
    assert field_of("tech_headers.X-A") == "tech_headers"
    assert field_of("tags.0") == "tags"
    assert field_of("revision") is None


def test_hostile_values_are_harmless_in_the_form_and_are_not_sent_back_unasked() -> None:
    base = a_provider("A\x1b[31m", tags=["x\u202e"], tech_headers={"X-A": "1\x07"})
    texts = texts_of(base)
    assert not set("\x1b\u202e\x07") & set("".join(texts.values()))
    assert changes(base, texts | {"detail": "new"}) == {"detail": "new"}
