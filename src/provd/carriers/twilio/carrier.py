"""Trunks at Twilio."""

from collections.abc import Mapping, Sequence

from provd.carriers.api import CarrierApi, Dialect
from provd.carriers.base import Order, Plan
from provd.carriers.errors import CarrierError, CredentialsRejected, RequestRejected
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Resource
from provd.carriers.twilio.dialect import ACCOUNTS, TwilioDialect
from provd.carriers.twilio.models import TwilioCredentials, TwilioSettings
from provd.carriers.twilio.plan import PAGE_SIZE, TRUNK, TRUNKS, acls_of, make_plan
from provd.schema.carriers import Account
from provd.schema.provider import Transport

_MAX_ORIGINATION_URLS = 10


class Twilio:
    """The carrier Twilio."""

    name = "twilio"
    title = "Twilio"
    summary = "Elastic SIP trunks by IP address, and by user name as well"
    credentials = TwilioCredentials
    settings = TwilioSettings

    def dialect(self, credentials: TwilioCredentials, base_url: str) -> Dialect:
        """How its APIs are spoken with these credentials."""
        secret = credentials.api_key_secret or credentials.auth_token
        return TwilioDialect(
            credentials.api_key_sid or credentials.account_sid, secret.get_secret_value(), base_url
        )

    def check(
        self, credentials: TwilioCredentials, settings: TwilioSettings, gateways: Sequence[Gateway]
    ) -> list[str]:
        """What can't work in what was given."""
        wrong = []
        if settings.credential_list:
            wrong = [
                f"credentials.{name} is missing: with settings.credential_list calls need it"
                for name in ("sip_username", "sip_password")
                if not getattr(credentials, name)
            ]
        if settings.secure and settings.transport is not Transport.TLS:
            wrong.append(
                f"settings.transport is {settings.transport.value!r}, and a secure trunk takes TLS alone: "
                "set it to tls"
            )
        wrong.extend(
            f"settings.gateways has {each}, and Twilio takes IPv4 addresses alone: leave it out"
            for each in gateways
            if ":" in each.ip
        )
        if settings.inbound and len(gateways) > _MAX_ORIGINATION_URLS:
            wrong.append(
                f"settings.gateways has {len(gateways)} addresses, and a trunk at Twilio calls "
                f"{_MAX_ORIGINATION_URLS} at most: leave some out, or set settings.inbound to false"
            )
        return wrong

    def needs_gateways(self, settings: TwilioSettings) -> bool:
        """Our own addresses are registered, always."""
        return True

    async def validate(self, api: CarrierApi) -> Account:
        """Whose key it is: the account itself says it to its token; an API key must reach both APIs."""
        account_sid = api.credential("account_sid")
        if api.credential("api_key_sid"):
            one = {"PageSize": "1"}
            await api.get(TRUNKS, "read the account's trunks", one)
            await api.get(f"{acls_of(account_sid)}.json", "read the account's lists of addresses", one)
            return Account(id=account_sid)
        found = await api.get(f"{ACCOUNTS}/Accounts/{account_sid}.json", "read the account")
        status = str(found.get("status"))[:32]
        if status != "active":
            raise CredentialsRejected(
                f"Twilio says that the account {account_sid} is {status!r}: have it active in Twilio's "
                "console, or by Twilio's support, then try again"
            )
        trial = "A trial account: one trunk, one number, four calls at once, and calls to verified numbers."
        return Account(
            id=account_sid,
            name=str(found.get("friendly_name") or ""),
            notes=[trial] if found.get("type") == "Trial" else [],
        )

    async def plan(self, api: CarrierApi, order: Order, settings: TwilioSettings) -> Plan:
        """Lists of who may call, and a trunk that is protected by them."""
        return make_plan(order, settings, api.credential("account_sid"))

    def amend(self, resource: Resource, error: CarrierError) -> tuple[Resource, str] | None:
        """Nothing is asked for otherwise."""
        return None

    async def numbers(self, api: CarrierApi, ids: Mapping[str, str]) -> list[str]:
        """The numbers on the trunk."""
        if TRUNK not in ids:
            return []
        path = f"{TRUNKS}/{ids[TRUNK]}/PhoneNumbers"
        return [
            str(each.get("phone_number"))
            async for each in api.pages(path, "list the numbers on the trunk", PAGE_SIZE)
        ]

    async def balance(self, api: CarrierApi) -> Account | None:
        """The account's balance; None for a sub-account, and for a key that may not read it."""
        account_sid = api.credential("account_sid")
        try:
            found = await api.get(f"{ACCOUNTS}/Accounts/{account_sid}/Balance.json", "read the balance")
        except (CredentialsRejected, RequestRejected):
            return None
        if found.get("balance") is None:
            return None
        return Account(
            id=account_sid, balance=str(found["balance"]), currency=str(found.get("currency") or "")
        )
