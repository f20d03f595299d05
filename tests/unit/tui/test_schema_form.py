"""Forms drawn from JSON Schemas."""

from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, SecretStr

from provtui import schema_form
from provtui.form_fields import Kind, Texts
from provtui.schema_form import ABSENT, fields_of, first_texts, problems, value_of, values
from tests.fakes.fake_setups import telnyx


class Edge(StrEnum):
    """Where it is."""

    EAST = "east"
    WEST = "west"


class Settings(BaseModel):
    key: Annotated[SecretStr, Field(title="API key", description="Begins with KEY")]
    edge: Edge
    other: Edge = Edge.WEST
    maybe: Edge | None = None
    record: Annotated[bool, Field(title="Record calls")] = False
    unsure: bool | None = None
    channels: Annotated[int | None, Field(ge=1, le=100)] = None
    ports: Annotated[int, Field(ge=1)] = 5060
    share: float = 0.5
    names: Annotated[list[str], Field(examples=[["a"]])] = ["CA", "US"]
    weights: dict[str, int] = {}
    note: Annotated[str, Field(examples=["anything"])] = ""
    region: Annotated[str, Field(title="Region")] = "us"


FIELDS = fields_of(Settings.model_json_schema(), "settings")
BY_NAME = {field.name: field for field in FIELDS}


def typed(**texts: str) -> Texts:
    return first_texts(FIELDS) | {f"settings.{name}": text for name, text in texts.items()}


def test_each_property_has_a_field_in_the_order_of_the_schema() -> None:
    assert [field.name for field in FIELDS] == list(Settings.model_fields)
    assert [field.drawn.path for field in FIELDS[:2]] == ["settings.key", "settings.edge"]


@pytest.mark.parametrize(
    ("name", "kind", "label", "about", "required"),
    [
        ("key", Kind.MASKED, "API key", "Begins with KEY", True),
        ("edge", Kind.CHOICE, "Edge", "Where it is.", True),
        ("other", Kind.CHOICE, "Edge", "Where it is.", False),
        ("maybe", Kind.CHOICE, "Edge", "Where it is.", False),
        ("record", Kind.SWITCH, "Record calls", "", False),
        ("unsure", Kind.CHOICE, "Unsure", "", False),
        ("channels", Kind.TEXT, "Channels", "", False),
        ("names", Kind.TEXT, "Names", "", False),
    ],
)
def test_a_field_is_drawn_as_its_schema_says(
    name: str, kind: Kind, label: str, about: str, required: bool
) -> None:
    drawn = BY_NAME[name].drawn
    assert (drawn.kind, drawn.label, drawn.about, drawn.required) == (kind, label, about, required)


def test_a_choice_is_free_only_where_nothing_or_no_default_is_allowed() -> None:
    assert BY_NAME["edge"].drawn.choices == ("", "east", "west")
    assert BY_NAME["other"].drawn.choices == ("east", "west")
    assert BY_NAME["maybe"].drawn.choices == ("", "east", "west")
    assert BY_NAME["unsure"].drawn.choices == ("", "yes", "no")


def test_defaults_are_filled_in_and_not_sent() -> None:
    assert first_texts(FIELDS) == {
        "settings.key": "",
        "settings.edge": "",
        "settings.other": "west",
        "settings.maybe": "",
        "settings.record": "no",
        "settings.unsure": "",
        "settings.channels": "",
        "settings.ports": "5060",
        "settings.share": "0.5",
        "settings.names": "CA, US",
        "settings.weights": "{}",
        "settings.note": "",
        "settings.region": "us",
    }
    assert values(FIELDS, first_texts(FIELDS)) == {}


def test_what_is_typed_is_sent_as_its_schema_wants_it() -> None:
    texts = typed(
        key=" KEY1 ",
        edge="east",
        maybe="west",
        record="yes",
        unsure="no",
        channels="12",
        share="1",
        names="US, MX ,",
        weights='{"a": 1}',
        note="  hello ",
    )
    assert values(FIELDS, texts) == {
        "key": " KEY1 ",
        "edge": "east",
        "maybe": "west",
        "record": True,
        "unsure": False,
        "channels": 12,
        "share": 1.0,
        "names": ["US", "MX"],
        "weights": {"a": 1},
        "note": "hello",
    }


