"""What a trunk at Twilio is made of."""

import re
import unicodedata

from pydantic import JsonValue

from provd.carriers.base import Order, Plan, ProviderDraft
from provd.carriers.gateways import Gateway
from provd.carriers.resource import Lookup, Resource, id_of, secret
from provd.carriers.twilio.dialect import ACCOUNTS, TRUNKING
from provd.carriers.twilio.models import DOMAIN, TwilioSettings

TRUNK = "trunk"
TRUNKS = f"{TRUNKING}/Trunks"
PAGE_SIZE = {"PageSize": "1000"}
_ACL = "acl"
_CREDENTIALS = "credential_list"
_LONGEST_NAME = 64
_LONGEST_LABEL = 63
_WEIGHT = 10
_TRUNK_PATH = f"{TRUNKS}/{{{TRUNK}}}"


def acls_of(account_sid: str) -> str:
    """Where an account has its lists of addresses."""
    return f"{ACCOUNTS}/Accounts/{account_sid}/SIP/IpAccessControlLists"


def make_plan(order: Order, settings: TwilioSettings, account_sid: str) -> Plan:
    """A list of our addresses, one of credentials if it is asked for, and a trunk with them.

    The trunk has its domain name last: until then no call can reach it, so that it is never open, nor open
    to one of the lists alone. For the same reason undoing that step removes the whole trunk.
    """
    acls, logins = acls_of(account_sid), f"{ACCOUNTS}/Accounts/{account_sid}/SIP/CredentialLists"
    label = settings.domain or _label(order)
    addresses = dict.fromkeys(gateway.ip for gateway in order.gateways)
    ips = [_address(acls, number, ip) for number, ip in enumerate(addresses, 1)]
    lists = [_list(_ACL, "our addresses", acls, order), *ips]
    protections = [_attached(_ACL, "our addresses", "IpAccessControlList")]
    if settings.credential_list:
        lists += [_list(_CREDENTIALS, "credentials", logins, order), _credential(logins)]
        protections.append(_attached(_CREDENTIALS, "credentials", "CredentialList"))
    urls = [
        _origination_url(order, number, gateway, secure=settings.secure)
        for number, gateway in enumerate(order.gateways if settings.inbound else [], 1)
    ]
    metadata: dict[str, str | list[str]] = {
        "twilio_trunk_sid": TRUNK,
        "twilio_acl_sid": _ACL,
        "twilio_ip_sids": [each.step for each in ips],
    }
    if settings.credential_list:
        metadata["twilio_credential_list_sid"] = _CREDENTIALS
    if urls:
        metadata["twilio_origination_url_sids"] = [each.step for each in urls]
    return Plan(
        resources=[*lists, _trunk(order, settings), *protections, *urls, _domain(f"{label}.{DOMAIN}")],
        provider=ProviderDraft(
            hostname=_hostname(label, settings), transport=settings.transport, metadata=metadata
        ),
        by_hand=_by_hand(order, settings),
    )


def _label(order: Order) -> str:
    """The order's name as a DNS label (RFC 1035 section 2.3.1), with the tag."""
    plain = unicodedata.normalize("NFKD", order.name).encode("ascii", "ignore").decode().lower()
    words = re.sub("[^a-z0-9]+", "-", plain)[: _LONGEST_LABEL - len(order.tag) - 1].strip("-")
    return f"{words}-{order.tag}" if words else order.tag


def _hostname(label: str, settings: TwilioSettings) -> str:
    if settings.edge is None:
        return f"{label}.{DOMAIN}"
    return f"{label}.{DOMAIN.replace('.', f'.{settings.edge.value}.', 1)}"


def _thing(
    step: str,
    title: str,
    collection: str,
    body: dict[str, JsonValue],
    *,
    match: dict[str, JsonValue],
    expect: dict[str, JsonValue] | None = None,
    all_ours: bool = False,
) -> Resource:
    ending = ".json" if collection.startswith(ACCOUNTS) else ""
    return Resource(
        step=step,
        title=title,
        path=f"{collection}{ending}",
        item=f"{collection}/{{self}}{ending}",
        body=body,
        lookup=Lookup(match=match, params=PAGE_SIZE, all_ours=all_ours),
        expect=expect or {},
        id_field="sid",
    )


