"""Carriers that trunks can be set up at, as the API shows them."""

from typing import Any

from pydantic import ConfigDict, Field, JsonValue

from provd.schema.model import Model


class CarrierInfo(Model):
    """A carrier, and what it wants to know: JSON Schemas, secrets in them marked ``writeOnly``."""

    name: str
    title: str
    summary: str
    credentials: dict[str, Any]
    settings: dict[str, Any]


class CarrierList(Model):
    """Every carrier that is supported."""

    result: list[CarrierInfo]


class ValidateRequest(Model):
    """What ``POST /carriers/{carrier}/validate`` takes."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    credentials: dict[str, JsonValue] = Field(repr=False)


class Account(Model):
    """Whose key it is. ``balance`` is a decimal number as the carrier writes it; what is unknown is empty."""

    id: str = ""
    name: str = ""
    balance: str = ""
    currency: str = ""
    notes: list[str] = []
