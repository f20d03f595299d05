"""What a trunk at Bandwidth is made of."""

from typing import Any

from provd.carriers.bandwidth.dialect import PACKAGES, SITES
from provd.carriers.bandwidth.models import BandwidthSettings, Platform, Traffic
from provd.carriers.base import Order, Plan, ProviderDraft
from provd.carriers.gateways import SIP_PORT, Gateway
from provd.carriers.resource import Lookup, Resource

PACKAGE = "package"
SITE = "site"
SIPPEER = "sippeer"
MOST_HOSTS = 10
_LONGEST_LEGACY_NAME = 10
_LONGEST_NAME = 50
_ANY_PORT = "0"
NO_SUCH_PEER = "error 13563:"
_SECOND_SBC = (
    "Add the second SBC that Bandwidth gave you as a provider of its own, so that calls have somewhere to go "
    "when the first is down."
)


def make_plan(order: Order, settings: BandwidthSettings, platform: Platform) -> Plan:
    """A voice configuration package, or a site with a SIP peer."""
    if platform is Platform.LEGACY:
        resources = [_site(order), _sippeer(order, settings.traffic)]
        metadata = {"bandwidth_site_id": SITE, "bandwidth_sippeer_id": SIPPEER}
        by_hand = [_numbers_for(f"the SIP peer {_legacy_name(order)}")]
    else:
        resources = [_package(order)]
        metadata = {"bandwidth_vcp_id": PACKAGE}
        ips = ", ".join(_ips(order))
        outbound = (
            f"Have Bandwidth allow calls from {ips}: ask its support, or your contact there, since its API "
            "has no list of them. Until then calls from there are refused."
        )
        by_hand = [outbound, _numbers_for(f"the voice configuration package {order.label(_LONGEST_NAME)}")]
    return Plan(
        resources=resources,
        provider=ProviderDraft(
            hostname=settings.hostname, transport=settings.transport, metadata={**metadata}
        ),
        by_hand=[*by_hand, _SECOND_SBC],
    )


def _ips(order: Order) -> list[str]:
    return list(dict.fromkeys(each.ip for each in order.gateways))


def _numbers_for(what: str) -> str:
    return f"Assign phone numbers to {what} in the Bandwidth App, for calls to you."


def _package(order: Order) -> Resource:
    name = order.label(_LONGEST_NAME)
    endpoints: list[Any] = [
        {**_endpoint(gateway), "weight": weight}
        for gateway, weight in zip(order.gateways, _weights(len(order.gateways)), strict=True)
    ]
    route: dict[str, Any] = {"priority": 1, "name": order.tag, "type": "WEIGHTED", "endpoints": endpoints}
    return Resource(
        step=PACKAGE,
        title="Create the voice configuration package",
        path=PACKAGES,
        item=f"{PACKAGES}/{{self}}",
        body={"name": name, "originationRoutePlan": {"routes": [route]}},
        lookup=Lookup(match={"name": name}),
        expect={
            "name": name,
            "originationRoutePlan.routes.type": ["WEIGHTED"],
            "originationRoutePlan.routes.endpoints.endpoint": [each["endpoint"] for each in endpoints],
        },
        id_field="voiceConfigurationPackageId",
    )


def _endpoint(gateway: Gateway) -> dict[str, str]:
    if gateway.port == SIP_PORT:
        return {"endpoint": gateway.ip, "type": "IP_V4"}
    return {"endpoint": f"sip:{gateway}", "type": "SIP"}


def _weights(count: int) -> list[int]:
    """Of 100, as even as can be."""
    return [100 // count + (number < 100 % count) for number in range(count)]


def _legacy_name(order: Order) -> str:
    return order.tag[:_LONGEST_LEGACY_NAME]


def _site(order: Order) -> Resource:
    name = _legacy_name(order)
    return Resource(
        step=SITE,
        title="Create the site",
        path=SITES,
        item=f"{SITES}/{{self}}",
        body={"Site": {"Name": name, "Description": order.label(_LONGEST_NAME)}},
        lookup=Lookup(match={"Name": name}),
        expect={"Name": name},
    )


def _sippeer(order: Order, traffic: Traffic) -> Resource:
    """The one peer of its site, so it must be the default one. Calls to us go to the voice hosts in their
    order; calls from us are taken from the termination hosts."""
    name = _legacy_name(order)
    ips = _ips(order)
    peer: dict[str, Any] = {
        "PeerName": name,
        "Description": order.label(_LONGEST_NAME),
        "IsDefaultPeer": True,
        "VoiceHosts": {
            "Host": [{"HostName": each.ip, "Port": str(each.port)} for each in order.gateways],
        },
        "TerminationHosts": {
            "TerminationHost": [
                {"HostName": ip, "Port": _ANY_PORT, "CustomerTrafficAllowed": traffic.value} for ip in ips
            ]
        },
    }
    return Resource(
        step=SIPPEER,
        title="Create the SIP peer with our addresses",
        path=f"{SITES}/{{{SITE}}}/sippeers",
        item=f"{SITES}/{{{SITE}}}/sippeers/{{self}}",
        body={"SipPeer": peer},
        lookup=Lookup(match={"PeerName": name}, all_ours=True),
        expect={
            "PeerName": name,
            "VoiceHosts.Host.HostName": [each.ip for each in order.gateways],
            "TerminationHosts.TerminationHost.HostName": [*ips],
            "TerminationHosts.TerminationHost.CustomerTrafficAllowed": [traffic.value for _ in ips],
        },
        absent=NO_SUCH_PEER,
    )
