"""From a record to how it is checked."""

from typing import Any

import pytest

from provd.probe.settings import ProbeSettings, RequestShape
from provd.schema.codes import parse_codes
from provd.schema.probe import RollUp
from provd.schema.provider import Transport
from provd.services.probe_settings import SettingsMaker
from provd.store.providers import WatchedRow

DEFAULTS = ProbeSettings(interval_s=5.0, shape=RequestShape(user_agent="provd"))


def record(
    hostname: str = "192.0.2.1", carrier: str = "", transport: str = "udp", **probe: Any
) -> WatchedRow:
    return WatchedRow("a", hostname, carrier, transport, True, {"X-Key": "secret"}, probe, None)


@pytest.fixture
def maker() -> SettingsMaker:
    return SettingsMaker(DEFAULTS)


def test_a_plain_record_shares_the_defaults(maker: SettingsMaker) -> None:
    assert maker.of(record()) is DEFAULTS


def test_equal_overrides_are_one_object(maker: SettingsMaker) -> None:
    first, second = (maker.of(record(codes="2xx", interval_s=60)) for _ in range(2))
    assert first is second
    assert (first.interval_s, first.codes, first.timeout_s) == (60, parse_codes("2xx"), 5.0)


def test_every_override_arrives(maker: SettingsMaker) -> None:
    made = maker.of(
        record(
            transport="tls",
            rollup="quorum",
            bind="192.0.2.9:5060",
            tls_sni="edge.example.com",
            tls_verify=False,
            reuse=False,
            from_uri="sip:a@example.com",
            user_agent="ours",
            max_forwards=1,
            headers={"X-A": "1"},
            send_tech_headers=True,
        )
    )
    assert (made.transport, made.rollup, made.bind) == (Transport.TLS, RollUp.QUORUM, ("192.0.2.9", 5060))
    assert (made.server_name, made.tls_verify, made.reuse) == ("edge.example.com", False, False)
    assert made.shape == RequestShape(
        user_agent="ours",
        from_uri="sip:a@example.com",
        max_forwards=1,
        headers=(("X-A", "1"), ("X-Key", "secret")),
    )
    assert made.secret_headers == {"x-key"}


def test_the_teams_preset_says_who_we_are_by_the_contacts_name(maker: SettingsMaker) -> None:
    contact = "sip:sbc.example.com:5061;transport=tls"
    made = maker.of(record(transport="tls", preset="teams", contact=contact))
    assert (made.shape.contact, made.shape.from_uri) == (contact, "sip:sbc.example.com:5061")
    assert "tls" in maker.warnings(record(preset="teams", contact=contact))[0]


@pytest.mark.parametrize(
    "row", [record("acme.pstn.twilio.com"), record("ACME.PSTN.TWILIO.COM:5060"), record(carrier="twilio")]
)
def test_twilio_is_never_checked_more_often_than_it_allows(maker: SettingsMaker, row: WatchedRow) -> None:
    made = maker.of(row)
    assert (made.interval_s, made.confirm_after_s) == (15.0, 15.0)
    assert "every 15 s, not every 5 s" in maker.warnings(row)[0]


def test_a_slower_interval_than_the_carriers_stands_without_a_warning(maker: SettingsMaker) -> None:
    row = record("acme.pstn.twilio.com", interval_s=60)
    assert maker.of(row).interval_s == 60
    assert maker.warnings(row) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (record(tls_sni="a.example.com"), "means nothing"),
        (record(transport="tls", tls_verify=False), "any certificate"),
    ],
)
def test_what_will_not_work_as_meant_is_said(maker: SettingsMaker, row: WatchedRow, words: str) -> None:
    assert words in maker.warnings(row)[0]
