"""A form drawn from a JSON Schema: its fields, and what is typed there as JSON."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from pydantic import JsonValue

from provtui.form_fields import NO, YES, FormField, Kind, Texts
from provtui.text import clean

_NOT_SET = "not set"
_CHOOSE = "choose one"


class Shape(Enum):
    """What values a field has."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    STRINGS = "strings"
    CHOICE = "choice"
    JSON = "json"


class Absent(Enum):
    """Stands for no value at all, which is not null."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
Value = JsonValue | Absent


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A property of a schema: how it is drawn, and what it means.

    ``default`` is what holds where it is left out. ``among`` has the values of a choice.
    """

    name: str
    drawn: FormField
    shape: Shape
    default: Value
    nullable: bool
    among: tuple[JsonValue, ...] = ()
    least: float | None = None
    most: float | None = None


def fields_of(schema: Mapping[str, Any], where: str) -> list[SchemaField]:
    """Give a field for each property of an object's schema, in its order; their paths begin with ``where``.

    Strings, numbers, booleans, enumerations and lists of strings have fields of their own, whatever else
    there is is written as JSON. References lead into ``$defs``.
    """
    definitions = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    return [
        _field(name, _resolved(part, definitions), f"{where}.{name}", needed=name in required)
        for name, part in schema.get("properties", {}).items()
    ]


def first_texts(fields: Iterable[SchemaField]) -> Texts:
    """Give what stands in the fields to begin with: the defaults."""
    return {field.drawn.path: text_of(field, field.default) for field in fields}


def text_of(field: SchemaField, value: Value) -> str:
    """Write a value as it stands in its field; what is no value of the field is written as JSON."""
    if value is ABSENT or value is None:
        return NO if field.drawn.kind is Kind.SWITCH else ""
    match field.shape:
        case Shape.JSON:
            return json.dumps(value)
        case Shape.STRINGS if isinstance(value, list):
            return ", ".join(map(str, value))
    if isinstance(value, bool):
        return YES if value else NO
    return value if isinstance(value, str) else json.dumps(value)


def value_of(field: SchemaField, text: str) -> Value:
    """Give the value that a text means; ValueError, with a sentence that begins after the label, for none."""
    if not text.strip():
        return _empty(field)
    match field.shape:
        case Shape.STRING:
            return text if field.drawn.kind is Kind.MASKED else text.strip()
        case Shape.INTEGER:
            return _number(field, text, int, "a whole number")
        case Shape.NUMBER:
            return _number(field, text, float, "a number")
        case Shape.BOOLEAN:
            return text == YES
        case Shape.STRINGS:
            return [part.strip() for part in text.split(",") if part.strip()]
        case Shape.CHOICE:
            return _chosen(field, text)
        case Shape.JSON:
            return _read(text)


def problems(fields: Iterable[SchemaField], texts: Mapping[str, str]) -> dict[str, str]:
    """Tell, as a sentence, what is wrong with which field, by path. The daemon may know more."""
    wrong: dict[str, str] = {}
    for field in fields:
        try:
            value = value_of(field, texts[field.drawn.path])
        except ValueError as error:
            wrong[field.drawn.path] = f"{field.drawn.label} {error}"
        else:
            if value is ABSENT and field.drawn.required:
                wrong[field.drawn.path] = f"{field.drawn.label} is needed"
    return wrong


def values(fields: Iterable[SchemaField], texts: Mapping[str, str]) -> dict[str, JsonValue]:
    """Give the object that texts without problems mean; what is as by default is left out."""
    found: dict[str, JsonValue] = {}
    for field in fields:
        value = value_of(field, texts[field.drawn.path])
        if not isinstance(value, Absent) and not _same(value, field.default):
            found[field.name] = value
    return found


def path_at(paths: Iterable[str], detail: str) -> str | None:
    """Give the path among ``paths`` that an error detail is about: the detail's own, or what it is within."""
    known = set(paths)
    parts = detail.split(".")
    return next((p for n in range(len(parts), 0, -1) if (p := ".".join(parts[:n])) in known), None)


