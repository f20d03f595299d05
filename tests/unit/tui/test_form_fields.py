from typing import Any

import pytest

from provd.schema.probe import Preset, ProbeOverrides, RollUp
from provd.schema.provider import ProviderCreate
from provtui.form_fields import FIELDS, changes, field_of, problem, problems, texts_of, to_create
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
        ("probe.codes", "9xx", "Codes has '9xx': write any, 2xx"),
        ("probe.bind", "somewhere", "Send from must be address:port"),
        ("probe.contact", "sbc.example", "Contact must be a SIP URI"),
        ("probe.max_forwards", "many", "Max-Forwards must be a whole number"),
        (
            "probe.headers",
            "User-Agent: x",
            "More headers has the header User-Agent, which every check carries",
        ),
        ("probe.tls_sni", "a.example:5061", "TLS name is the name in a certificate: leave out the port"),
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
        ("probe.headers", ""),
        ("probe.tls_verify", ""),
        ("probe.reuse", "no"),
        ("probe.rollup", "quorum"),
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


def test_the_settings_of_checks_are_sent_as_a_whole_without_those_that_were_cleared() -> None:
    base = a_provider("A", probe=ProbeOverrides(enabled=False, interval_s=30, headers={"X-A": "1"}))
    sent = changes(base, texts_of(base) | {"probe.interval_s": "", "probe.rise": "4"})
    assert sent == {"probe": {"enabled": False, "rise": 4, "headers": {"X-A": "1"}}}


def test_the_form_has_every_setting_of_checks() -> None:
    assert {f"probe.{name}" for name in ProbeOverrides.model_fields} <= {field.path for field in FIELDS}


def test_every_setting_of_checks_comes_back_as_it_was() -> None:
    base = a_provider(
        "A",
        probe=ProbeOverrides(
            enabled=True,
            interval_s=30,
            timeout_s=2.5,
            fall=3,
            rise=2,
            codes="2xx,404",
            rollup=RollUp.ALL,
            preset=Preset.TEAMS,
            bind="0.0.0.0:0",
            from_uri="sip:probe@sbc.example.com",
            contact="sip:sbc.example.com:5061;transport=tls",
            user_agent="sbc",
            max_forwards=70,
            headers={"X-A": "1"},
            send_tech_headers=False,
            tls_verify=True,
            tls_sni="sip.example.com",
            reuse=False,
        ),
    )
    texts = texts_of(base)
    assert problems(texts) == {}
    assert changes(base, texts | {"probe.fall": "4"}) == {"probe": base.probe.model_dump() | {"fall": 4}}


def test_settings_that_do_not_fit_each_other_are_said_where_they_can_be_put_right() -> None:
    texts = texts_of(a_provider("A")) | {"probe.preset": "teams"}
    assert problem("probe.preset", "teams") is None
    assert problems(texts) == {
        "probe.contact": "Contact: preset teams needs contact with the SBC's own FQDN, like "
        "sip:sbc.example.com:5061;transport=tls"
    }
    assert problems(texts | {"probe.contact": "sip:sbc.example.com"}) == {}


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
