"""Asterisk's Master.csv."""

from datetime import UTC
from zoneinfo import ZoneInfo

from provd.calls.readers.asterisk_csv import AsteriskCsvReader

from .reading import read

TRUNK = "PJSIP/provd-11111111-2222-4333-8444-555555555555-0000001a"


def cdr(
    dstchannel: str = TRUNK,
    disposition: str = "ANSWERED",
    answer: str = "2026-04-20 10:00:04",
    start: str = "2026-04-20 10:00:00",
    lastdata: str = "PJSIP/+442071838750@provd-11111111-2222-4333-8444-555555555555,30",
) -> str:
    cells = [
        "", "1001", "02071838750", "from-internal", '""Ann, at home"" <1001>', "PJSIP/1001-00000019",
        dstchannel, "Dial", lastdata, start, answer, "2026-04-20 10:01:04", "64", "60", disposition,
        "DOCUMENTATION", "1776679200.51", "",
    ]  # fmt: skip
    return ",".join(
        each if each.isdigit() and name in (12, 13) else f'"{each}"' for name, each in enumerate(cells)
    )


def test_an_answered_call_is_of_the_endpoint_that_was_called() -> None:
    records, bad = read(AsteriskCsvReader(UTC), cdr())
    assert bad == {}
    assert records == [
        {
            "id": f"2026-04-20 10:00:00/PJSIP/1001-00000019/{TRUNK}",
            "provider": "provd-11111111-2222-4333-8444-555555555555",
            "at": "2026-04-20 10:00:00.000000",
            "destination": "+442071838750",
            "code": 200,
            "setup_ms": 4000.0,
            "duration_s": 60.0,
        }
    ]


def test_dispositions_stand_for_codes_and_unanswered_calls_have_no_duration() -> None:
    for disposition, code in (("NO ANSWER", 480), ("BUSY", 486), ("FAILED", 503), ("CONGESTION", 503)):
        (record,), bad = read(AsteriskCsvReader(UTC), cdr(disposition=disposition, answer=""))
        assert (record["code"], bad) == (code, {})
        assert "duration_s" not in record
        assert "setup_ms" not in record


def test_local_times_are_read_as_such() -> None:
    (record,), _ = read(AsteriskCsvReader(ZoneInfo("Europe/Berlin")), cdr())
    assert record["at"] == "2026-04-20 08:00:00.000000"


def test_the_number_is_what_was_dialled_else_the_extension() -> None:
    for lastdata, number in (
        ("PJSIP/trunk/sip:+4930123456@sip.example:5060,,T", "+4930123456"),
        ("SIP/trunk/0049301234", "0049301234"),
        ("Local/x@y", "02071838750"),
    ):
        (record,), _ = read(AsteriskCsvReader(UTC), cdr(lastdata=lastdata))
        assert record["destination"] == number


def test_calls_to_no_channel_of_sip_are_others() -> None:
    reader = AsteriskCsvReader(UTC)
    assert read(reader, "\n".join([cdr(dstchannel=""), cdr(dstchannel="Local/1@x-0000;1")])) == ([], {})
    assert reader.others == 2


def test_bad_lines_have_their_number_and_a_reason() -> None:
    lines = [
        cdr(),
        "a,b",
        cdr(disposition="LOST"),
        cdr(start="yesterday"),
        'a"b",' + cdr(),
        cdr(start="0001-01-01"),
    ]
    records, bad = read(AsteriskCsvReader(UTC), "\n".join(lines))
    assert len(records) == 1
    assert set(bad) == {2, 3, 4, 5, 6}
    assert bad[2] == "has 2 columns, and a CDR has 16 or more"
    assert bad[3].startswith("has the disposition 'LOST': known are ANSWERED")
