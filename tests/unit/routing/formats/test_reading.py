"""Files that others wrote, or that are broken: what is carried over, what is said not to be."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provd.routing.formats.base import FormatError, Problem, Read, read, write
from provd.routing.formats.registry import FORMATS, READERS

from .hostile import TEXT

ID = "11111111-2222-4333-8444-555555555555"
GATEWAYS = (
    "id(int,auto) gwid(string) type(int) address(string) strip(int) pri_prefix(string,null) "
    "attrs(string,null) probe_mode(int) state(int) socket(string,null) description(string,null)"
)
RULES = (
    "ruleid(int,auto) groupid(string) prefix(string) timerec(string) priority(int) routeid(string,null) "
    "gwlist(string) sort_alg(int) sort_profile(int) attrs(string,null) description(string) "
)


def sorted_out(form: str, text: str) -> tuple[list[dict[str, Any]], list[tuple[int, str, bool]]]:
    found = list(read(READERS[form](), text.split("\n")))
    records = [each.record for each in found if isinstance(each, Read)]
    return records, [(p.line, p.message, p.left_out) for p in found if isinstance(p, Problem)]


def test_a_dispatcher_list_of_others_gives_providers_and_says_what_has_no_place() -> None:
    text = "\n".join(
        [
            "# a comment",
            "",
            "1 sip:192.0.2.1:5070;transport=tcp 8 5 weight=50;socket=udp:192.0.2.9:5060",
            "2 sips:sbc.example.com",
            "2 sip:user@192.0.2.3 4",
            "2 tel:+1",
            "x sip:192.0.2.4",
            f"3 sip:192.0.2.5 0 0 duid={ID};name=Acme%20EU",
            "3 sip:192.0.2.6 0 0 " + "a" * 1100,
        ]
    )
    records, problems = sorted_out("kamailio", text)
    assert [(each["hostname"], each["transport"], each["enabled"]) for each in records] == [
        ("192.0.2.1:5070", "tcp", True),
        ("sbc.example.com", "tls", True),
        ("192.0.2.3", "udp", False),
        ("192.0.2.5", "udp", True),
    ]
    assert (records[3]["id"], records[3]["name"]) == (ID, "Acme EU")
    assert [(line, left_out) for line, _, left_out in problems] == [
        (3, False), (4, False), (5, False), (6, True), (7, True), (9, True),
    ]  # fmt: skip
    assert "socket" in problems[0][1]
    assert "the priority 5" in problems[0][1]
    assert "user part" in problems[2][1]


def test_the_same_file_of_others_has_the_same_ids_each_time() -> None:
    text = "1 sip:192.0.2.1\n1 sip:192.0.2.2"
    first, second = sorted_out("kamailio", text)[0], sorted_out("kamailio", text)[0]
    assert first == second
    assert len({each["id"] for each in first}) == 2


def test_tables_of_an_opensips_give_providers_and_routes() -> None:
    text = rf"""{GATEWAYS}
1:gw1:0:192.0.2.1\:5070:0:00:attrs:0:0::Acme \\ EU
2:gw2:0:sip\:sbc.example.com;transport=tls:2::name=x:0:1:udp\:192.0.2.9\:5060:
3:gw3:0:192.0.2.3
4:gw4:0:192.0.2.4\x:0::::0:0::
{RULES}
1:0:44:20040101T000000:10::gw1=3,gw2:0:0::
2:0,1:::1::gw1;#carrier;nobody:0:0::"""
    records, problems = sorted_out("opensips", text)
    one, two, first, second, fallback = records
    assert (one["hostname"], one["tech_prefix"], one["name"]) == ("192.0.2.1:5070", "00", "Acme \\ EU")
    assert (two["transport"], two["enabled"]) == ("tls", False)
    assert (first["provider_id"], first["target"], first["weight"]) == (one["id"], "+44", 3)
    assert (second["provider_id"], second["weight"]) == (two["id"], 1)
    assert (fallback["target"], fallback["provider_id"]) == ("all", one["id"])
    assert first["priority"] < fallback["priority"]  # OpenSIPS takes the highest first
    said = {line: message for line, message, _ in problems}
    assert {line for line, _, left_out in problems if left_out} == {4, 5}
    assert "strip" in said[3]
    assert "socket" in said[3]
    assert "timerec" in said[7]
    assert "#carrier" in said[8]
    assert "groups" in said[8]


def test_a_pjsip_conf_of_others_gives_a_provider_for_each_contact() -> None:
    text = """\
;-- not
[this]
type=aor --;
[transport-udp]
type=transport
[acme]
type = endpoint ; a trunk
aors=acme
allow=!all,ulaw,g722
outbound_auth => acme
[acme](template)
type=aor
contact=sip:sbc.example.com:5061\\;transport=tls
[phone]
type=aor
max_contacts=1
#include more.conf
what is this"""
    (record,), problems = sorted_out("asterisk", text)
    assert record == {
        "id": record["id"], "name": "acme", "hostname": "sbc.example.com:5061", "transport": "tls",
        "codecs": "PCMU,G722", "enabled": True,
    }  # fmt: skip
    messages = " / ".join(message for _, message, _ in problems)
    for word in ("'transport'", "outbound_auth", "(template)", "phones register", "directive"):
        assert word in messages
    assert [left_out for _, _, left_out in problems].count(True) == 1


