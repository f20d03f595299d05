"""What a simulated Twilio has, how it is written, and what is refused of it."""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import httpx

from provd.demo.carriers.fake import Thing

V2010, V1 = "/2010-04-01", "/v1"
_SID = re.compile(r"(?<=/)[A-Z]{2}[0-9a-f]{32}(?=/|$)")
_WORD_WITHIN = re.compile(r"(?<!^)(?=[A-Z])")
_DOMAIN = re.compile(r"[A-Za-z0-9-]+\.pstn\.twilio\.com")
_PASSWORD = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z]).{12,}", re.DOTALL)
_LONGEST = {"FriendlyName": 64, "Username": 32}
_RANGES = {"Priority": range(65536), "Weight": range(1, 65536), "CidrPrefixLength": range(33)}


class Kind(NamedTuple):
    """The things of a collection: how their ids begin, what must be given, what is so when it isn't given.
    ``refers`` is where the things are made that are only attached here."""

    prefix: str
    required: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = MappingProxyType({})
    refers: str = ""


_SIP = f"{V2010}/Accounts/*/SIP"
TRUNK = f"{V1}/Trunks/*"
KINDS = {
    f"{_SIP}/IpAccessControlLists": Kind("AL", ("FriendlyName",)),
    f"{_SIP}/IpAccessControlLists/*/IpAddresses": Kind(
        "IP", ("FriendlyName", "IpAddress"), {"cidr_prefix_length": 32}
    ),
    f"{_SIP}/CredentialLists": Kind("CL", ("FriendlyName",)),
    f"{_SIP}/CredentialLists/*/Credentials": Kind("CR", ("Username", "Password")),
    f"{V1}/Trunks": Kind(
        "TK",
        (),
        {"friendly_name": None, "domain_name": None, "secure": False, "transfer_mode": "disable-all"},
    ),
    f"{TRUNK}/IpAccessControlLists": Kind("AL", ("IpAccessControlListSid",), {}, "IpAccessControlLists"),
    f"{TRUNK}/CredentialLists": Kind("CL", ("CredentialListSid",), {}, "CredentialLists"),
    f"{TRUNK}/OriginationUrls": Kind("OU", ("Weight", "Priority", "Enabled", "FriendlyName", "SipUrl")),
}


class Refusal(Exception):
    """What is answered instead: the HTTP status, Twilio's code, and the message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def answer(self) -> httpx.Response:
        """As Twilio writes it."""
        more_info = f"https://www.twilio.com/docs/errors/{self.code}"
        said = {"code": self.code, "message": str(self), "more_info": more_info, "status": self.status}
        return httpx.Response(self.status, json=said)


def shape(path: str) -> str:
    """A path with ``*`` for each id."""
    return _SID.sub("*", path)


def form_of(request: httpx.Request) -> dict[str, str]:
    """What a request gives."""
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def snake(name: str) -> str:
    """A name as answers have it: ``FriendlyName`` is ``friendly_name``."""
    return _WORD_WITHIN.sub("_", name).lower()


def fields_of(form: Mapping[str, str]) -> Thing:
    """What was given, as a thing shows it; passwords are never shown."""
    fields: Thing = {}
    for name, text in form.items():
        value: Any = int(text) if name in _RANGES else text
        if name != "Password":
            fields[snake(name)] = text == "true" if text in ("true", "false") else value
    return fields


def check(kind: Kind, form: Mapping[str, str], beside: Iterable[Thing], taken: set[str]) -> None:
    """Raise Refusal for what can't be. ``beside`` are the other things there, ``taken`` the domain names of
    other accounts."""
    missing = next((name for name in kind.required if not form.get(name)), None)
    if missing is not None:
        raise refused(f"Missing required parameter {missing} in the post body")
    check_values(form, beside, taken)


def check_values(form: Mapping[str, str], beside: Iterable[Thing], taken: set[str]) -> None:
    """The same of what is there to be changed."""
    for name, longest in _LONGEST.items():
        if len(form.get(name, "")) > longest:
            raise refused(f"{name} has more than {longest} characters")
    for name, allowed in _RANGES.items():
        if name in form and (not form[name].isdigit() or int(form[name]) not in allowed):
            raise refused(f"{name} must be from {allowed.start} to {allowed.stop - 1}")
    if form.get("DomainName"):
        _check_domain(form["DomainName"], taken | {str(each.get("domain_name")).lower() for each in beside})
    if "IpAddress" in form:
        _check_address(form["IpAddress"], {each["ip_address"] for each in beside})
    if "Password" in form and not _PASSWORD.fullmatch(form["Password"]):
        raise refused("Password must have 12 characters, a digit, and mixed case")
    if not form.get("SipUrl", "sip:").startswith("sip:"):
        raise refused("SipUrl must be a sip: URI")


def refused(message: str, code: int = 20001) -> Refusal:
    """A 400."""
    return Refusal(400, code, message)


def not_found(what: str) -> Refusal:
    """A 404."""
    return Refusal(404, 20404, f"The requested resource {what} was not found")


def unauthenticated() -> Refusal:
    """A 401."""
    return Refusal(401, 20003, "Authenticate")


def _check_domain(name: str, taken: set[str]) -> None:
    if not _DOMAIN.fullmatch(name):
        raise refused("DomainName must be letters, digits and - before .pstn.twilio.com", 21232)
    if name.lower() in taken:
        raise refused("DomainName is already in use", 21232)


def _check_address(text: str, known: set[str]) -> None:
    try:
        address = str(ipaddress.IPv4Address(text))
    except ValueError:
        raise refused("IpAddress must be an IPv4 address in dotted decimal notation") from None
    if address in known:
        raise refused("IpAddress is in this list already")
