"""Carriers to practise with: each is a real one whose API is simulated on this machine."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from provd.carriers.api import CarrierApi, Dialect
from provd.carriers.base import AnyCarrier, Order, Plan
from provd.carriers.errors import CarrierError, CarrierSilent
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Resource
from provd.schema.carriers import Account
from provd.schema.provider import Transport

GATEWAY = Gateway("203.0.113.10", 5060)
"""Stands for our own address where none is configured; it is for documentation (RFC 5737)."""

T = TypeVar("T")


class Simulated:
    """``real`` under another name, with its API at ``address`` and its SIP at ``hostname``, over UDP.

    ``summary`` tells what it takes. Where nothing answers at ``address``, the errors say how to start it.
    """

    def __init__(self, real: AnyCarrier, name: str, summary: str, address: str, hostname: str) -> None:
        self.name = name
        self.title = f"{real.title} (simulated)"
        self.summary = summary
        self.credentials = real.credentials
        self.settings = real.settings
        self._real = real
        self._address = address
        self._hostname = hostname

    def dialect(self, credentials: Any, base_url: str) -> Dialect:
        """How its API is spoken; the messages name this carrier, not the real one."""
        dialect = self._real.dialect(credentials, base_url or self._address)
        dialect.title = self.title
        return dialect

    def check(self, credentials: Any, settings: Any, gateways: Sequence[Gateway]) -> list[str]:
        """What can't work in what was given."""
        return self._real.check(credentials, settings, gateways or [GATEWAY])

    def needs_gateways(self, settings: Any) -> bool:
        """It does not: where there are none, it has its own."""
        return False

    async def validate(self, api: CarrierApi) -> Account:
        """Whose key it is."""
        return await self._answered(self._real.validate(api))

    async def plan(self, api: CarrierApi, order: Order, settings: Any) -> Plan:
        """The real carrier's plan, to end with a provider that answers on this machine."""
        if not order.gateways and self._real.needs_gateways(settings):
            order = order.model_copy(update={"gateways": [GATEWAY]})
        plan = await self._answered(self._real.plan(api, order, settings))
        local = {"hostname": self._hostname, "transport": Transport.UDP}
        return plan.model_copy(update={"provider": plan.provider.model_copy(update=local)})

    def amend(self, resource: Resource, error: CarrierError) -> tuple[Resource, str] | None:
        """What to ask for instead after a refusal."""
        return self._real.amend(resource, error)

    async def numbers(self, api: CarrierApi, ids: Mapping[str, str]) -> list[str]:
        """The phone numbers that are on the trunk."""
        return await self._answered(self._real.numbers(api, ids))

    async def balance(self, api: CarrierApi) -> Account | None:
        """The account with its balance."""
        return await self._answered(self._real.balance(api))

    async def _answered(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except CarrierSilent as error:
            raise CarrierSilent(
                f"no simulated carrier answers at {self._address}: start the demo first, with D in provtui "
                "or with the command provd demo",
                may_have_acted=error.may_have_acted,
            ) from error
