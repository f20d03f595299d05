"""The SIP of a check as people see it."""

from typing import Any

from provd.cli.trace_text import exchange_text
from provd.schema.trace import TracedExchange

AT = "2026-04-20 03:10:00.000000"


def an_exchange(**fields: Any) -> TracedExchange:
    return TracedExchange.model_validate(
        {
            "provider_id": "1",
            "at": AT,
            "target": "192.0.2.1:5060",
            "transport": "udp",
            "cause": "ok",
            "code": 200,
            "rtt_ms": 12.34,
            "sent": "OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n",
            "received": "SIP/2.0 200 OK\r\n\r\nbody",
            **fields,
        }
    )


def test_what_was_sent_and_received_is_shown_line_by_line() -> None:
    assert exchange_text(an_exchange()).splitlines() == [
        f"{AT}  udp:192.0.2.1:5060  ok 200  12.3 ms",
        "> OPTIONS sip:a SIP/2.0",
        "> CSeq: 1 OPTIONS",
        ">",
        "< SIP/2.0 200 OK",
        "<",
        "< body",
    ]


def test_a_check_without_an_answer_says_so() -> None:
    silent = an_exchange(cause="timeout", code=None, rtt_ms=None, received="", retransmits=3)
    head, *_, last = exchange_text(silent).splitlines()
    assert head == f"{AT}  udp:192.0.2.1:5060  timeout  -  sent 4 times"
    assert last == "< (nothing was received)"


def test_a_check_that_had_nowhere_to_go_says_so() -> None:
    nowhere = an_exchange(cause="dns_nxdomain", code=None, rtt_ms=None, target=None, sent="", received="")
    assert exchange_text(nowhere).splitlines() == [
        f"{AT}  no address  dns_nxdomain  -",
        "> (nothing was sent)",
        "< (nothing was received)",
    ]


def test_nothing_in_a_message_moves_the_cursor_or_begins_a_line_of_its_own() -> None:
    hostile = "SIP/2.0 200 \x1b[2J\r\nServer: a\x9b31m\u202e\u2028> BYE\rx\ty\r\n\r\n"
    lines = exchange_text(an_exchange(received=hostile)).splitlines()
    assert not set("\x1b\x9b\u202e\r\t") & set("".join(lines))
    assert [line[0] for line in lines[1:]] == [">"] * 3 + ["<"] * 3