def test_what_is_emptied_is_sent_as_empty_where_that_is_a_value() -> None:
    assert values(FIELDS, typed(names="", region="")) == {"names": [], "region": ""}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("key", "", "API key is needed"),
        ("edge", "", "Edge is needed"),
        ("ports", "", "Ports is needed"),
        ("ports", "many", "Ports must be a whole number"),
        ("ports", "0", "Ports must be 1 or more"),
        ("channels", "101", "Channels must be 100 or less"),
        ("channels", "1.5", "Channels must be a whole number"),
        ("share", "nan", "Share must be a number"),
        ("weights", "{", "Weights must be JSON"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(name: str, text: str, said: str) -> None:
    whole = {"key": "KEY1", "edge": "east"} | {name: text}
    assert problems(FIELDS, typed(**whole)) == {f"settings.{name}": said}


def test_a_title_that_the_reference_has_is_used() -> None:
    labels = {field.name: field.drawn.label for field in fields_of(telnyx().settings, "settings")}
    assert (labels["region"], labels["transport"]) == ("Region", "Transport")
    assert labels["connection"] == "Authentication"


def test_an_error_within_a_list_is_about_its_field() -> None:
    paths = ["settings.names", "settings.name"]
    assert schema_form.path_at(paths, "settings.names.0") == "settings.names"
    assert schema_form.path_at(paths, "credentials.names") is None
    assert schema_form.path_at(paths, "settings") is None


def test_hostile_titles_are_one_line_of_text() -> None:
    schema = {"properties": {"x": {"type": "string", "title": "a\x1b[2J\nb", "description": "\x07c"}}}
    (field,) = fields_of(schema, "settings")
    assert (field.drawn.label, field.drawn.about) == ("a[2J b", "c")


def test_a_reference_that_leads_in_a_circle_or_nowhere_is_json() -> None:
    schema = {
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
        "properties": {"x": {"$ref": "#/$defs/a"}, "y": {"$ref": "#/$defs/none"}},
    }
    assert [field.shape.value for field in fields_of(schema, "s")] == ["json", "json"]


_words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
_plain = {
    "string": _words,
    "integer": st.integers(-(10**9), 10**9),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
}


@st.composite
def properties(draw: st.DrawFn) -> tuple[dict[str, Any], Any]:
    """Give a property's schema and a value that fits it."""
    kind = draw(st.sampled_from([*_plain, "array", "enum", "object"]))
    match kind:
        case "array":
            part: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
            strategy: st.SearchStrategy[Any] = st.lists(_words, min_size=1, max_size=4)
        case "enum":
            among = draw(st.lists(_words, min_size=1, max_size=4, unique=True))
            part, strategy = {"enum": among, "type": "string"}, st.sampled_from(among)
        case "object":
            part, strategy = {"type": "object"}, st.dictionaries(_words, st.integers(), max_size=3)
        case _:
            part, strategy = {"type": kind}, _plain[kind]
    if draw(st.booleans()):
        part = {"anyOf": [part, {"type": "null"}]}
    if draw(st.booleans()):
        part["default"] = draw(strategy)
    if draw(st.booleans()):
        part["writeOnly"] = True
    return part, draw(strategy)


@given(st.dictionaries(_words, properties(), max_size=6))
def test_any_value_comes_back_as_it_was_typed(schema: dict[str, tuple[dict[str, Any], Any]]) -> None:
    fields = fields_of({"properties": {name: part for name, (part, _) in schema.items()}}, "s")
    for field in fields:
        value = schema[field.name][1]
        again = value_of(field, schema_form.text_of(field, value))
        assert (again, type(again)) == (value, type(value))


@given(st.dictionaries(_words, properties(), max_size=6))
def test_a_form_that_nobody_touched_sends_nothing_but_what_has_no_default(
    schema: dict[str, tuple[dict[str, Any], Any]],
) -> None:
    fields = fields_of({"properties": {name: part for name, (part, _) in schema.items()}}, "s")
    with_default = [field for field in fields if field.default is not ABSENT]
    assert problems(with_default, first_texts(with_default)) == {}
    assert values(with_default, first_texts(with_default)) == {}


@given(properties(), st.text(max_size=12))
def test_any_text_is_a_value_or_a_sentence(property_: tuple[dict[str, Any], Any], text: str) -> None:
    (field,) = fields_of({"properties": {"x": property_[0]}}, "s")
    said = problems([field], {"s.x": text})
    if not said:
        assert isinstance(values([field], {"s.x": text}), dict)
    assert all(sentence.startswith("X ") for sentence in said.values())