def _field(name: str, part: Mapping[str, Any], path: str, *, needed: bool) -> SchemaField:
    default: Value = part.get("default", ABSENT)
    required = needed and default is ABSENT
    nullable, shape, among = bool(part.get("nullable")), _shape(part), tuple(part.get("enum", ()))
    least, most = part.get("minimum"), part.get("maximum")
    drawn = FormField(
        path,
        clean(str(part.get("title") or name.replace("_", " ").capitalize())),
        _hint(part, shape),
        _kind(part, shape, nullable=nullable),
        about=clean(str(part.get("description") or "")),
        required=required,
        unset=_CHOOSE if required else _NOT_SET,
    )
    field = SchemaField(name, drawn, shape, default, nullable, among, least, most)
    return field if drawn.kind is not Kind.CHOICE else _with_choices(field)


def _with_choices(field: SchemaField) -> SchemaField:
    texts = (YES, NO) if field.shape is Shape.BOOLEAN else tuple(text_of(field, v) for v in field.among)
    free = ("",) if field.default is ABSENT or field.nullable else ()
    choices = tuple(dict.fromkeys((*free, *texts)))
    return replace(field, drawn=replace(field.drawn, choices=choices))


def _resolved(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Give a property's schema without references, and null as the mark ``nullable``."""
    found = dict(part)
    for _ in range(len(definitions) + 1):
        reference = found.pop("$ref", None)
        several: Sequence[Any] = found.pop("allOf", ())
        inner = {} if reference is None else definitions.get(str(reference).rpartition("/")[2], {})
        if not inner and len(several) == 1:
            inner = several[0]
        if not inner:
            break
        found = {**inner, **found}
    if "const" in found:
        found["enum"] = [found["const"]]
    options = [each for each in found.get("anyOf", ()) if each.get("type") != "null"]
    if "anyOf" in found:
        found["nullable"] = len(options) < len(found["anyOf"])
        if len(options) == 1:
            del found["anyOf"]
            found = {**_resolved(options[0], definitions), **found}
    return found


def _shape(part: Mapping[str, Any]) -> Shape:
    if part.get("enum"):
        return Shape.CHOICE
    match part.get("type"):
        case "string" | "integer" | "number" | "boolean" as plain:
            return Shape(plain)
        case "array" if part.get("items", {}).get("type") == "string":
            return Shape.STRINGS
    return Shape.JSON


def _kind(part: Mapping[str, Any], shape: Shape, *, nullable: bool) -> Kind:
    if shape is Shape.CHOICE or (shape is Shape.BOOLEAN and nullable):
        return Kind.CHOICE
    if shape is Shape.BOOLEAN:
        return Kind.SWITCH
    secret = part.get("writeOnly") or part.get("format") == "password"
    return Kind.MASKED if secret else Kind.TEXT


def _hint(part: Mapping[str, Any], shape: Shape) -> str:
    examples = part.get("examples")
    if examples and isinstance(examples[0], str | int | float):
        return clean(str(examples[0]))
    return {Shape.STRINGS: "with commas between them", Shape.JSON: "JSON"}.get(shape, "")


def _empty(field: SchemaField) -> Value:
    if field.nullable:
        return None
    if field.default is ABSENT:
        return ABSENT
    match field.shape:
        case Shape.STRING:
            return ""
        case Shape.STRINGS:
            return []
        case Shape.CHOICE if "" in field.among:
            return ""
    raise ValueError("is needed")


def _number(field: SchemaField, text: str, kind: type[int] | type[float], what: str) -> float:
    try:
        number = kind(text)
    except ValueError:
        raise ValueError(f"must be {what}") from None
    if not math.isfinite(number):
        raise ValueError(f"must be {what}")
    if field.least is not None and number < field.least:
        raise ValueError(f"must be {field.least:g} or more")
    if field.most is not None and number > field.most:
        raise ValueError(f"must be {field.most:g} or less")
    return number


def _chosen(field: SchemaField, text: str) -> JsonValue:
    for value in field.among:
        if text_of(field, value) == text:
            return value
    raise ValueError("must be one of those that are offered")


def _read(text: str) -> JsonValue:
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        raise ValueError("must be JSON") from None
    return found


def _same(one: JsonValue, other: Value) -> bool:
    """Compare as JSON does, in which true is not 1."""
    return not isinstance(other, Absent) and type(one) is type(other) and one == other
