"""Trunks at Telnyx."""

import re
from collections.abc import Mapping, Sequence

from provd.carriers.api import CarrierApi, Dialect
from provd.carriers.base import Order, Plan, base
from provd.carriers.errors import CarrierError, PermissionMissing, RequestRejected
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Resource
from provd.carriers.telnyx.dialect import BASE_URL, TelnyxDialect
from provd.carriers.telnyx.models import Connection, TelnyxCredentials, TelnyxSettings
from provd.carriers.telnyx.plan import CONNECTION, make_plan
from provd.schema.carriers import Account

_REFUSED_COUNTRIES = re.compile(r"following countries:\s*([A-Z]{2}(?:\s*,\s*[A-Z]{2})*)")
_SHORTEST_PASSWORD = 8


class Telnyx:
    """The carrier Telnyx."""

    name = "telnyx"
    title = "Telnyx"
    summary = "SIP trunks by IP address, user name or host name"
    credentials = TelnyxCredentials
    settings = TelnyxSettings

    def dialect(self, credentials: TelnyxCredentials, base_url: str) -> Dialect:
        """How its API is spoken with these credentials."""
        return TelnyxDialect(credentials.api_key.get_secret_value(), base(base_url, BASE_URL))

    def check(
        self, credentials: TelnyxCredentials, settings: TelnyxSettings, gateways: Sequence[Gateway]
    ) -> list[str]:
        """What can't work in what was given."""
        wrong = []
        if settings.connection is Connection.CREDENTIAL:
            if not credentials.sip_username:
                wrong.append("credentials.sip_username is missing: a credential connection logs in with it")
            if len(credentials.sip_password.get_secret_value()) < _SHORTEST_PASSWORD:
                wrong.append(
                    f"credentials.sip_password is missing or has less than {_SHORTEST_PASSWORD} characters: "
                    "a credential connection logs in with it"
                )
            if settings.tech_prefix:
                wrong.append(
                    "settings.tech_prefix is for connections by address or host name: leave it empty"
                )
        if settings.connection is Connection.FQDN and not settings.fqdns:
            wrong.append("settings.fqdns is empty: an FQDN connection needs a host name of ours")
        wrong.extend(
            f"settings.gateways has {each}, and Telnyx takes IPv4 addresses alone: leave it out"
            for each in gateways
            if ":" in each.ip
        )
        return wrong

    def needs_gateways(self, settings: TelnyxSettings) -> bool:
        """Whether our own addresses are registered."""
        return settings.connection is Connection.IP

    async def validate(self, api: CarrierApi) -> Account:
        """Whose key it is: Telnyx tells the balance."""
        try:
            return await _balance(api, "check the key")
        except PermissionMissing:
            await api.get("/outbound_voice_profiles", "check the key", {"page[size]": "1"})
            return Account(notes=["This key may not read the balance; it needs not."])

    async def plan(self, api: CarrierApi, order: Order, settings: TelnyxSettings) -> Plan:
        """A profile, a connection with it, and our addresses or names on that."""
        return make_plan(order, settings)

    def amend(self, resource: Resource, error: CarrierError) -> tuple[Resource, str] | None:
        """Countries that Telnyx will not have are dropped."""
        found = _REFUSED_COUNTRIES.search(str(error))
        wanted = resource.body.get("whitelisted_destinations")
        if found is None or not isinstance(error, RequestRejected) or not isinstance(wanted, list):
            return None
        refused = set(re.findall("[A-Z]{2}", found[1]))
        kept = [code for code in wanted if code not in refused]
        if not kept or len(kept) == len(wanted):
            return None
        changed = {"whitelisted_destinations": kept}
        amended = resource.model_copy(
            update={"body": {**resource.body, **changed}, "expect": {**resource.expect, **changed}}
        )
        dropped = ", ".join(str(code) for code in wanted if code in refused)
        return amended, f"Telnyx refused the destinations {dropped}: calls there are blocked"

    async def numbers(self, api: CarrierApi, ids: Mapping[str, str]) -> list[str]:
        """The numbers on the connection."""
        if CONNECTION not in ids:
            return []
        params = {"filter[connection_id]": ids[CONNECTION], "page[size]": "250"}
        return [
            str(each.get("phone_number"))
            async for each in api.pages("/phone_numbers", "list the numbers on the trunk", params)
        ]

    async def balance(self, api: CarrierApi) -> Account:
        """The account's balance."""
        return await _balance(api, "read the balance")


async def _balance(api: CarrierApi, doing: str) -> Account:
    data = await api.get("/balance", doing)
    return Account(balance=str(data.get("balance", "")), currency=str(data.get("currency", "")))
