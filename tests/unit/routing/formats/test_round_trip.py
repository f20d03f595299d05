"""What is exported comes back the same, whatever is in it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, note, settings

from provd.routing.formats.base import Problem, Read, Record, read, write
from provd.routing.formats.registry import FORMATS, READERS
from provd.schema.provider import ProviderCreate
from provd.services.importing.lines import Line, csv_lines, json_lines, ndjson_lines

from .hostile import files, longest

OWN = {"json": json_lines, "ndjson": ndjson_lines, "csv": csv_lines}
DEFAULTS = ProviderCreate(name="x", hostname="x").model_dump(mode="json")


def exported(form: str, providers: list[Any], routes: list[Any]) -> str:
    return "".join("".join(write(make(), providers, routes)) for make in FORMATS[form].files.values())


def imported(form: str, text: str) -> list[Record]:
    if form in READERS:
        found = list(read(READERS[form](), text.split("\n")))
        assert not [each for each in found if isinstance(each, Problem)]
        return [each.record for each in found if isinstance(each, Read)]
    lines = asyncio.run(lines_of(form, text.encode()))
    assert not [each.problem for each in lines if each.problem]
    return [each.record for each in lines if each.record is not None]


async def lines_of(form: str, data: bytes) -> list[Line]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 1000):
            yield data[start : start + 1000]

    return [line async for line in OWN[form](pieces())]


def by_id(records: list[Any]) -> dict[str, Any]:
    assert len({each["id"] for each in records}) == len(records)
    return {each["id"]: each for each in records}


@settings(max_examples=60, deadline=None)
@given(made=files())
def test_an_export_in_any_form_comes_back_the_same(made: tuple[list[Any], list[Any]]) -> None:
    providers, routes = made
    wanted = by_id([*providers, *routes])
    for form in FORMATS:  # all forms of each example: to make one takes longer than to write and read it
        note(form)
        found = by_id(imported(form, exported(form, providers, routes)))
        if form == "csv":  # an empty cell is an absent field: it has its default
            found = {
                key: {**(DEFAULTS if "hostname" in each else {"detail": ""}), **each}
                for key, each in found.items()
            }
        assert found == wanted


@pytest.mark.parametrize("form", FORMATS)
def test_the_longest_provider_comes_back_the_same(form: str) -> None:
    provider = longest()
    (found,) = imported(form, exported(form, [provider], []))
    assert {**(DEFAULTS if form == "csv" else {}), **found} == provider


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_export_is_an_empty_import(form: str) -> None:
    assert imported(form, exported(form, [], [])) == []


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_that_reads_like_a_record_is_a_name(form: str) -> None:
    record = {**DEFAULTS, "id": "11111111-2222-4333-8444-555555555555", "name": "provd: {}"}
    (found,) = imported(form, exported(form, [record], []))
    assert found["name"] == "provd: {}"


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("form", FORMATS)
def test_spaces_stay_wherever_a_line_is_cut(form: str, before: int) -> None:
    detail = "x" * before + "a   " * 900
    record = {**DEFAULTS, "id": "11111111-2222-4333-8444-555555555555", "name": "spacious", "detail": detail}
    (found,) = imported(form, exported(form, [record], []))
    assert found["detail"] == detail
