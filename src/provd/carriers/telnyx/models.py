"""What an operator gives for a trunk at Telnyx."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from provd.carriers.credentials import CarrierModel, SecretWord, Word
from provd.carriers.gateways import GatewaySetting
from provd.schema.hostname import HostKind, parse_hostname
from provd.schema.provider import Transport


class Connection(StrEnum):
    """How Telnyx knows us: by our addresses, by user name and password, or by our host names."""

    IP = "ip"
    CREDENTIAL = "credential"
    FQDN = "fqdn"


class Region(StrEnum):
    """Where Telnyx's proxy is."""

    US = "us"
    EU = "eu"
    CA = "ca"
    AU = "au"


HOSTS = {
    Region.US: "sip.telnyx.com",
    Region.EU: "sip.telnyx.eu",
    Region.CA: "sip.telnyx.ca",
    Region.AU: "sip.telnyx.com.au",
}


def _countries(codes: list[str]) -> list[str]:
    codes = [code.upper() for code in codes]
    wrong = next((code for code in codes if not re.fullmatch("[A-Z]{2}", code)), None)
    if wrong is not None:
        raise ValueError(f"has {wrong!r}: write each country as its two letters of ISO 3166, like US")
    return sorted(set(codes))


def _names(names: list[str]) -> list[str]:
    for name in names:
        try:
            kind = parse_hostname(name).kind
        except ValueError as error:
            raise ValueError(f"has {name!r}, which {error}") from None
        if kind is not HostKind.NAME:
            raise ValueError(f"has {name!r}: give host names here, and addresses to an IP connection")
    if len(set(map(str.lower, names))) < len(names):
        raise ValueError("has a name twice: give each once")
    return names


class TelnyxCredentials(CarrierModel):
    """Telnyx's API key, and what a credential connection is to log in with."""

    api_key: Annotated[
        SecretWord,
        Field(title="API key", description="An API v2 key of the Telnyx portal: it begins with KEY"),
    ]
    sip_username: Annotated[
        str,
        Field(
            title="SIP user name",
            description="For a credential connection: 4 to 32 letters and digits",
            pattern="^([A-Za-z0-9]{4,32})?$",
        ),
    ] = ""
    sip_password: Annotated[
        SecretStr,
        Field(
            title="SIP password",
            description="For a credential connection: 8 to 128 characters",
            max_length=128,
        ),
    ] = SecretStr("")


class TelnyxSettings(CarrierModel):
    """How the trunk is to be."""

    connection: Annotated[
        Connection,
        Field(
            title="Authentication",
            description="ip: by our addresses; credential: by user name and password; fqdn: by our names",
        ),
    ] = Connection.IP
    region: Annotated[Region, Field(title="Region", description="Where Telnyx's SIP proxy is")] = Region.US
    transport: Annotated[Transport, Field(title="Transport")] = Transport.UDP
    whitelisted_destinations: Annotated[
        list[str],
        AfterValidator(_countries),
        Field(
            title="Destinations",
            description="Countries that may be called, by their two letters; all others are blocked",
            min_length=1,
            max_length=250,
        ),
    ] = ["CA", "US"]
    channel_limit: Annotated[
        int | None, Field(title="Calls at once", description="Empty: as many as the account may", ge=1)
    ] = None
    daily_spend_limit: Annotated[
        str,
        Field(
            title="Spending limit a day",
            description='In the account\'s currency, like "100.00"; empty: none',
            pattern=r"^(\d{1,9}(\.\d{1,2})?)?$",
        ),
    ] = ""
    tech_prefix: Annotated[
        str,
        Field(
            title="Tech prefix",
            description="Four digits before each number; needed when two connections share an address",
            pattern=r"^(\d{4})?$",
        ),
    ] = ""
    fqdns: Annotated[
        list[Word],
        AfterValidator(_names),
        Field(title="Our host names", description="For an FQDN connection", max_length=20),
    ] = []
    gateways: GatewaySetting = []
