"""Routes: which provider carries which numbers, and who would carry a call now."""

import re
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from provd.schema.fields import Detail, Name
from provd.schema.model import Model
from provd.schema.provider import Transport
from provd.schema.timestamps import NEVER, Timestamp

DEFAULT_CUSTOMER = "00000000-0000-0000-0000-000000000001"
_TARGET = re.compile(r"\+[0-9]{1,15}")


def _target(text: str) -> str:
    if text != "all" and not _TARGET.fullmatch(text):
        raise ValueError(
            'must be "all", or what the numbers begin with: + and 1 to 15 digits, like +1 or +4420'
        )
    return text


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError("is not a UUID") from None


Target = Annotated[str, AfterValidator(_target)]
Id = Annotated[str, AfterValidator(_uuid)]
Priority = Annotated[int, Field(ge=0, le=65535)]
Weight = Annotated[int, Field(ge=1, le=65535)]


class RouteCreate(Model):
    """What ``POST /routes`` takes. The lowest ``priority`` is tried first; among equals ``weight`` is the
    share of calls that try this one first."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    provider_id: Id
    target: Target = "all"
    priority: Priority = 1
    weight: Weight = 1
    enabled: bool = True
    detail: Detail = ""
    customer_id: Id = DEFAULT_CUSTOMER


class RouteUpdate(Model):
    """What ``PUT /routes/{id}`` takes: all of these. A route's customer stays."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    provider_id: Id
    target: Target
    priority: Priority
    weight: Weight
    enabled: bool = True
    detail: Detail = ""


class RoutePatch(Model):
    """What ``PATCH /routes/{id}`` takes: any of these."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    provider_id: Id = ""
    target: Target = "all"
    priority: Priority = 1
    weight: Weight = 1
    enabled: bool = True
    detail: Detail = ""


class Route(Model):
    """A route as the API answers it."""

    id: str
    customer_id: str
    name: str
    detail: str = ""
    provider_id: str
    priority: int
    weight: int
    target: str
    enabled: bool
    revision: int
    tm_create: Timestamp
    tm_update: Timestamp
    tm_delete: Timestamp = NEVER


class RoutePage(Model):
    """One page of routes, newest first."""

    result: list[Route]
    next_page_token: str


class DialRequest(Model):
    """What ``POST /providers/{id}/dial-preview`` takes."""

    model_config = ConfigDict(extra="forbid")

    destination: Annotated[str, Field(min_length=1, max_length=256, examples=["+15551234567"])]
    caller: Annotated[str, Field(max_length=256)] = ""


class DialPreview(Model):
    """A call as it would be sent to a provider. Nothing is sent."""

    provider_id: str
    destination: str
    region: str = Field(description="the country of the number, two letters; empty when unknown")
    number: str
    request_uri: str
    next_hop: str
    transport: Transport
    headers: dict[str, str]
    warnings: list[str]


class ResolveRequest(Model):
    """What ``POST /routes/resolve`` takes. ``seed`` makes the chance among weights repeatable."""

    model_config = ConfigDict(extra="forbid")

    destination: Annotated[str, Field(min_length=1, max_length=256, examples=["+15551234567"])]
    caller: Annotated[str, Field(max_length=256)] = ""
    customer_id: Id = DEFAULT_CUSTOMER
    include_unhealthy: bool = False
    seed: int | None = None


class Tried(Model):
    """A provider to try, and by which route. ``last_resort``: it is unhealthy, and no other is left."""

    route_id: str
    route: str
    provider_id: str
    provider: str
    target: str
    priority: int
    weight: int
    health_status: str
    last_resort: bool = False


class Attempt(Tried):
    """One provider to try, and how it is dialled."""

    number: str
    request_uri: str
    next_hop: str
    headers: dict[str, str]
    warnings: list[str]


class Skipped(Model):
    """A provider that has a route for the number and is not tried. ``reason`` is unhealthy, disabled or
    maintenance."""

    route_id: str
    route: str
    provider_id: str
    provider: str
    reason: str
    message: str


class Resolution(Model):
    """Who would carry a call, in order."""

    destination: str
    region: str
    attempts: list[Attempt]
    skipped: list[Skipped]
    message: str = Field(description="what is to be known about it; empty when nothing is")


class Carrying(Model):
    """A provider in its place: tried when those before it fail. ``reason`` is why it would be passed over."""

    provider_id: str
    provider: str
    route: str
    target: str
    priority: int
    weight: int
    health_status: str
    reason: str = ""


class MatrixRow(Model):
    """Who would carry calls to one country calling code. ``exceptions`` are longer targets within it."""

    country_code: str
    regions: list[str]
    carried_by: list[Carrying]
    exceptions: list[str]


class Matrix(Model):
    """Who would carry each country, by calling code. Those of equal priority share calls by weight."""

    customer_id: str
    result: list[MatrixRow]
    nobody: list[str] = Field(description="calling codes that no route is for")
