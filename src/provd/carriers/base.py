"""What a carrier's module offers, and what it is told."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict

from provd.carriers.api import CarrierApi, Dialect
from provd.carriers.credentials import CarrierModel
from provd.carriers.errors import CarrierError
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Resource
from provd.schema.carriers import Account
from provd.schema.provider import Transport

C = TypeVar("C", bound=CarrierModel)
S = TypeVar("S", bound=CarrierModel)


class Order(BaseModel):
    """What is to be set up. ``tag`` is short, and unlike that of any other setup: it goes into every name,
    so that what was made can be found again."""

    model_config = ConfigDict(frozen=True)

    name: str
    tag: str
    gateways: list[Gateway]

    def label(self, longest: int) -> str:
        """The name for things at the carrier, with the tag, in at most ``longest`` characters."""
        room = longest - len(self.tag) - 1
        return f"{self.name[:room].strip()} {self.tag}".strip()


class ProviderDraft(BaseModel):
    """The provider's record that a setup ends with. ``metadata`` has the steps whose ids it keeps: one, or a
    list of them."""

    hostname: str
    transport: Transport = Transport.UDP
    tech_prefix: str = ""
    metadata: dict[str, str | list[str]]


class Plan(BaseModel):
    """Everything that a setup will make, in order. ``by_hand`` tells what the operator must do himself, since
    the carrier's API can't."""

    resources: list[Resource]
    provider: ProviderDraft
    by_hand: list[str] = []


class Carrier(Protocol[C, S]):
    """A carrier that trunks can be set up at. Modules of third parties come by the entry point group
    ``provd.carriers``; each entry point names such an object, or a class that makes one.

    ``name`` is its key in the API and in the configuration, ``title`` how people write it. ``base_url`` in
    the configuration replaces the carrier's own address; "" does not.
    """

    name: str
    title: str
    summary: str
    credentials: type[C]
    settings: type[S]

    def dialect(self, credentials: C, base_url: str) -> Dialect:
        """How its API is spoken with these credentials."""
        ...

    def check(self, credentials: C, settings: S, gateways: Sequence[Gateway]) -> list[str]:
        """What can't work in what was given, each a sentence; asks nobody."""
        ...

    def needs_gateways(self, settings: S) -> bool:
        """Whether our own addresses are registered."""
        ...

    async def validate(self, api: CarrierApi) -> Account:
        """Whose key it is. Raises CarrierError when it is not valid."""
        ...

    async def plan(self, api: CarrierApi, order: Order, settings: S) -> Plan:
        """What to make. May look at the account, and makes nothing. Raises CarrierError."""
        ...

    def amend(self, resource: Resource, error: CarrierError) -> tuple[Resource, str] | None:
        """What to ask for instead after a refusal, and what was given up; None to leave it."""
        ...

    async def numbers(self, api: CarrierApi, ids: Mapping[str, str]) -> list[str]:
        """The phone numbers that are on the trunk, +E.164, by the ids of what the steps made."""
        ...

    async def balance(self, api: CarrierApi) -> Account | None:
        """The account with its balance; None where the carrier has none."""
        ...


AnyCarrier = Carrier[Any, Any]


def base(given: str, default: str) -> str:
    """The address of an API: ``default``, or ``given`` with the path of ``default`` where it has none."""
    if not given:
        return default
    url = httpx.URL(given)
    path = url.path.strip("/") or httpx.URL(default).path.strip("/")
    return str(url.copy_with(path=f"/{path}")).rstrip("/")
