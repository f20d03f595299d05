"""Digest authentication against the examples of the RFCs."""

from hashlib import md5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.sip.digest import Challenge, DigestError, Login, answer, choose, parse_challenge
from provd.sip.errors import SipParseError

_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
_CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
_OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"


def challenge(algorithm: str) -> str:
    return (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{_NONCE}", opaque="{_OPAQUE}"'
    )


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    asked = choose([challenge(algorithm)])
    login = Login("Mufasa", "Circle of Life")
    given_back = answer(asked, login, "GET", "/dir/index.html", cnonce=_CNONCE)
    assert f'response="{response}"' in given_back
    assert f'opaque="{_OPAQUE}"' in given_back
    assert f"algorithm={algorithm}, qop=auth, nc=00000001" in given_back


def test_rfc_7616_section_3_9_2_with_its_erratum() -> None:
    """The username is hashed. The RFC prints a SHA-512 that was cut short; erratum 4897 has SHA-512/256."""
    asked = parse_challenge(
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", '
        'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true'
    )
    assert asked is not None
    given_back = answer(
        asked,
        Login("J\u00e4s\u00f8n Doe", "Secret, or not?"),
        "GET",
        "/doe.json",
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    )
    assert 'username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"' in given_back
    assert 'response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"' in given_back
    assert given_back.endswith("userhash=true")


def test_rfc_2069_without_a_qop() -> None:
    """RFC 2617 section 3.5's secrets without its qop."""
    asked = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    given_back = answer(asked, Login("Mufasa", "Circle Of Life"), "GET", "/dir/index.html", cnonce="0a4f113b")
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in given_back
    assert "cnonce" not in given_back
    assert "qop" not in given_back


def test_the_body_counts_with_auth_int_alone() -> None:
    asked = Challenge("r", "n", qop=("auth-int",))
    one = answer(asked, Login("u", "p"), "INVITE", "sip:a@b", cnonce="c", body=b"1")
    assert "qop=auth-int" in one
    assert one != answer(asked, Login("u", "p"), "INVITE", "sip:a@b", cnonce="c", body=b"2")


def test_the_first_that_can_be_answered_is_chosen() -> None:
    best = choose([challenge("SHA-1"), challenge("SHA-512-256"), challenge("MD5")])
    assert best.algorithm == "SHA-512-256"


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["Basic realm=x"],
        ['Digest realm="x"'],
        ['Digest realm="x", nonce="y", algorithm=SHA-1'],
        ['Digest realm="x", nonce="y", qop="auth-conf"'],
        ['Digest realm="x" nonsense, nonce="y"'],
    ],
)
def test_what_can_not_be_answered_is_refused_with_a_reason(values: list[str]) -> None:
    with pytest.raises(DigestError):
        choose(values)


def test_quotes_in_what_is_told_are_escaped() -> None:
    written = answer(Challenge('a "realm"', "n"), Login('u"', "p"), "BYE", "sip:b", cnonce="c")
    assert r'username="u\"", realm="a \"realm\""' in written


@given(st.text(max_size=200))
def test_any_text_is_a_challenge_or_refused(text: str) -> None:
    for value in (text, f"Digest {text}", f'Digest realm="r", nonce="n", {text}'):
        try:
            asked = parse_challenge(value)
        except SipParseError:
            continue
        if asked is not None and asked.answerable:
            assert "\n" not in answer(asked, Login("u", "p"), "BYE", "sip:b", cnonce="c") or "\n" in value


def test_a_realm_that_is_no_utf_8_is_answered_with_the_bytes_it_has() -> None:
    asked = parse_challenge('Digest realm="caf\udce9", nonce="n"')
    assert asked is not None
    given_back = answer(asked, Login("u", "p"), "BYE", "sip:b", cnonce="c")
    assert 'realm="caf\udce9"' in given_back
    assert f'response="{_md5_of_latin_1()}"' in given_back


def _md5_of_latin_1() -> str:
    secret = md5(b"u:caf\xe9:p", usedforsecurity=False).hexdigest()
    about = md5(b"BYE:sip:b", usedforsecurity=False).hexdigest()
    return md5(f"{secret}:n:{about}".encode(), usedforsecurity=False).hexdigest()
