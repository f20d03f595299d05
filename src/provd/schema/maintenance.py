"""Maintenance: a person says that a provider is being worked on. It is checked all the same."""

from typing import Annotated

from pydantic import ConfigDict, Field

from provd.schema.fields import Detail
from provd.schema.model import Model
from provd.schema.timestamps import NEVER, Timestamp


class MaintenanceRequest(Model):
    """What ``PUT /providers/{id}/maintenance`` takes. Without ``until`` it lasts until it is taken away."""

    model_config = ConfigDict(extra="forbid")

    until: Annotated[str | None, Field(examples=["2026-12-01 06:00:00"])] = None
    reason: Detail = ""


class Maintenance(Model):
    """A maintenance that is in force. ``until`` is 9999-01-01 00:00:00.000000 when no end was given."""

    until: Timestamp = NEVER
    reason: str = ""
    by: str = Field(description="the user who set it")
