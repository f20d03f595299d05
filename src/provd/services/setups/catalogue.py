"""The carriers: what each wants to know, what was given, and calls to its API."""

import asyncio
import difflib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from provd.carriers.api import TIMEOUT, CarrierApi
from provd.carriers.base import AnyCarrier
from provd.carriers.credentials import CarrierModel, exposed, hidden
from provd.carriers.gateways import Gateway, parsed
from provd.schema.carriers import Account, CarrierInfo, CarrierList
from provd.schema.errors import ErrorDetail, ErrorStatus
from provd.schema.mistakes import in_words
from provd.services.errors import ServiceError, conflict, invalid
from provd.services.setups.refusals import refusing
from provd.version import __version__

T = TypeVar("T", bound=BaseModel)
Client = Callable[[], Awaitable[httpx.AsyncClient]]
Sleep = Callable[[float], Awaitable[object]]


class Https:
    """Makes the clients that carriers are called with. The certificates that they trust are read once."""

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None

    async def __call__(self) -> httpx.AsyncClient:
        """A client of its own, that follows no redirects."""
        if self._context is None:  # takes some 20 ms, in which no check would be sent
            self._context = await asyncio.to_thread(httpx.create_ssl_context)
        return httpx.AsyncClient(
            verify=self._context, timeout=TIMEOUT, headers={"User-Agent": f"provd/{__version__}"}
        )


class Catalogue:
    """The carriers by name, with the addresses of ``base_urls`` in place of their own, and our own SIP
    addresses, ``gateways``, where a setup does not name others."""

    def __init__(
        self,
        carriers: Mapping[str, AnyCarrier],
        base_urls: Mapping[str, str],
        gateways: Sequence[str],
        client: Client,
        sleep: Sleep,
    ) -> None:
        self._carriers = carriers
        self._base_urls = base_urls
        self._gateways = gateways
        self._client = client
        self._sleep = sleep

    def infos(self) -> CarrierList:
        """Every carrier, with what it wants to know."""
        return CarrierList(
            result=[
                CarrierInfo(
                    name=each.name,
                    title=each.title,
                    summary=each.summary,
                    credentials=each.credentials.model_json_schema(),
                    settings=each.settings.model_json_schema(),
                )
                for each in self._carriers.values()
            ]
        )

    def carrier(self, name: str, field: str = "carrier") -> AnyCarrier:
        """One by its name; ServiceError 400 when it is not supported."""
        found = self._carriers.get(name)
        if found is None:
            near = difflib.get_close_matches(name, self._carriers, 1, 0.6)
            guess = f"Did you mean {near[0]}? " if near else ""
            raise invalid(
                field,
                f"is {name[:64]!r}, which is not supported. {guess}There are {', '.join(self._carriers)}",
            )
        return found

    async def validate(self, name: str, given: Mapping[str, JsonValue]) -> Account:
        """Whose key it is. Nothing is kept."""
        carrier = self.carrier(name)
        credentials = read(carrier.credentials, given, "credentials")
        with refusing():
            async with self.open(carrier, credentials) as api:
                account: Account = await carrier.validate(api)
        return account

    @asynccontextmanager
    async def open(self, carrier: AnyCarrier, credentials: CarrierModel) -> AsyncIterator[CarrierApi]:
        """A carrier's API with these credentials."""
        dialect = carrier.dialect(credentials, self._base_urls.get(carrier.name, ""))
        async with await self._client() as client:
            yield CarrierApi(client, dialect, exposed(credentials), hidden(credentials), self._sleep)

    def url(self, carrier: AnyCarrier, credentials: CarrierModel, path: str) -> str:
        """Where a call with a path goes."""
        return carrier.dialect(credentials, self._base_urls.get(carrier.name, "")).url(path)

    def gateways(self, carrier: AnyCarrier, settings: CarrierModel) -> list[Gateway]:
        """Our own SIP addresses for a setup; ServiceError 409 when it needs some and nobody named any."""
        named = getattr(settings, "gateways", None) or self._gateways
        if not named and carrier.needs_gateways(settings):
            raise conflict(
                "GATEWAYS_NEEDED",
                f"{carrier.title} needs our own public SIP addresses: put them into settings.gateways, or as "
                'sip_gateways = ["203.0.113.10:5060"] under [platform] in provd\'s config',
            )
        return parsed(named)


def read(model: type[T], given: Mapping[str, JsonValue], where: str) -> T:
    """What was given for a model; ServiceError 400 with every mistake, none of them with a value."""
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        details = [
            ErrorDetail(
                field=".".join(map(str, (where, *each["loc"])))[:256],
                message=in_words(each, model.model_fields),
            )
            for each in error.errors(include_input=False)
        ]
        raise refused(details) from None


def refused(details: list[ErrorDetail]) -> ServiceError:
    """A 400 about several fields."""
    message = (
        f"{details[0].field} {details[0].message}"
        if len(details) == 1
        else f"{len(details)} fields are wrong: {', '.join(dict.fromkeys(each.field for each in details))}"
    )
    return ServiceError(ErrorStatus.INVALID_ARGUMENT, "INVALID_ARGUMENT", message, details)
