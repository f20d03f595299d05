"""Trunks at Bandwidth."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from provd.carriers.api import CarrierApi, Dialect
from provd.carriers.bandwidth.dialect import PACKAGES, SITES, BandwidthDialect
from provd.carriers.bandwidth.models import BandwidthCredentials, BandwidthSettings, Platform
from provd.carriers.bandwidth.oauth import ClientCredentials
from provd.carriers.bandwidth.plan import MOST_HOSTS, NO_SUCH_PEER, PACKAGE, SIPPEER, SITE, make_plan
from provd.carriers.base import Order, Plan
from provd.carriers.errors import CarrierError, NotThere, PermissionMissing, RequestRejected
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Resource, filled_path
from provd.schema.carriers import Account

_MOST_NAMED = 20
_NUMBERS_A_PAGE = "500"
_NUMBER_FIELDS = ("phoneNumber", "telephoneNumber", "FullNumber")
_NATIONAL_DIGITS = 10
_KINDS = {
    Platform.UNIVERSAL: "This account is on Bandwidth's Universal platform.",
    Platform.LEGACY: "This is a legacy account: its trunks are SIP peers of sites.",
}


class Bandwidth:
    """The carrier Bandwidth."""

    name = "bandwidth"
    title = "Bandwidth"
    summary = "SIP trunks by IP address, on the Universal platform and on legacy accounts"
    credentials = BandwidthCredentials
    settings = BandwidthSettings

    def dialect(self, credentials: BandwidthCredentials, base_url: str) -> Dialect:
        """How its APIs are spoken with these credentials."""
        return BandwidthDialect(credentials, base_url)

    def check(
        self, credentials: BandwidthCredentials, settings: BandwidthSettings, gateways: Sequence[Gateway]
    ) -> list[str]:
        """What can't work in what was given."""
        wrong = []
        if settings.platform is Platform.UNIVERSAL and not credentials.has_client:
            wrong.append(
                "credentials.client_id and credentials.client_secret are missing: "
                "the Universal platform takes no user name and password"
            )
        if settings.platform is not Platform.UNIVERSAL and len(gateways) > MOST_HOSTS:
            wrong.append(
                f"settings.gateways has {len(gateways)} addresses, and a SIP peer of a legacy account takes "
                f"{MOST_HOSTS}: leave some out, or set settings.platform to universal if the account is"
            )
        wrong.extend(
            f"settings.gateways has {each}, and Bandwidth takes IPv4 addresses alone: leave it out"
            for each in gateways
            if ":" in each.ip
        )
        return wrong

    def needs_gateways(self, settings: BandwidthSettings) -> bool:
        """Whether our own addresses are registered."""
        return True

    async def validate(self, api: CarrierApi) -> Account:
        """Whose key it is: what can be read with it, and what its token says."""
        notes = [_KINDS[await _platform(api)], *(_claimed(api, what) for what in ("accounts", "roles"))]
        return Account(id=api.credential("account_id"), notes=[each for each in notes if each])

    async def plan(self, api: CarrierApi, order: Order, settings: BandwidthSettings) -> Plan:
        """A voice configuration package, or a site with a SIP peer, as the account has it."""
        platform = settings.platform
        return make_plan(order, settings, await _platform(api) if platform is Platform.AUTO else platform)

    def amend(self, resource: Resource, error: CarrierError) -> tuple[Resource, str] | None:
        """Nothing can be given up."""
        return None

    async def numbers(self, api: CarrierApi, ids: Mapping[str, str]) -> list[str]:
        """The numbers on the package, or on the SIP peer; none when that is gone."""
        if PACKAGE in ids:
            path, params = "/phoneNumbers/voice", {"voiceConfigurationPackageId": ids[PACKAGE]}
        elif SITE in ids and SIPPEER in ids:
            path = filled_path(f"{SITES}/{{{SITE}}}/sippeers/{{{SIPPEER}}}/tns", ids)
            params = {"page": "1", "size": _NUMBERS_A_PAGE}
        else:
            return []
        try:
            listed = api.pages(path, "list the numbers on the trunk", params)
            return [_e164(each) async for each in listed]
        except RequestRejected as error:
            if isinstance(error, NotThere) or NO_SUCH_PEER in str(error):
                return []
            raise

    async def balance(self, api: CarrierApi) -> Account | None:
        """Bandwidth tells none."""
        return None


async def _platform(api: CarrierApi) -> Platform:
    """Which kind of account it is. Raises CarrierError when it can be used as neither."""
    if not api.credential("client_id") or not api.credential("client_secret"):
        await api.get(SITES, "list the sites")
        return Platform.LEGACY
    try:
        await api.get(PACKAGES, "list the voice configuration packages")
        return Platform.UNIVERSAL
    except (PermissionMissing, NotThere) as error:
        not_universal = error
    try:
        await api.get(SITES, "list the sites")
    except (PermissionMissing, NotThere) as error:
        neither = f"{not_universal}. It is of no use on a legacy account either: {error}"
        raise type(error)(f"{neither}. {_claimed(api, 'accounts')}".strip()) from None
    return Platform.LEGACY


def _claimed(api: CarrierApi, what: str) -> str:
    """What the token lists of whose it is, as a sentence; "" where it lists nothing."""
    auth = api.dialect.auth
    named = auth.claims(what) if isinstance(auth, ClientCredentials) else []
    if not named:
        return ""
    words = re.sub(r"[^\w ,.:@-]", " ", ", ".join(named[:_MOST_NAMED]))
    return f"This key's {what}: {words}{', ...' if len(named) > _MOST_NAMED else ''}."


def _e164(item: Any) -> str:
    """A number as the carrier lists it, which may be without its country, the +1 of North America."""
    found = (item.get(name) for name in _NUMBER_FIELDS) if isinstance(item, dict) else (item,)
    digits = re.sub(r"\D", "", next((str(each) for each in found if each), ""))
    if not digits:
        return "a number that Bandwidth does not name"
    return f"+1{digits}" if len(digits) == _NATIONAL_DIGITS else f"+{digits}"
