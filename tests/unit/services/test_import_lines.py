"""From the bytes of a file to records."""

import json
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.services.importing.lines import MAX_LINE, DocumentError, Line, csv_lines, json_lines, ndjson_lines

Reader = Callable[[AsyncIterator[bytes]], AsyncIterator[Line]]


async def chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def read(reader: Reader, data: bytes, size: int = 7) -> list[Line]:
    return [line async for line in reader(chunks(data, size))]


async def test_ndjson_has_a_record_a_line_and_says_which_line_is_wrong() -> None:
    lines = await read(ndjson_lines, b'{"name":"a"}\n\nnonsense\n[1]\n{"name":"\xff"}\n{"name":"b"}')
    assert [line.number for line in lines] == [1, 3, 4, 5, 6]
    assert lines[0].record == {"name": "a"}
    assert [line.record is None for line in lines] == [False, True, True, True, False]
    assert "is not JSON" in lines[1].problem
    assert lines[2].problem == "is not a JSON object"
    assert lines[3].problem == "is not UTF-8"


async def test_a_line_without_an_end_is_not_held() -> None:
    lines = await read(ndjson_lines, b"x" * (3 * MAX_LINE) + b'\n{"name":"b"}\n', size=65536)
    assert [(line.number, line.record) for line in lines] == [(1, None), (2, {"name": "b"})]
    assert "is over" in lines[0].problem


async def test_csv_takes_each_column_as_its_field_wants_it() -> None:
    data = (
        "\ufeffname,hostname,tags,enabled,probe.interval_s,probe.codes,tech_headers,detail\r\n"
        'A,sip.example.com,"eu, gold",FALSE,15,2xx,"{""X-A"": ""1""}",\r\n'
        '"B, Inc",192.0.2.1,,,,,,"two\nlines"\r\n'
        "too,many,cells,1,2,3,4,5,6\r\n"
    ).encode()
    lines = await read(csv_lines, data)
    assert lines[0].record == {
        "name": "A",
        "hostname": "sip.example.com",
        "tags": ["eu", "gold"],
        "enabled": False,
        "probe": {"interval_s": 15, "codes": "2xx"},
        "tech_headers": {"X-A": "1"},
    }
    assert lines[1].record == {"name": "B, Inc", "hostname": "192.0.2.1", "detail": "two\nlines"}
    assert (lines[2].number, lines[2].record) == (5, None)


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n"])
async def test_csv_without_its_first_line_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        await read(csv_lines, data)


@pytest.mark.parametrize("cell", ["gw\rx", "x" * 140_000])
async def test_a_line_that_is_not_csv_costs_itself_only(cell: str) -> None:
    data = f"name,hostname\nA,192.0.2.1\n{cell},192.0.2.1\nB,192.0.2.1\n".encode()
    lines = await read(csv_lines, data, 65536)
    assert [(line.number, line.record is None) for line in lines] == [(2, False), (3, True), (4, False)]
    assert lines[1].problem.startswith("is not CSV: ")


async def test_a_file_whose_lines_end_in_cr_alone_is_refused() -> None:
    with pytest.raises(DocumentError, match="has a first line that is not CSV"):
        await read(csv_lines, b"name,hostname\rgw,192.0.2.1\r")


async def test_a_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    lines = await read(csv_lines, b'name,hostname\nA,192.0.2.1\n"B,192.0.2.2\n')
    assert [line.record is None for line in lines] == [False, True]


@pytest.mark.parametrize("data", [b"{", b"7", b'"x"', b'{"no": []}', b"[" * 100_000])
async def test_a_document_that_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        await read(json_lines, data)


async def test_a_page_of_the_api_can_be_imported() -> None:
    lines = await read(json_lines, b'{"result": [{"name": "a"}, 3], "next_page_token": ""}')
    assert [line.record for line in lines] == [{"name": "a"}, None]


@given(st.lists(st.text(max_size=20), max_size=8), st.integers(1, 50))
async def test_however_it_is_cut_the_records_are_the_same(names: list[str], size: int) -> None:
    data = "".join(json.dumps({"name": name}) + "\n" for name in names).encode()
    lines = await read(ndjson_lines, data, size)
    assert [line.record for line in lines] == [{"name": name} for name in names]
