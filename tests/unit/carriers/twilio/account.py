"""An account at a simulated Twilio, every request and answer of it held against Twilio's specifications."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from provd.carriers.api import CarrierApi
from provd.carriers.base import Order, Plan
from provd.carriers.credentials import exposed, hidden
from provd.carriers.gateways import parsed
from provd.carriers.resource import Resource
from provd.carriers.saga import Saga, Step
from provd.carriers.twilio.carrier import Twilio
from provd.carriers.twilio.models import TwilioCredentials, TwilioSettings
from provd.demo.carriers.twilio import FakeTwilio
from tests.fakes.carriers.contract import check_answer, check_request
from tests.unit.carriers.twilio.forms import check_form

ACCOUNT = "AC" + "0a" * 16
TOKEN = "5ecret70ken00112233445566778899a"
KEY_SID = "SK" + "1b" * 16
KEY_SECRET = "AnApiKeySecretOf32Characters0000"
USERNAME = "gateway-1"
PASSWORD = "Correct4Horses"
WITH_TOKEN = {"account_sid": ACCOUNT, "auth_token": TOKEN}
WITH_KEY = {"account_sid": ACCOUNT, "api_key_sid": KEY_SID, "api_key_secret": KEY_SECRET}
SIP_LOGIN = {"sip_username": USERNAME, "sip_password": PASSWORD}
SECRETS = (TOKEN, KEY_SECRET, PASSWORD)
GATEWAYS = ("203.0.113.10", "198.51.100.7:5080")

Handle = Callable[[httpx.Request], httpx.Response]


class Journal:
    """Keeps nothing."""

    async def save(self, step: Step) -> None:
        pass


class Account:
    """What a test has: the simulated account, the API to it, what was asked, and what comes between."""

    def __init__(self, **credentials: str) -> None:
        self.carrier = Twilio()
        self.credentials = TwilioCredentials.model_validate(credentials or {**WITH_TOKEN, **SIP_LOGIN})
        self.fake = FakeTwilio(ACCOUNT, TOKEN, api_keys={KEY_SID: KEY_SECRET})
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self.handle: Handle = self.answer
        self.api: CarrierApi

    @asynccontextmanager
    async def open(self, base_url: str = "") -> AsyncIterator["Account"]:
        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        transport = httpx.MockTransport(lambda request: self.handle(request))
        async with httpx.AsyncClient(transport=transport) as client:
            dialect = self.carrier.dialect(self.credentials, base_url)
            self.api = CarrierApi(client, dialect, exposed(self.credentials), hidden(self.credentials), sleep)
            yield self

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the simulated account says; BrokenContract when that, or the question, is not Twilio's."""
        self.requests.append(request)
        official = request.url.host.endswith(".twilio.com")
        kind = "trunking" if request.url.path.startswith("/v1/") else "api"
        specification = f"twilio_{kind}.strict.json"
        if official:
            check_request(request, specification)
            check_form(request, specification)
        answer = self.fake.handle(request)
        if official and answer.status_code < 400:
            check_answer(request, answer, specification)
        return answer

    async def plan(self, name: str = "Our trunk", tag: str = "ab12cd34", **settings: Any) -> Plan:
        gateways = settings.pop("gateways", GATEWAYS)
        order = Order(name=name, tag=tag, gateways=parsed(gateways))
        return await self.carrier.plan(self.api, order, TwilioSettings.model_validate(settings))

    async def saga(self, **settings: Any) -> tuple[Saga, list[Step]]:
        plan = await self.plan(**settings)
        written = [each.model_dump(mode="json") for each in plan.resources]  # as the journal keeps them
        steps = [Step(Resource.model_validate(each)) for each in written]
        return Saga(self.api, self.carrier, steps, Journal()), steps

    def only(self, shape: str) -> dict[str, Any]:
        """The one thing whose path ends like this, ids left out: ``Trunks/*``."""
        ends = [path for path in self.fake.things if path.rpartition("/")[0].endswith(shape)]
        assert len(ends) == 1, f"{shape}: {ends}"
        return self.fake.things[ends[0]]
