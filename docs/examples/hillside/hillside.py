"""Trunks at Hillside Telecom, a carrier that does not exist: what provd needs to know of one, and no more.

Its API is JSON over HTTPS. A trunk belongs to an account; each of our addresses is allowed on it by itself.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import httpx
from pydantic import Field

from provd.carriers.api import CarrierApi, Page
from provd.carriers.base import Order, Plan, ProviderDraft, base
from provd.carriers.credentials import CarrierModel, SecretWord
from provd.carriers.errors import CarrierError
from provd.carriers.gateways import Gateway, GatewaySetting
from provd.carriers.resource import Lookup, Resource
from provd.carriers.rest import BearerAuth, read_json, read_object, write_json
from provd.schema.carriers import Account

BASE_URL = "https://api.hillside.example/v1"
LONGEST_NAME = 60


class Tier(StrEnum):
    """What a call costs, and how it gets there."""

    ECONOMY = "economy"
    BUSINESS = "business"


class HillsideCredentials(CarrierModel):
    """What Hillside knows its customers by."""

    token: Annotated[SecretWord, Field(title="Token", description="Of Hillside's portal, under API access")]


class HillsideSettings(CarrierModel):
    """How the trunk is to be. Each title and description is what the wizard shows."""

    tier: Annotated[Tier, Field(title="Tier", description="business: over direct routes")] = Tier.ECONOMY
    calls_at_once: Annotated[int, Field(title="Calls at once", ge=1, le=500)] = 10
    recording: Annotated[bool, Field(title="Recording", description="Hillside keeps what was said")] = False
    regions: Annotated[
        list[str], Field(title="Regions", description="That may be called", min_length=1, max_length=9)
    ] = ["europe"]
    gateways: GatewaySetting = []


class HillsideDialect:
    """How the API is spoken: lists are in ``items``, with a ``next`` page; refusals say ``message``."""

    title = "Hillside"

    def __init__(self, token: str, base_url: str) -> None:
        self.auth = BearerAuth(token)
        self._base_url = base_url

    def url(self, path: str) -> str:
        """The address of a path."""
        return self._base_url + path

    def write(self, body: Any) -> tuple[bytes, str]:
        """A body, and its media type."""
        return write_json(body)

    def read(self, response: httpx.Response) -> Any:
        """What a good answer says."""
        return read_object(response)

    def words(self, response: httpx.Response) -> str:
        """What a refusal says."""
        said = read_json(response)
        return str(said.get("message", "")) if isinstance(said, dict) else ""

    def page(self, data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
        """The things listed, and where the next are."""
        items = data.get("items")
        if not isinstance(items, list):
            raise ValueError("a list without items")
        after = data.get("next")
        return items, (path, {**params, "page": str(after)}) if after else None


class Hillside:
    """The carrier Hillside."""

    name = "hillside"
    title = "Hillside Telecom"
    summary = "SIP trunks by IP address"
    credentials = HillsideCredentials
    settings = HillsideSettings

    def dialect(self, credentials: HillsideCredentials, base_url: str) -> HillsideDialect:
        """How its API is spoken with these credentials."""
        return HillsideDialect(credentials.token.get_secret_value(), base(base_url, BASE_URL))

    def check(
        self, credentials: HillsideCredentials, settings: HillsideSettings, gateways: Sequence[Gateway]
    ) -> list[str]:
        """What can't work in what was given: said before anybody is asked."""
        return [
            f"settings.gateways has {each}, and Hillside takes IPv4 addresses alone: leave it out"
            for each in gateways
            if ":" in each.ip
        ]

    def needs_gateways(self, settings: HillsideSettings) -> bool:
        """Whether our own addresses are registered."""
        return True

    async def validate(self, api: CarrierApi) -> Account:
        """Whose token it is."""
        return await _account(api, "check the token")

    async def plan(self, api: CarrierApi, order: Order, settings: HillsideSettings) -> Plan:
        """A trunk, and our addresses on it. provd makes them in this order, and undoes them in the other."""
        name = order.label(LONGEST_NAME)
        wanted: dict[str, Any] = {
            "name": name,
            "tier": settings.tier.value,
            "channels": settings.calls_at_once,
            "recording": settings.recording,
            "regions": settings.regions,
        }
        trunk = Resource(
            step="trunk",
            title="Create the trunk",
            path="/trunks",
            item="/trunks/{self}",
            body=wanted,
            lookup=Lookup(match={"name": name}),  # it may have been made by a request whose answer was lost
            expect=wanted,  # what a later comparison must find
        )
        addresses = [
            Resource(
                step=f"address_{number}",
                title=f"Allow {gateway}",
                path="/trunks/{trunk}/addresses",
                item="/trunks/{trunk}/addresses/{self}",
                body={"address": str(gateway)},
                lookup=Lookup(match={"address": str(gateway)}, all_ours=True),
                expect={"address": str(gateway)},
            )
            for number, gateway in enumerate(order.gateways, 1)
        ]
        return Plan(
            resources=[trunk, *addresses],
            provider=ProviderDraft(
                hostname="sip.hillside.example",
                metadata={"hillside_trunk_id": "trunk"},
            ),
            by_hand=["Ask Hillside to move your numbers to the trunk, for calls to you."],
        )

    def amend(self, resource: Resource, error: CarrierError) -> tuple[Resource, str] | None:
        """What to ask for instead after a refusal: there is nothing to give up."""
        return None

    async def numbers(self, api: CarrierApi, ids: Mapping[str, str]) -> list[str]:
        """The numbers on the trunk."""
        if "trunk" not in ids:
            return []
        path = f"/trunks/{ids['trunk']}/numbers"
        return [str(each.get("number")) async for each in api.pages(path, "list the numbers on the trunk")]

    async def balance(self, api: CarrierApi) -> Account:
        """The account with its balance."""
        return await _account(api, "read the balance")


async def _account(api: CarrierApi, doing: str) -> Account:
    data = await api.get("/account", doing)
    return Account(balance=str(data.get("balance", "")), currency=str(data.get("currency", "")))
