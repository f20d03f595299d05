"""One thing to make at a carrier, as data: it can be shown, journalled, made, found, compared and deleted."""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, JsonValue

_PLACE = re.compile(r"\{(\w+)\}")
SELF = "self"


class NotMade(KeyError):
    """A step made nothing, or what it made is gone: its id stands for nothing."""


class Lookup(BaseModel):
    """How a resource is found among those of its collection.

    ``params`` narrow the list; ``match`` has what its fields must be (dotted names lead into objects).
    ``all_ours`` tells that everything in that list belongs to our trunk, so that what we don't know there
    is foreign.
    """

    model_config = ConfigDict(frozen=True)

    match: dict[str, JsonValue]
    params: dict[str, str] = {}
    path: str = ""
    all_ours: bool = False


class Resource(BaseModel):
    """A thing at the carrier, made by one request.

    ``step`` is its name in the plan, a word. In paths ``{step}`` stands for the id of an earlier step's
    thing, and ``{self}`` for its own; in ``body``, ``lookup`` and ``expect``, ``{"$id": step}`` does, and
    ``{"$secret": name}`` for one of the credentials. ``expect`` has the fields, by dotted names, that a later
    look must find unchanged. Without ``deletes`` it goes when what it belongs to goes. ``absent`` is what a
    refusal says that means there is no such thing, where the carrier gives another code than 404 for that.
    """

    model_config = ConfigDict(frozen=True)

    step: str
    title: str
    path: str
    item: str
    body: dict[str, JsonValue]
    lookup: Lookup | None = None
    expect: dict[str, JsonValue] = {}
    method: Literal["POST", "PATCH"] = "POST"
    id_field: str = "id"
    deletes: bool = True
    absent: str = ""


def id_of(step: str) -> JsonValue:
    """Stands for the id of what an earlier step made."""
    return {"$id": step}


def secret(name: str) -> JsonValue:
    """Stands for one of the credentials."""
    return {"$secret": name}


def filled(value: JsonValue, ids: Mapping[str, str], secrets: Mapping[str, str]) -> JsonValue:
    """``value`` with ids and secrets in place of what stands for them.

    Raises NotMade for a step without an id, and KeyError for a secret that was not given.
    """
    if isinstance(value, list):
        return [filled(each, ids, secrets) for each in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$id": str(step)}:
            return _made(step, ids)
        case {"$secret": str(name)}:
            return secrets[name]
    return {key: filled(each, ids, secrets) for key, each in value.items()}


def filled_path(path: str, ids: Mapping[str, str]) -> str:
    """A path with ids in place of ``{step}``, each escaped. Raises NotMade."""
    return _PLACE.sub(lambda found: quote(_made(found[1], ids), safe=""), path)


def _made(step: str, ids: Mapping[str, str]) -> str:
    if step not in ids:
        raise NotMade(step)
    return ids[step]


def field(item: Any, name: str) -> Any:
    """The value of a dotted name in an object; None where it does not lead anywhere. Through a list it leads
    to the values in all its items, as one list."""
    if isinstance(item, list):
        values = [field(each, name) for each in item]
        return [value for each in values for value in (each if isinstance(each, list) else [each])]
    if not isinstance(item, Mapping):
        return None
    part, _, rest = name.partition(".")
    return field(item.get(part), rest) if rest else item.get(part)


def same(expected: Any, found: Any) -> bool:
    """Whether two values mean the same: lists in any order, numbers and booleans as texts too, None as ""."""
    if isinstance(expected, list):
        return isinstance(found, list) and sorted(map(_text, expected)) == sorted(map(_text, found))
    return _text(expected) == _text(found)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
