"""What a trunk at Telnyx is made of."""

from typing import Any

from provd.carriers.base import Order, Plan, ProviderDraft
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Lookup, Resource, id_of, secret
from provd.carriers.telnyx.models import HOSTS, Connection, Region, TelnyxSettings

PROFILE = "profile"
CONNECTION = "connection"
_LONGEST_NAME = 100
_SIP_REGIONS = {Region.US: "US", Region.CA: "US", Region.EU: "Europe", Region.AU: "Australia"}
_ORDERED = ("primary", "secondary", "tertiary")
_COLLECTIONS = {
    Connection.IP: "/ip_connections",
    Connection.CREDENTIAL: "/credential_connections",
    Connection.FQDN: "/fqdn_connections",
}
_TITLES = {
    Connection.IP: "Create the IP connection",
    Connection.CREDENTIAL: "Create the credential connection",
    Connection.FQDN: "Create the FQDN connection",
}


def make_plan(order: Order, settings: TelnyxSettings) -> Plan:
    """A profile, a connection with it, and our addresses or names on that."""
    resources = [_profile(order, settings), _connection(order, settings)]
    metadata: dict[str, str | list[str]] = {
        "telnyx_profile_id": PROFILE,
        "telnyx_connection_id": CONNECTION,
    }
    match settings.connection:
        case Connection.IP:
            ips = [_ip(number, gateway) for number, gateway in enumerate(order.gateways, 1)]
            resources += ips
            metadata["telnyx_ip_ids"] = [each.step for each in ips]
            if len(ips) > 1:
                resources.append(_order_of(ips))
        case Connection.FQDN:
            names = [_fqdn(number, name) for number, name in enumerate(settings.fqdns, 1)]
            resources += names
            metadata["telnyx_fqdn_ids"] = [each.step for each in names]
    return Plan(
        resources=resources,
        provider=ProviderDraft(
            hostname=HOSTS[settings.region],
            transport=settings.transport,
            tech_prefix=settings.tech_prefix,
            metadata=metadata,
        ),
        by_hand=["Buy or move phone numbers to the connection in Telnyx's portal, for calls to you."],
    )


def _profile(order: Order, settings: TelnyxSettings) -> Resource:
    name = order.label(_LONGEST_NAME)
    body: dict[str, Any] = {
        "name": name,
        "enabled": True,
        "traffic_type": "conversational",
        "service_plan": "global",
        "whitelisted_destinations": settings.whitelisted_destinations,
    }
    if settings.channel_limit is not None:
        body["concurrent_call_limit"] = settings.channel_limit
    if settings.daily_spend_limit:
        body |= {"daily_spend_limit": settings.daily_spend_limit, "daily_spend_limit_enabled": True}
    return Resource(
        step=PROFILE,
        title="Create the outbound voice profile",
        path="/outbound_voice_profiles",
        item="/outbound_voice_profiles/{self}",
        body=body,
        lookup=Lookup(match={"name": name}, params={"filter[name][contains]": name, "page[size]": "250"}),
        expect={name: body[name] for name in ("name", "enabled", "whitelisted_destinations")},
    )


def _connection(order: Order, settings: TelnyxSettings) -> Resource:
    name, path = order.label(_LONGEST_NAME), _COLLECTIONS[settings.connection]
    inbound: dict[str, Any] = {"ani_number_format": "+E.164", "dnis_number_format": "+e164"}
    outbound: dict[str, Any] = {"outbound_voice_profile_id": id_of(PROFILE)}
    body: dict[str, Any] = {"connection_name": name, "active": True, "inbound": inbound, "outbound": outbound}
    if settings.channel_limit is not None:
        inbound["channel_limit"] = outbound["channel_limit"] = settings.channel_limit
    if settings.tech_prefix:
        outbound["tech_prefix"] = settings.tech_prefix
    if settings.connection is Connection.CREDENTIAL:
        body |= {"user_name": secret("sip_username"), "password": secret("sip_password")}
    else:
        body["transport_protocol"] = settings.transport.value.upper()
        inbound["sip_region"] = _SIP_REGIONS[settings.region]
    if settings.connection is Connection.FQDN:
        outbound["ip_authentication_method"] = "ip-authentication"
    expect: dict[str, Any] = {
        "connection_name": name,
        "active": True,
        "outbound.outbound_voice_profile_id": id_of(PROFILE),
    }
    return Resource(
        step=CONNECTION,
        title=_TITLES[settings.connection],
        path=path,
        item=f"{path}/{{self}}",
        body=body,
        lookup=Lookup(
            match={"connection_name": name},
            params={"filter[connection_name][contains]": name, "page[size]": "250"},
        ),
        expect=expect,
    )


def _ip(number: int, gateway: Gateway) -> Resource:
    fields: dict[str, Any] = {
        "ip_address": gateway.ip,
        "port": gateway.port,
        "connection_id": id_of(CONNECTION),
    }
    return Resource(
        step=f"ip_{number}",
        title=f"Register our address {gateway}",
        path="/ips",
        item="/ips/{self}",
        body=fields,
        lookup=Lookup(
            match=fields,
            params={"filter[connection_id]": f"{{{CONNECTION}}}", "page[size]": "250"},
            all_ours=True,
        ),
        expect=fields,
    )


def _order_of(ips: list[Resource]) -> Resource:
    """Calls to us try our addresses in the order they were given."""
    order: dict[str, Any] = {
        f"default_{rank}_ip_id": id_of(ip.step) for rank, ip in zip(_ORDERED, ips, strict=False)
    }
    return Resource(
        step="ip_order",
        title="Set the order in which calls to us try our addresses",
        method="PATCH",
        path=f"/ip_connections/{{{CONNECTION}}}",
        item=f"/ip_connections/{{{CONNECTION}}}",
        body={"inbound": order},
        expect={f"inbound.{name}": value for name, value in order.items()},
        deletes=False,
    )


def _fqdn(number: int, name: str) -> Resource:
    host, _, port = name.partition(":")
    fields: dict[str, Any] = {
        "fqdn": host,
        "dns_record_type": "a" if port else "srv",
        "connection_id": id_of(CONNECTION),
    }
    return Resource(
        step=f"fqdn_{number}",
        title=f"Register our host name {name}",
        path="/fqdns",
        item="/fqdns/{self}",
        body={**fields, "port": int(port) if port else None},
        lookup=Lookup(
            match=fields,
            params={"filter[connection_id]": f"{{{CONNECTION}}}", "page[size]": "250"},
            all_ours=True,
        ),
        expect=fields,
    )
