"""The provider: a telephony carrier's SIP trunk, as the API reads and writes it."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from provd.schema.fields import (
    CarrierName,
    Codecs,
    Detail,
    Hostname,
    Name,
    Tags,
    TechHeaders,
    TechPostfix,
    TechPrefix,
)
from provd.schema.health import HealthStatus, HealthSummary
from provd.schema.maintenance import Maintenance
from provd.schema.model import Model
from provd.schema.probe import ProbeOverrides
from provd.schema.timestamps import NEVER, Timestamp


class Transport(StrEnum):
    """How SIP is carried to a provider."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class _Ours(Model):
    """The writable fields that are ours, not upstream's."""

    model_config = ConfigDict(extra="forbid")

    carrier: CarrierName = ""
    codecs: Codecs = ""
    transport: Transport = Transport.UDP
    enabled: bool = True
    tags: Tags = []
    probe: ProbeOverrides = ProbeOverrides()


class ProviderCreate(_Ours):
    """What ``POST /providers`` takes."""

    name: Name
    hostname: Hostname
    type: Literal["sip"] = "sip"
    detail: Detail = ""
    tech_prefix: TechPrefix = ""
    tech_postfix: TechPostfix = ""
    tech_headers: TechHeaders = {}


class ProviderUpdate(_Ours):
    """What ``PUT`` takes: the seven documented fields, all of them; ours keep their values when absent."""

    type: Literal["sip"]
    hostname: Hostname
    tech_prefix: TechPrefix
    tech_postfix: TechPostfix
    tech_headers: TechHeaders
    name: Name
    detail: Detail


class ProviderPatch(ProviderCreate):
    """What ``PATCH`` takes: any of the writable fields; those that are absent stay as they are."""

    name: Name = ""
    hostname: Hostname = ""


class Provider(Model):
    """A provider as the API answers it. ``revision`` grows by one with each change of the record."""

    id: str
    name: str
    detail: str = ""
    type: Literal["sip"] = "sip"
    hostname: str
    tech_prefix: str = ""
    tech_postfix: str = ""
    tech_headers: dict[str, str] = {}
    metadata: dict[str, Any] = {}
    health_status: HealthStatus = HealthStatus.UNKNOWN
    health_checked_at: Timestamp | None = None
    tm_create: Timestamp
    tm_update: Timestamp
    tm_delete: Timestamp = NEVER
    carrier: str = ""
    codecs: str = ""
    transport: Transport = Transport.UDP
    enabled: bool = True
    tags: list[str] = []
    probe: ProbeOverrides = ProbeOverrides()
    maintenance: Maintenance | None = None
    health: HealthSummary
    revision: int = 1
    warnings: list[str] = Field(default=[], description="what will not work as the record says, and why")


class ProviderPage(Model):
    """One page of providers, newest first; ``next_page_token`` is empty on the last."""

    result: list[Provider]
    next_page_token: str


READ_ONLY_FIELDS = frozenset(Provider.model_fields) - frozenset(ProviderCreate.model_fields)
"""Fields that the daemon alone writes: sending one is refused with a message that says so."""
