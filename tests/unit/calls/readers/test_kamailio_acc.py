"""Kamailio's module acc in the system log."""

from provd.calls.readers.base import Call, Place
from provd.calls.readers.kamailio_acc import LONGEST_CALL_S, KamailioAccReader

from .reading import read

BEGIN = "Apr 20 10:00:00 sbc kamailio[211]: NOTICE: acc [acc.c:279]: acc_log_request(): ACC: "
PROVIDER = "provider=duid=11111111-2222-4333-8444-555555555555;weight=50;rweight=50;name=Acme"


def acc(
    method: str = "INVITE", code: int = 200, at: int = 1374493797, what: str = "transaction answered",
    call_id: str = "vRtGVfXTzMK", more: str = PROVIDER,
) -> str:  # fmt: skip
    return (
        f"{BEGIN}{what}: timestamp={at};method={method};from_tag=SvS155;to_tag=xhfff;call_id={call_id};"
        f"code={code};reason=OK;src_user=alice;dst_user=+442071838750;dst_domain=sip.example;{more}"
    )


def test_a_call_has_the_provider_of_its_destination() -> None:
    records, bad = read(KamailioAccReader(), acc())
    assert bad == {}
    assert records == [
        {
            "id": "vRtGVfXTzMK;SvS155",
            "at": "2013-07-22 11:49:57.000000",
            "destination": "+442071838750",
            "code": 200,
            "provider": "11111111-2222-4333-8444-555555555555",
        }
    ]


def test_a_provider_may_be_named_plainly_or_not_at_all() -> None:
    named, _ = read(KamailioAccReader(), acc(more="provider=Acme EU"))
    unnamed, _ = read(KamailioAccReader(), acc(more=""))
    assert named[0]["provider"] == "Acme EU"
    assert "provider" not in unnamed[0]


def test_a_missed_call_has_its_code() -> None:
    records, _ = read(KamailioAccReader(), acc(code=486, what="call missed"))
    assert records[0]["code"] == 486


def test_where_byes_are_seen_an_answered_call_waits_for_its_own_and_has_a_duration() -> None:
    lines = [
        acc("BYE", call_id="before"),
        acc(at=1000, call_id="a"),
        acc(at=1000, call_id="b"),
        acc(at=1005, call_id="a"),  # a re-INVITE
        acc("BYE", at=1090, call_id="a"),
        acc(at=1100, code=503, call_id="c"),
    ]
    records, bad = read(KamailioAccReader(), "\n".join(lines))
    assert bad == {}
    assert [(each["id"], each.get("duration_s"), each["code"]) for each in records] == [
        ("a;SvS155", 90.0, 200),
        ("c;SvS155", None, 503),
        ("b;SvS155", None, 200),
    ]


def test_a_call_whose_bye_never_comes_is_given_after_all() -> None:
    reader = KamailioAccReader()
    list(reader.feed(Place(1, 0), acc("BYE", at=900, call_id="before")))
    assert list(reader.feed(Place(2, 10), acc(at=1000, call_id="a"))) == []
    assert reader.oldest() == Place(1, 0), "the BYE, which tells that a call waits for its own"
    late = list(reader.feed(Place(3, 20), acc(at=1000 + LONGEST_CALL_S, code=404, call_id="b")))
    assert [each.record["id"] for each in late if isinstance(each, Call)] == ["a;SvS155", "b;SvS155"]
    assert reader.oldest() is None


def test_other_lines_of_the_log_are_others_and_bad_ones_have_a_reason() -> None:
    reader = KamailioAccReader()
    lines = ["Apr 20 sshd: hello", acc("ACK"), acc().replace("call_id=", "id="), acc().replace("=200", "=OK")]
    lines.append(acc().replace("timestamp=1374493797", "timestamp=999999999999"))
    records, bad = read(reader, "\n".join(lines))
    assert (records, reader.others) == ([], 2)
    assert bad == {
        3: "has no call_id",
        4: "has 'OK' as code, which is no number",
        5: "has a time outside the years 1970 to 9999",
    }
