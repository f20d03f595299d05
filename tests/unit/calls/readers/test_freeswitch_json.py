"""FreeSWITCH's mod_json_cdr."""

import json
from typing import Any

from provd.calls.readers.base import Place
from provd.calls.readers.freeswitch_json import FreeswitchJsonReader

from .reading import read

ANSWERED = {
    "uuid": "0a30dd7c-c222-482f-a322-b1218a15f8cd",
    "direction": "outbound",
    "sip_gateway_name": "provd-11111111-2222-4333-8444-555555555555",
    "sip_term_status": "200",
    "hangup_cause_q850": "16",
    "start_uepoch": "1436280728471153",
    "progress_uepoch": "1436280729471153",
    "progress_media_uepoch": "1436280729671153",
    "answer_uepoch": "1436280731471153",
    "end_uepoch": "1436280794471153",
    "write_codec": "PCMA",
    "rtp_audio_in_mos": "4.41",
    "rtp_audio_in_media_packet_count": "3150",
}


def cdr(number: str = "%2B442071838750", **variables: Any) -> dict[str, Any]:
    return {
        "core-uuid": "c",
        "channel_data": {"direction": "outbound"},
        "variables": {**ANSWERED, **variables},
        "callflow": [{"caller_profile": {"destination_number": number}}],
    }


def test_an_answered_call_has_its_times_codec_and_quality() -> None:
    records, bad = read(FreeswitchJsonReader(), json.dumps(cdr()))
    assert bad == {}
    assert records == [
        {
            "id": "0a30dd7c-c222-482f-a322-b1218a15f8cd",
            "provider": "provd-11111111-2222-4333-8444-555555555555",
            "at": "2015-07-07 14:52:08.471153",
            "destination": "+442071838750",
            "codec": "PCMA",
            "pdd_ms": 1000.0,
            "setup_ms": 3000.0,
            "duration_s": 63.0,
            "mos": 4.41,
            "code": 200,
        }
    ]


def test_a_failure_has_the_code_of_sip_else_that_of_its_cause() -> None:
    unanswered = {"answer_uepoch": "0", "progress_uepoch": "0", "progress_media_uepoch": "0"}
    for more, code in (
        ({"sip_invite_failure_status": "503"}, 503),
        ({"sip_term_status": "486"}, 486),
        ({"sip_term_status": "", "proto_specific_hangup_cause": "sip%3A404"}, 404),
        ({"sip_term_status": "", "hangup_cause_q850": "34"}, 503),
        ({"sip_term_status": "", "hangup_cause_q850": "16"}, 487),
    ):
        (record,), bad = read(FreeswitchJsonReader(), json.dumps(cdr(**unanswered, **more)))
        assert (record["code"], bad) == (code, {})
        assert (record["pdd_ms"], "duration_s" in record) == (66_000.0, False)


def test_objects_of_many_lines_and_of_one_may_follow_each_other() -> None:
    text = "\n".join([json.dumps(cdr(), indent=2), json.dumps(cdr()), "", json.dumps(cdr(), indent=1)])
    records, bad = read(FreeswitchJsonReader(), text)
    assert (len(records), bad) == (3, {})


def test_the_other_leg_and_calls_without_a_gateway_are_others() -> None:
    reader = FreeswitchJsonReader()
    text = "\n".join(json.dumps(each) for each in (cdr(direction="inbound"), cdr(sip_gateway_name="")))
    assert (read(reader, text), reader.others) == (([], {}), 2)


def test_bad_objects_have_the_number_of_their_first_line_and_a_reason() -> None:
    text = "\n".join(
        [
            "{", '"variables": {', json.dumps(cdr()), "nonsense", '{"a": 1}', '{"variables": [}',
            json.dumps(cdr(start_uepoch="x")), json.dumps(cdr(start_uepoch="9e17")), "{",
        ]
    )  # fmt: skip
    records, bad = read(FreeswitchJsonReader(), text)
    assert len(records) == 1
    assert bad[1] == "is an object that ends in the middle"
    assert bad[4] == "is not JSON"
    assert bad[5] == "has no variables: it is no CDR of mod_json_cdr"
    assert bad[6].startswith("is not JSON: ")
    assert bad[7] == "has no start_uepoch among its variables"
    assert bad[8] == "has a time outside the years 1970 to 9999"
    assert bad[9] == "is an object that does not end"


def test_an_object_that_has_not_ended_is_needed_from_its_beginning() -> None:
    reader = FreeswitchJsonReader()
    for number, line in enumerate(json.dumps(cdr(), indent=2).split("\n")[:-1], 1):
        assert list(reader.feed(Place(number, number * 10), line)) == []
    assert reader.oldest() == Place(1, 10)
    assert len(list(reader.feed(Place(99, 990), "}"))) == 1
    assert reader.oldest() is None
