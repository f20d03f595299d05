"""Hostnames: the three forms, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.schema.hostname import HostKind, parse_hostname


@pytest.mark.parametrize(
    ("text", "host", "kind", "port"),
    [
        ("sip.telnyx.com", "sip.telnyx.com", HostKind.NAME, None),
        ("sip.telnyx.com.", "sip.telnyx.com.", HostKind.NAME, None),
        ("SIP.Example.COM:5061", "SIP.Example.COM", HostKind.NAME, 5061),
        ("localhost", "localhost", HostKind.NAME, None),
        ("my_trunk.internal", "my_trunk.internal", HostKind.NAME, None),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", HostKind.NAME, None),
        ("4you.example", "4you.example", HostKind.NAME, None),
        ("192.0.2.1", "192.0.2.1", HostKind.IPV4, None),
        ("192.0.2.1:1", "192.0.2.1", HostKind.IPV4, 1),
        ("[2001:db8::1]", "2001:db8::1", HostKind.IPV6, None),
        ("[2001:DB8:0::1]:65535", "2001:db8::1", HostKind.IPV6, 65535),
        ("tel:5060", "tel", HostKind.NAME, 5060),
    ],
)
def test_the_three_forms(text: str, host: str, kind: HostKind, port: int | None) -> None:
    parsed = parse_hostname(text)
    assert (parsed.host, parsed.kind, parsed.port) == (host, kind, port)
    assert parse_hostname(str(parsed)) == parsed


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused_with_a_sentence(text: str) -> None:
    try:
        parsed = parse_hostname(text)
    except ValueError as error:
        said = str(error)
    else:
        said = "parsed"
        assert parse_hostname(str(parsed)) == parsed
        assert str(parsed).isascii()
        assert not set(str(parsed)) & set("\r\n\0 \t<>\"'@/")
    assert said
