"""How one provider is checked, where that differs from the daemon's ``[probe]`` settings."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Field,
    model_serializer,
    model_validator,
)

from provd.schema.fields import (
    BindAddress,
    CodePolicyText,
    HeaderText,
    ProbeHeaders,
    ServerName,
    SipUri,
)
from provd.schema.model import Model


class RollUp(StrEnum):
    """How many of a provider's targets must be up for it to be healthy."""

    ANY = "any"
    QUORUM = "quorum"
    ALL = "all"


class Preset(StrEnum):
    """What a carrier expects of a check's headers. ``teams``: Microsoft Direct Routing looks at Contact and
    From for the SBC's own FQDN."""

    GENERIC = "generic"
    TEAMS = "teams"


class ProbeOverrides(Model):
    """How this provider is checked. What is null or absent is as the daemon's configuration says."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool | None = None
    interval_s: Annotated[float | None, Field(ge=1, le=86400)] = None
    timeout_s: Annotated[float | None, Field(ge=0.1, le=60)] = None
    fall: Annotated[int | None, Field(ge=1, le=100)] = None
    rise: Annotated[int | None, Field(ge=1, le=100)] = None
    codes: Annotated[
        CodePolicyText | None, Field(description="codes that count as success: any, 2xx, 200-299,404,405")
    ] = None
    rollup: RollUp | None = None
    preset: Preset | None = None
    bind: Annotated[
        BindAddress | None, Field(description="address:port that checks are sent from; port 0: any free one")
    ] = None
    from_uri: SipUri | None = None
    contact: Annotated[SipUri | None, Field(description="our Contact, as a SIP URI")] = None
    user_agent: Annotated[HeaderText | None, Field(min_length=1)] = None
    max_forwards: Annotated[int | None, Field(ge=0, le=255)] = None
    headers: Annotated[ProbeHeaders | None, Field(description="more headers for the check")] = None
    send_tech_headers: Annotated[
        bool | None, Field(description="send the provider's tech_headers with checks too")
    ] = None
    tls_verify: Annotated[bool | None, Field(description="false: take any certificate")] = None
    tls_sni: Annotated[
        ServerName | None, Field(description="the name to ask for and to find in the certificate")
    ] = None
    reuse: Annotated[bool | None, Field(description="false: a new TCP or TLS connection for each check")] = (
        None
    )

    @model_validator(mode="after")
    def _teams_knows_us_by_our_name(self) -> "ProbeOverrides":
        if self.preset is Preset.TEAMS and self.contact is None:
            raise ValueError(
                "preset teams needs contact with the SBC's own FQDN, "
                "like sip:sbc.example.com:5061;transport=tls"
            )
        return self

    @model_serializer
    def _only_what_is_set(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if value is not None}
