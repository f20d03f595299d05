"""An account at a simulated Bandwidth: every request and answer is held against the specification."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from provd.carriers.api import CarrierApi
from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.bandwidth.models import BandwidthCredentials, BandwidthSettings
from provd.carriers.base import Order
from provd.carriers.credentials import exposed, hidden
from provd.carriers.gateways import parsed
from provd.carriers.saga import Saga, Step
from provd.demo.carriers.bandwidth import FakeBandwidth
from tests.fakes.carriers.contract import check_answer, check_request

from .xml_contract import xml_contract

ACCOUNT = "9900000"
CLIENT = ("CLI-5c1d7e", "Zq8-client-secret-3LhW")
USER = ("api-user", "Hv2-user-password-9TnX")
SECRETS = (CLIENT[1], USER[1])
VCP = "bandwidth_vcp.derived.json"
TAG = "ab12cd34"

BY_CLIENT = {"account_id": ACCOUNT, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
BY_USER = {"account_id": ACCOUNT, "username": USER[0], "password": USER[1]}
Handler = Callable[[httpx.Request], httpx.Response]


@dataclass
class Kind:
    """A kind of account, and how it is logged in to."""

    universal: bool
    credentials: dict[str, str]

    @property
    def secrets(self) -> list[str]:
        return [value for value in self.credentials.values() if value in SECRETS]

    def __str__(self) -> str:
        platform = "universal" if self.universal else "legacy"
        return f"{platform}-by-{'client' if 'client_id' in self.credentials else 'user'}"


UNIVERSAL = Kind(universal=True, credentials=BY_CLIENT)
LEGACY = Kind(universal=False, credentials=BY_USER)
KINDS = (UNIVERSAL, LEGACY, Kind(universal=False, credentials=BY_CLIENT))


@dataclass
class Wire:
    """What went over it. ``answer`` stands between us and Bandwidth."""

    handler: Handler
    answer: Callable[[httpx.Request, Handler], httpx.Response] | None = None
    checked: bool = True
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.answer is not None:
            return self.answer(request, self._checked)
        return self._checked(request)

    def asked(self) -> list[tuple[str, str]]:
        return [(each.method, each.url.path) for each in self.requests]

    def _checked(self, request: httpx.Request) -> httpx.Response:
        if not self.checked:
            return self.handler(request)
        in_xml = request.url.host == "dashboard.bandwidth.com"
        if in_xml:
            xml_contract().check_request(request)
        else:
            check_request(request, VCP)
        response = self.handler(request)
        if response.status_code < 400:
            if in_xml:
                xml_contract().check_answer(request, response)
            else:
                check_answer(request, response, VCP)
        return response


def account(kind: Kind, **more: Any) -> FakeBandwidth:
    clients, users = dict([CLIENT]), dict([USER])
    return FakeBandwidth(ACCOUNT, universal=kind.universal, clients=clients, users=users, **more)


async def nap(_seconds: float) -> None:
    return


@asynccontextmanager
async def opened(
    wire: Handler, credentials: dict[str, str] = BY_CLIENT, base_url: str = ""
) -> AsyncIterator[CarrierApi]:
    given = BandwidthCredentials.model_validate(credentials)
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        dialect = Bandwidth().dialect(given, base_url)
        yield CarrierApi(client, dialect, exposed(given), hidden(given), nap)


def settings(**given: Any) -> BandwidthSettings:
    return BandwidthSettings.model_validate({"hostname": "sbc.example.com", **given})


def order(gateways: Sequence[str] = ("203.0.113.10", "203.0.113.11:5070"), name: str = "Ours") -> Order:
    return Order(name=name, tag=TAG, gateways=parsed(gateways))


class Paper:
    """A journal that nobody reads."""

    async def save(self, step: Step) -> None:
        return


async def planned(api: CarrierApi, **given: Any) -> tuple[Saga, list[Step]]:
    plan = await Bandwidth().plan(api, order(), settings(**given))
    steps = [Step(each) for each in plan.resources]
    return Saga(api, Bandwidth(), steps, Paper()), steps
