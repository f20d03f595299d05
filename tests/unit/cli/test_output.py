"""Tables line up whatever is in them, nothing in them moves the cursor, and programs get what they parse."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from rich.cells import cell_len

from provd.cli.output import Output, columns, facts, printable, show
from provd.schema.history import History
from tests.fakes.fake_client import a_provider

REPLACED = "\N{REPLACEMENT CHARACTER}"
PARSERS: list[tuple[Output, Callable[[str], Any]]] = [
    (Output.JSON, json.loads),
    (Output.YAML, yaml.safe_load),
]


def second_column(line: str) -> int:
    """The terminal cell where the mark in the second column stands."""
    return cell_len(line[: line.index("|")])


def test_every_column_is_as_wide_as_its_widest_cell() -> None:
    assert columns(("A", "LONG", "B"), [("1", "2", "3"), ("long", "", "4")]) == (
        "A     LONG  B\n"
        "1     2     3\n"
        "long        4"
    )  # fmt: skip


def test_no_line_ends_in_blanks() -> None:
    assert columns(("NAME", "WHY"), [("a", ""), ("b", "because")]).splitlines()[1] == "a"


def test_a_table_without_rows_is_its_header() -> None:
    assert columns(("NAME", "WHY"), []) == "NAME  WHY"


def test_a_row_that_lacks_a_cell_is_a_mistake_of_ours() -> None:
    with pytest.raises((ValueError, IndexError)):
        columns(("NAME", "WHY"), [("a",)])


@pytest.mark.parametrize(
    "cell",
    [
        "東京テレコム",
        "ﬀ ＦＵＬＬ ﾊﾝ",
        "Cafe\u0301 Zu\u0308rich",
        "Việt Nam",
        "ที่ปรึกษา",
        "कुकु",
        "📞 trunk",
        "a\x1b[31mred\x07",
        "two\r\nlines",
        "\u202egnp.exe\u2066",
        "zero\u200bwidth\ufeff",
        "",
    ],
)
def test_columns_line_up_beside_wide_combining_and_hostile_text(cell: str) -> None:
    lines = columns(("NAME", "|"), [(cell, "|"), ("plain", "|")]).split("\n")
    assert len(lines) == 3
    assert len({second_column(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("plain, Zürich, 東京 📞", "plain, Zürich, 東京 📞"),
        ("\x1b[31mred\x1b[0m", f"{REPLACED}[31mred{REPLACED}[0m"),
        ("\x1b]0;title\x07", f"{REPLACED}]0;title{REPLACED}"),
        ("\x9b31m\x90\x85", f"{REPLACED}31m{REPLACED * 2}"),
        ("a\tb\nc\rd\x00e\x7f", f"a{REPLACED}b{REPLACED}c{REPLACED}d{REPLACED}e{REPLACED}"),
        ("\u202eevil\u2066\u200f", f"{REPLACED}evil{REPLACED * 2}"),
        ("\u200b\ufeff\u00ad\u2028\u2029", REPLACED * 5),
        ("\udc80\ud800", REPLACED * 2),
    ],
)
def test_what_a_terminal_would_obey_is_replaced(hostile: str, harmless: str) -> None:
    assert printable(hostile) == harmless


def test_facts_are_one_a_line_with_the_values_under_each_other() -> None:
    assert facts([("id", "1"), ("hostname", "a\nb")]) == f"id        1\nhostname  a{REPLACED}b"


def test_people_get_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    show(Output.TABLE, a_provider(), "NAME  WHY")
    assert capsys.readouterr() == ("NAME  WHY\n", "")


@pytest.mark.parametrize(("form", "parse"), PARSERS, ids=["json", "yaml"])
@pytest.mark.parametrize(
    "name",
    ["Zürich 東京 📞", "no", "null", "0x1F", "12:30:45", "2026-04-20", "- [a]: {b}", "\u202eevil"],
)
def test_programs_get_every_value_as_it_is(
    capsys: pytest.CaptureFixture[str], form: Output, parse: Callable[[str], Any], name: str
) -> None:
    provider = a_provider(name, detail=name, tags=[name])
    show(form, provider, "a table")
    assert parse(capsys.readouterr().out) == provider.model_dump(mode="json")


@pytest.mark.parametrize(("form", "parse"), PARSERS, ids=["json", "yaml"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_list_stays_a_list(
    capsys: pytest.CaptureFixture[str], form: Output, parse: Callable[[str], Any], count: int
) -> None:
    providers = [a_provider(f"p{number}") for number in range(count)]
    show(form, providers, "a table")
    assert [each["name"] for each in parse(capsys.readouterr().out)] == [each.name for each in providers]


def test_text_in_other_scripts_can_be_read_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    for form in (Output.JSON, Output.YAML):
        show(form, a_provider("Zürich 東京"), "")
        assert "Zürich 東京" in capsys.readouterr().out


def test_programs_get_the_names_that_are_on_the_wire(capsys: pytest.CaptureFixture[str]) -> None:
    at = "2026-04-20 03:10:00.000000"
    wire = {"provider_id": "1", "from": at, "to": at, "step_s": 1.0, "resolution": "sample"}
    show(Output.JSON, History.model_validate(wire | {"points": [], "transitions": []}), "")
    assert json.loads(capsys.readouterr().out)["from"] == at


def test_json_has_no_character_that_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    provider = a_provider("\x7f\x9b31m\u202e\u2028\ufeff\ud800")
    show(Output.JSON, provider, "")
    said = capsys.readouterr().out
    assert REPLACED not in printable(said.replace("\n", ""))
    assert not {*provider.name} & set(said) - set("31m")
    assert json.loads(said)["name"] == provider.name
