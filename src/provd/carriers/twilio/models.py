"""What an operator gives for a trunk at Twilio."""

import re
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from provd.carriers.credentials import CarrierModel, SecretWord
from provd.carriers.gateways import GatewaySetting
from provd.schema.provider import Transport

DOMAIN = "pstn.twilio.com"
_SHORTEST_PASSWORD = 12
_IN_A_PASSWORD = ("[0-9]", "[a-z]", "[A-Z]")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class Edge(StrEnum):
    """Where Twilio's SIP proxy is."""

    ASHBURN = "ashburn"
    UMATILLA = "umatilla"
    DUBLIN = "dublin"
    FRANKFURT = "frankfurt"
    SINGAPORE = "singapore"
    TOKYO = "tokyo"
    SAO_PAULO = "sao-paulo"
    SYDNEY = "sydney"


def _or_nothing(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    return SecretStr("") if value == "" else validate(value)


def _account(text: str) -> str:
    if not re.fullmatch("AC[0-9a-fA-F]{32}", text):
        raise ValueError("must be AC and 32 hexadecimal digits: copy it from the start of Twilio's console")
    return text


def _key(text: str) -> str:
    if text and not re.fullmatch("SK[0-9a-fA-F]{32}", text):
        raise ValueError("must be SK and 32 hexadecimal digits: Twilio's console has it among the API keys")
    return text


def _sip_password(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    strong = len(text) >= _SHORTEST_PASSWORD and all(re.search(each, text) for each in _IN_A_PASSWORD)
    if text and not strong:
        raise ValueError(
            f"is too weak for Twilio: give at least {_SHORTEST_PASSWORD} characters, with a digit, "
            "a capital and a small letter among them"
        )
    return value


def _label(text: str) -> str:
    label = text.lower().removesuffix(f".{DOMAIN}")
    if label and not _LABEL.fullmatch(label):
        raise ValueError(
            f"must be one name of at most 63 letters, digits and '-', like my-company, or the whole "
            f"my-company.{DOMAIN}; where Twilio's proxy is goes into edge"
        )
    return label


class TwilioCredentials(CarrierModel):
    """An account, with its token or an API key of it, and what a credential list is to let in."""

    account_sid: Annotated[
        str,
        AfterValidator(_account),
        Field(title="Account SID", description="AC and 32 digits, at the start of Twilio's console"),
    ]
    auth_token: Annotated[
        SecretWord,
        WrapValidator(_or_nothing),
        Field(title="Auth token", description="The account's token; empty with an API key"),
    ] = SecretStr("")
    api_key_sid: Annotated[
        str,
        AfterValidator(_key),
        Field(title="API key SID", description="SK and 32 digits, in place of the auth token"),
    ] = ""
    api_key_secret: Annotated[
        SecretWord,
        WrapValidator(_or_nothing),
        Field(title="API key secret", description="Twilio shows it once, when the key is made"),
    ] = SecretStr("")
    sip_username: Annotated[
        str,
        Field(
            title="SIP user name",
            description="For a credential list: at most 32 letters, digits and . _ + -",
            pattern="^[A-Za-z0-9._+-]{0,32}$",
        ),
    ] = ""
    sip_password: Annotated[
        SecretStr,
        AfterValidator(_sip_password),
        Field(
            title="SIP password",
            description="For a credential list: at least 12 characters, with a digit, capitals and small "
            "letters",
            max_length=128,
        ),
    ] = SecretStr("")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if bool(self.api_key_sid) != bool(self.api_key_secret):
            raise ValueError("have half of an API key: give both api_key_sid and api_key_secret")
        if not self.auth_token and not self.api_key_sid:
            raise ValueError("have no key: give auth_token, or api_key_sid and api_key_secret")
        if self.auth_token and self.api_key_sid:
            raise ValueError("have an auth_token and an API key: give one of them, best the API key")
        return self


class TwilioSettings(CarrierModel):
    """How the trunk is to be."""

    domain: Annotated[
        str,
        AfterValidator(_label),
        Field(
            title="Domain name",
            description=f"What stands before .{DOMAIN}; no two trunks of anybody may have the same. "
            "Empty: made of the provider's name",
        ),
    ] = ""
    edge: Annotated[
        Edge | None,
        Field(title="Edge", description="Where Twilio's SIP proxy is; empty: as Twilio chooses"),
    ] = None
    transport: Annotated[Transport, Field(title="Transport")] = Transport.UDP
    secure: Annotated[
        bool, Field(title="Secure trunking", description="Calls by TLS and SRTP alone; needs transport tls")
    ] = False
    credential_list: Annotated[
        bool,
        Field(
            title="Ask for a password",
            description="Calls need the SIP user name and password too, beside one of our addresses",
        ),
    ] = False
    inbound: Annotated[
        bool, Field(title="Calls to us", description="Calls to the trunk's numbers go to our addresses")
    ] = True
    gateways: GatewaySetting = []