def test_gateways_of_a_freeswitch_give_providers() -> None:
    text = """<include>
  <gateway name="acme">
    <param name="proxy" value="sbc.example.com:5061"/>
    <param name="register-transport" value="tls"/>
    <param name="username" value="me"/>
    <param name="password" value="secret"/>
    <variables><variable name="sip_h_X-Account" value="a&amp;b" direction="outbound"/>
      <variable name="rtp_secure_media" value="true"/></variables>
  </gateway>
  <gateway name="$${default_provider}"><param name="proxy" value="$${proxy}"/></gateway>
</include>"""
    (record,), problems = sorted_out("freeswitch", text)
    assert (record["hostname"], record["transport"]) == ("sbc.example.com:5061", "tls")
    assert record["tech_headers"] == {"X-Account": "a&b"}
    (warning, failure) = problems
    assert not warning[2]
    assert "registers" in warning[1]
    assert "secret" not in warning[1]
    assert "rtp_secure_media" in warning[1]
    assert failure[2]
    assert "$${proxy}" in failure[1]


PROVIDER = {
    "id": ID, "name": "Acme", "hostname": "192.0.2.1", "detail": "d", "tech_prefix": "", "tech_postfix": "",
    "tech_headers": {"X-A": "1", "X-B": "${b}"}, "codecs": "", "transport": "udp", "enabled": True,
}  # fmt: skip


@pytest.mark.parametrize("form", ["kamailio", "opensips", "asterisk", "freeswitch"])
def test_what_was_edited_in_the_engines_own_lines_is_taken_over_and_the_rest_kept(form: str) -> None:
    text = "".join("".join(write(make(), [PROVIDER], [])) for make in FORMATS[form].files.values())
    lines = [
        line if "provd:" in line or "provd\\:" in line else line.replace("192.0.2.1", "192.0.2.77")
        for line in text.split("\n")
    ]
    (record,), problems = sorted_out(form, "\n".join(lines))
    assert record == {**PROVIDER, "hostname": "192.0.2.77"}
    assert problems == []


@pytest.mark.parametrize("form", ["yaml", "kamailio", "opensips", "asterisk", "freeswitch"])
def test_a_file_of_a_newer_provd_is_refused_as_a_whole(form: str) -> None:
    text = "".join("".join(write(make(), [PROVIDER], [])) for make in FORMATS[form].files.values())
    newer = text.replace("provd-export: 1", "provd-export: 2").replace(
        "provd-export\\: 1", "provd-export\\: 2"
    )
    with pytest.raises(FormatError, match="version '2'"):
        sorted_out(form, newer.replace("provd: 1\n", "provd: 2\n"))


def test_a_record_that_is_not_whole_is_a_failure_of_its_line() -> None:
    _, problems = sorted_out("kamailio", '# provd: {"id":"x"\n# other\n# provd: [1]\n')
    assert [(line, left_out) for line, _, left_out in problems] == [(1, True), (3, True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("routes: &x []\nproviders: *x", "anchor"),
        ("providers: [!!python/object:os.system {}]", "tag"),
        ("providers:\n- {a: 1, a: 2}", "second time"),
        ("providers: []\nproviders: []", "second time"),
        ("provider: []", "there are the lists"),
        ("providers:\n- {1: 2}", "not text"),
        ("providers:\n  - a: [", "not YAML"),
        ("just words", "plain value"),
        ("providers:\n- " + "[" * 100 + "]" * 100, "too deeply"),
        ("a: \x00", "not YAML"),
    ],
)
def test_yaml_with_surprises_is_refused(text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        sorted_out("yaml", text)


def test_yaml_keeps_numbers_to_dial_and_dates_as_text() -> None:
    text = "- {name: 2020-01-01, tech_prefix: +1, tech_postfix: 00, hostname: x}\n- 7"
    (record,), problems = sorted_out("yaml", text)
    assert record == {"name": "2020-01-01", "tech_prefix": "+1", "tech_postfix": "00", "hostname": "x"}
    assert [line for line, _, _ in problems] == [2]


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("freeswitch", "<include>", "not XML"),
        ("freeswitch", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        ("freeswitch", "<a>" * 30, "too deeply"),
        ("freeswitch", "<include>" + "x" * 9_000_000, "nothing that is complete"),
        ("opensips", "1:2:3", "names columns"),
    ],
)
def test_a_file_that_is_broken_is_refused_as_a_whole(form: str, text: str, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        sorted_out(form, text)


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=50, deadline=None)
@given(lines=st.lists(st.one_of(TEXT, st.text(max_size=60)), max_size=12))
def test_no_text_makes_a_reader_raise_anything_else(form: str, lines: Sequence[str]) -> None:
    _survives(form, lines)


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_nor_does_a_file_of_ours_that_was_damaged(form: str, data: st.DataObject) -> None:
    text = "".join("".join(write(make(), [PROVIDER], [])) for make in FORMATS[form].files.values())
    at = data.draw(st.integers(0, len(text)))
    damaged = text[:at] + data.draw(TEXT) + text[at + data.draw(st.integers(0, 20)) :]
    _survives(form, damaged.split("\n"))


def _survives(form: str, lines: Sequence[str]) -> None:
    with suppress(FormatError):
        found = list(read(READERS[form](), [part for line in lines for part in line.split("\n")]))
        assert all(isinstance(each, Read | Problem) for each in found)
