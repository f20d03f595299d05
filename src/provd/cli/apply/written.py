"""Providers and routes as YAML files have them: read, checked one by one, each with its place."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ValidationError, model_validator

from provd.routing.formats.base import FormatError, Problem, read
from provd.routing.formats.yaml_reader import YamlReader
from provd.schema.fields import Name
from provd.schema.mistakes import in_words
from provd.schema.probe import ProbeOverrides
from provd.schema.provider import READ_ONLY_FIELDS, ProviderCreate
from provd.schema.route import Id, Route, RouteCreate

_HIDDEN = "***"
_IGNORED = READ_ONLY_FIELDS - {"id"}
_IGNORED_OF_ROUTES = frozenset(Route.model_fields) - frozenset(RouteCreate.model_fields) - {"id"}
_LEADING = frozenset({"provider_id", "provider"})
_OF_ROUTES_ALONE = frozenset({"target", "priority", "weight", "customer_id"})


class Kind(StrEnum):
    """What a record is."""

    PROVIDER = "provider"
    ROUTE = "route"


class WrittenProvider(ProviderCreate):
    """A provider in a file. Without an ``id`` it is known by its name; what is absent has its default."""

    id: Id | None = None


class WrittenRoute(RouteCreate):
    """A route in a file. Without an ``id`` it is known by its name, target and customer; ``provider`` is the
    name of the provider that it leads to, in place of ``provider_id``."""

    id: Id | None = None
    provider: Name = ""
    provider_id: Id = ""

    @model_validator(mode="after")
    def _leads_to_one_provider(self) -> Self:
        if self.provider and self.provider_id:
            raise ValueError("has provider and provider_id: give one of them")
        if not self.provider and not self.provider_id:
            raise ValueError("leads nowhere: give provider, the name of one, or provider_id")
        return self


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written; ``line`` is 0 for a file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with what is written somewhere; the message has no subject."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Written:
    """A record: all its writable fields, as JSON has them. Of a route that names its ``provider`` the field
    ``provider_id`` is empty."""

    place: Place
    kind: Kind
    id: str | None
    fields: dict[str, Any]
    provider: str = ""


@dataclass(slots=True)
class Reading:
    """What the files have. ``wrong`` are the names and ids of providers that have mistakes; ``whole`` is
    False when some file could not be read to its end: then nobody knows which providers there are."""

    written: list[Written] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    whole: bool = True


def read_text(reading: Reading, file: str, text: str) -> None:
    """Add what the text of a file has."""
    try:
        for found in read(YamlReader(), text.split("\n")):
            if isinstance(found, Problem):
                reading.mistakes.append(Mistake(Place(file, found.line), found.message))
            else:
                _take(reading, Place(file, found.line), found.record)
    except FormatError as error:
        give_up(reading, Place(file), str(error))


def give_up(reading: Reading, place: Place, message: str) -> None:
    """Note that a file can't be read to its end."""
    reading.mistakes.append(Mistake(place, message))
    reading.whole = False


def _take(reading: Reading, place: Place, record: dict[str, Any]) -> None:
    kind = _kind_of(record)
    ignored = _IGNORED if kind is Kind.PROVIDER else _IGNORED_OF_ROUTES
    given = {name: value for name, value in record.items() if name not in ignored}
    wrong = _hidden_headers(given) if kind is Kind.PROVIDER else []
    try:
        if kind is Kind.PROVIDER:
            model: WrittenProvider | WrittenRoute = WrittenProvider.model_validate(given)
        else:
            model = WrittenRoute.model_validate(given)
    except ValidationError as error:
        known = WrittenProvider if kind is Kind.PROVIDER else WrittenRoute
        wrong += _words(error, known)
    if wrong:
        reading.mistakes += [Mistake(place, message) for message in wrong]
        if kind is Kind.PROVIDER:
            reading.wrong |= {
                each for each in (record.get("id"), record.get("name")) if isinstance(each, str)
            }
        return
    fields = model.model_dump(mode="json", exclude={"id", "provider"})
    provider = model.provider if isinstance(model, WrittenRoute) else ""
    reading.written.append(Written(place, kind, model.id, fields, provider))


def _kind_of(record: dict[str, Any]) -> Kind:
    if _LEADING & record.keys() or ("hostname" not in record and _OF_ROUTES_ALONE & record.keys()):
        return Kind.ROUTE
    return Kind.PROVIDER


def _hidden_headers(record: dict[str, Any]) -> list[str]:
    headers = record.get("tech_headers")
    if not isinstance(headers, dict) or _HIDDEN not in headers.values():
        return []
    what = f'tech_headers has the value "{_HIDDEN}", which stands for one that a viewer may not see'
    return [f"{what}: export as operator or admin, or write the value"]


def _words(error: ValidationError, model: type[BaseModel]) -> list[str]:
    said = []
    for each in error.errors(include_input=False):
        loc = [str(part) for part in each["loc"] if part != "[key]"]
        known = ProbeOverrides.model_fields if loc[:1] == ["probe"] and len(loc) > 1 else model.model_fields
        quotes = ": put it in quotes" if each["type"] == "string_type" else ""
        said.append(f"{'.'.join(loc)} {in_words(each, known)}{quotes}".strip())
    return said
