"""Whatever stands in a file, a reader gives records that can be sent, or says what is wrong."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provd.calls.readers.base import Call, Place
from provd.calls.readers.registry import CALL_READERS, CallFormat
from provd.schema.calls import CallRecord

from .test_asterisk_cel import call
from .test_asterisk_csv import cdr as asterisk_cdr
from .test_freeswitch_json import cdr as freeswitch_cdr
from .test_kamailio_acc import acc

GOOD = {
    CallFormat.ASTERISK_CSV: [asterisk_cdr()],
    CallFormat.ASTERISK_CEL: call(16, answered=True),
    CallFormat.FREESWITCH_JSON: json.dumps(freeswitch_cdr(), indent=1).split("\n"),
    CallFormat.KAMAILIO_ACC: [acc("BYE", call_id="x"), acc(), acc("BYE", at=1374493897)],
}


@pytest.mark.parametrize("form", CallFormat)
@settings(deadline=None)
@given(data=st.data())
def test_no_line_is_a_surprise(form: CallFormat, data: st.DataObject) -> None:
    lines = list(GOOD[form])
    for _ in range(data.draw(st.integers(0, 4))):
        number = data.draw(st.integers(0, len(lines) - 1))
        line = lines[number]
        begin = data.draw(st.integers(0, len(line)))
        end = data.draw(st.integers(begin, min(len(line), begin + 30)))
        junk = data.draw(
            st.text(max_size=12) | st.sampled_from(["-1", "9" * 400, "NaN", "1e400", '"', ";", "{}"])
        )
        lines[number] = line[:begin] + junk + line[end:]
    reader = CALL_READERS[form]()
    found = []
    for number, line in enumerate(lines, 1):
        found += reader.feed(Place(number, number), line)
    for each in [*found, *reader.close(float("inf"))]:
        if isinstance(each, Call):
            json.dumps(each.record, allow_nan=False).encode()
            assert set(each.record) <= set(CallRecord.model_fields)


@pytest.mark.parametrize("form", CallFormat)
def test_what_is_right_gives_one_call_of_one_provider(form: CallFormat) -> None:
    reader = CALL_READERS[form]()
    found = [
        each for number, line in enumerate(GOOD[form], 1) for each in reader.feed(Place(number, 0), line)
    ]
    assert [isinstance(each, Call) for each in found] == [True]
    CallRecord.model_validate(found[0].record)