def _list(step: str, what: str, collection: str, order: Order) -> Resource:
    name = order.label(_LONGEST_NAME)
    named: dict[str, JsonValue] = {"friendly_name": name}
    title = f"Create the list of {what}"
    return _thing(step, title, collection, {"FriendlyName": name}, match=named, expect=named)


def _address(acls: str, number: int, ip: str) -> Resource:
    return _thing(
        f"ip_{number}",
        f"Put our address {ip} into the list",
        f"{acls}/{{{_ACL}}}/IpAddresses",
        {"FriendlyName": ip, "IpAddress": ip, "CidrPrefixLength": 32},
        match={"ip_address": ip},
        expect={"ip_address": ip, "cidr_prefix_length": 32},
        all_ours=True,
    )


def _credential(lists: str) -> Resource:
    return _thing(
        "credential",
        "Put the SIP user name and password into the list",
        f"{lists}/{{{_CREDENTIALS}}}/Credentials",
        {"Username": secret("sip_username"), "Password": secret("sip_password")},
        match={"username": secret("sip_username")},
        all_ours=True,
    )


def _trunk(order: Order, settings: TwilioSettings) -> Resource:
    name = order.label(_LONGEST_NAME)
    return _thing(
        TRUNK,
        "Create the trunk",
        TRUNKS,
        {"FriendlyName": name, "Secure": settings.secure},
        match={"friendly_name": name},
        expect={"friendly_name": name, "secure": settings.secure},
    )


def _attached(step: str, what: str, kind: str) -> Resource:
    return _thing(
        f"{step}_on_trunk",
        f"Protect the trunk by the list of {what}",
        f"{_TRUNK_PATH}/{kind}s",
        {f"{kind}Sid": id_of(step)},
        match={"sid": id_of(step)},
        all_ours=True,
    )


def _origination_url(order: Order, number: int, gateway: Gateway, *, secure: bool) -> Resource:
    url = f"sip:{gateway};transport=tls" if secure else f"sip:{gateway}"
    return _thing(
        f"origination_url_{number}",
        f"Have calls to us go to {gateway}",
        f"{_TRUNK_PATH}/OriginationUrls",
        {
            "FriendlyName": order.label(_LONGEST_NAME),
            "SipUrl": url,
            "Priority": number,
            "Weight": _WEIGHT,
            "Enabled": True,
        },
        match={"sip_url": url},
        expect={"sip_url": url, "priority": number, "weight": _WEIGHT, "enabled": True},
        all_ours=True,
    )


def _domain(name: str) -> Resource:
    """The trunk again, which its name opens and which goes with it."""
    return Resource(
        step="domain",
        title=f"Give the trunk its domain name {name}",
        path=_TRUNK_PATH,
        item=f"{TRUNKS}/{{self}}",
        body={"DomainName": name},
        lookup=Lookup(match={"sid": id_of(TRUNK), "domain_name": name}, path=TRUNKS, params=PAGE_SIZE),
        expect={"domain_name": name},
        id_field="sid",
    )


def _by_hand(order: Order, settings: TwilioSettings) -> list[str]:
    notes = [
        "Call with a number of this Twilio account, or verified there, as the caller ID: others are refused.",
        "Allow the countries that are to be called, in Twilio's console under Voice, Geo permissions.",
    ]
    if settings.inbound:
        notes.append("Assign phone numbers to the trunk in Twilio's console, for calls to you.")
    if settings.credential_list:
        notes.append("Have your gateways answer Twilio's 407 with the SIP user name and password.")
    if settings.secure:
        ports = ", ".join(str(gateway) for gateway in order.gateways if settings.inbound)
        notes.append(
            "Have your gateways call by TLS with SRTP"
            + (f", and take such calls at {ports}." if ports else ".")
        )
    return notes
