"""What an operator gives for a trunk at Bandwidth."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from provd.carriers.credentials import CarrierModel, SecretWord, Word
from provd.carriers.gateways import GatewaySetting
from provd.schema.fields import Hostname
from provd.schema.provider import Transport

_EITHER = "give client_id and client_secret, or the username and password of a legacy account"


class Platform(StrEnum):
    """Which of Bandwidth's two worlds an account is in; auto: Bandwidth is asked."""

    AUTO = "auto"
    UNIVERSAL = "universal"
    LEGACY = "legacy"


class Traffic(StrEnum):
    """Where calls from us may go, on a legacy account."""

    LITE = "LITE"
    DOMESTIC = "DOMESTIC"
    ALL = "ALL"


def _account_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", text):
        raise ValueError(f"is {text[:64]!r}: give the account's number as the Bandwidth App shows it")
    return text


class BandwidthCredentials(CarrierModel):
    """An account, and API credentials or a user of it. What is empty was not given."""

    account_id: Annotated[
        Word,
        AfterValidator(_account_id),
        Field(title="Account ID", description="The account's number, as the Bandwidth App shows it"),
    ]
    client_id: Annotated[
        Word,
        Field(title="Client ID", description="Of the API credentials, under Account in the Bandwidth App"),
    ] = ""
    client_secret: Annotated[
        SecretWord,
        Field(title="Client secret", description="Shown once when the API credentials were made"),
    ] = SecretStr("")
    username: Annotated[
        Word,
        Field(title="User name", description="Of an API user of a legacy account, instead of a client ID"),
    ] = ""
    password: Annotated[SecretWord, Field(title="Password", description="Of that user")] = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _only_what_was_given(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if value != ""}

    @model_validator(mode="after")
    def _one_pair_is_whole(self) -> Self:
        pairs = (("client_id", "client_secret"), ("username", "password"))
        given = {name for pair in pairs for name in pair if getattr(self, name)}
        if any(given.issuperset(pair) for pair in pairs):
            return self
        for pair in pairs:
            for name, other in (pair, pair[::-1]):
                if name in given:
                    raise ValueError(f"has {name} without its {other}: {_EITHER}")
        raise ValueError(f"has no key: {_EITHER}")

    @property
    def has_client(self) -> bool:
        """Whether there are API credentials (OAuth), not a user alone."""
        return bool(self.client_id and self.client_secret)


class BandwidthSettings(CarrierModel):
    """How the trunk is to be."""

    hostname: Annotated[
        Hostname,
        Field(
            title="Bandwidth's SBC",
            description="The address or DNS name that Bandwidth gave you at onboarding, with a :port if that "
            "is not 5060; Bandwidth publishes no list. Add a second SBC address as a second provider by hand",
            examples=["sbc.example.com"],
        ),
    ]
    platform: Annotated[
        Platform,
        Field(
            title="Kind of account",
            description="universal: voice configuration packages; legacy: sites and SIP peers; "
            "auto: look at the account",
        ),
    ] = Platform.AUTO
    traffic: Annotated[
        Traffic,
        Field(title="Calls allowed", description="What our addresses may call; legacy accounts alone"),
    ] = Traffic.DOMESTIC
    transport: Annotated[Transport, Field(title="Transport")] = Transport.UDP
    gateways: GatewaySetting = []
