"""Asterisk's channel events."""

from datetime import UTC

from provd.calls.readers.asterisk_cel import LONGEST_CALL_S, AsteriskCelReader
from provd.calls.readers.base import Call, Place

from .reading import read

TRUNK = "PJSIP/acme-00000002"


def event(
    kind: str, at: str, channel: str, unique: str, linked: str, extra: str = "", app: str = "", data: str = ""
) -> str:
    cells = [
        kind, at, "Ann", "1001", "1001", "", "", "02071838750", "from-internal", channel, app, data, "3", "",
        unique, linked, "", "", "", extra,
    ]  # fmt: skip
    return ",".join('"' + each.replace('"', '""') + '"' for each in cells)


def call(cause: int, *, answered: bool, unique: str = "2.2", begin: int = 1000) -> list[str]:
    extra = f'{{"hangupcause":{cause},"hangupsource":"{TRUNK}","dialstatus":""}}'
    dial = "PJSIP/+442071838750@acme,30"
    lines = [
        event("CHAN_START", f"{begin}.0", "PJSIP/1001-00000001", "1.1", "1.1"),
        event("APP_START", f"{begin}.1", "PJSIP/1001-00000001", "1.1", "1.1", app="Dial", data=dial),
        event("CHAN_START", f"{begin}.5", TRUNK, unique, "1.1"),
        event("HANGUP", f"{begin + 40}.5", TRUNK, unique, "1.1", extra, "AppDial", "(Outgoing Line)"),
        event("CHAN_END", f"{begin + 40}.6", TRUNK, unique, "1.1"),
        event("LINKEDID_END", f"{begin + 41}.0", "PJSIP/1001-00000001", "1.1", "1.1"),
    ]
    if answered:
        lines.insert(
            3, event("ANSWER", f"{begin + 10}.5", TRUNK, unique, "1.1", "", "AppDial", "(Outgoing Line)")
        )
    return lines


def test_a_call_is_the_channel_that_was_called_from_its_start_to_its_hangup() -> None:
    records, bad = read(AsteriskCelReader(UTC), "\n".join(call(16, answered=True)))
    assert bad == {}
    assert records == [
        {
            "id": "2.2",
            "provider": "acme",
            "at": "1970-01-01 00:16:40.500000",
            "destination": "+442071838750",
            "code": 200,
            "setup_ms": 10_000.0,
            "duration_s": 30.0,
        }
    ]


def test_causes_stand_for_codes() -> None:
    for cause, code in ((17, 486), (16, 487), (19, 480), (1, 404), (34, 503), (21, 403), (99, 500)):
        (record,), _ = read(AsteriskCelReader(UTC), "\n".join(call(cause, answered=False)))
        assert (record["code"], "duration_s" in record) == (code, False)


def test_times_as_cel_conf_formats_them_are_read() -> None:
    lines = [each.replace('"1000.5"', '"2026-04-20 10:00:00.5"') for each in call(16, answered=False)]
    lines = [each.replace('"1040.5"', '"2026-04-20 10:00:40.5"') for each in lines]
    (record,), bad = read(AsteriskCelReader(UTC), "\n".join(lines))
    assert (record["at"], bad) == ("2026-04-20 10:00:00.500000", {})


def test_a_call_that_goes_on_is_none_yet_and_its_first_event_is_needed_again() -> None:
    reader = AsteriskCelReader(UTC)
    lines = call(16, answered=True)
    for number, line in enumerate(lines[:4], 1):
        assert list(reader.feed(Place(number, number * 10), line)) == []
    assert reader.oldest() == Place(2, 20), "the Dial, which has the number"
    assert list(reader.close(float("inf"))) == []
    assert isinstance(next(iter(reader.feed(Place(5, 50), lines[4]))), Call)
    assert reader.oldest() is None


def test_for_a_channel_whose_end_may_never_come_nothing_is_read_again() -> None:
    reader = AsteriskCelReader(UTC)
    begun = [event("CHAN_START", "1000", TRUNK, "2.2", "1.1")]
    later = [event("CHAN_START", f"{1000 + LONGEST_CALL_S}", TRUNK, "3.3", "1.2")]
    for number, line in enumerate(begun + later, 1):
        list(reader.feed(Place(number, number * 10), line))
    assert reader.oldest() == Place(2, 20)
    (ended,) = reader.feed(Place(3, 30), event("HANGUP", "99999", TRUNK, "2.2", "1.1", '{"hangupcause":16}'))
    assert isinstance(ended, Call), "while it is known, its end counts"


def test_what_began_in_an_earlier_file_is_older_whatever_its_line() -> None:
    reader = AsteriskCelReader(UTC)
    list(reader.feed(Place(9, 90, 0), event("CHAN_START", "1000", TRUNK, "2.2", "1.1")))
    list(reader.feed(Place(1, 0, 1), event("CHAN_START", "1001", TRUNK, "3.3", "1.2")))
    assert reader.oldest() == Place(9, 90, 0)


def test_bad_events_have_their_number_and_a_reason() -> None:
    lines = call(16, answered=False)
    lines[3] = lines[3].replace("hangupcause", "cause")
    lines += ["x", event("CHAN_START", "soon", TRUNK, "3.3", "1.1")]
    records, bad = read(AsteriskCelReader(UTC), "\n".join(lines))
    assert records == []
    assert bad[4] == "has no hangupcause in its last column, eventextra"
    assert bad[7] == "has 1 columns, and an event has 17 or more"
    assert 8 in bad
