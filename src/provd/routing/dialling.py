"""A call as it is sent to one provider: the number, the Request-URI, and where the request goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import phonenumbers

from provd.routing.identity import caller_warnings, header_warnings
from provd.schema.hostname import HostKind, parse_hostname

_UNRESERVED = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.!~*'()&=+$,/"
)  # of a user part, less ";" and "?", which phones take for the beginning of something else (RFC 3261 25.1)
_DEFAULT_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}
_E164_DIGITS = 15


class Dialable(Protocol):
    """What of a provider's record says how it is called."""

    @property
    def hostname(self) -> str: ...  # noqa: D102
    @property
    def tech_prefix(self) -> str: ...  # noqa: D102
    @property
    def tech_postfix(self) -> str: ...  # noqa: D102
    @property
    def tech_headers(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def transport(self) -> str: ...  # noqa: D102
    @property
    def carrier(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class DialledCall:
    """``number`` is what the carrier is dialled with; ``next_hop`` where the request goes, with transport."""

    number: str
    request_uri: str
    next_hop: str
    headers: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)


def dial(provider: Dialable, destination: str, caller: str = "") -> DialledCall:
    """How ``destination``, a number as ``parse_number`` gives it, is dialled through a provider.

    ``caller`` is who the call is to be from, as the user of From has it; empty when that is not known.
    """
    digits, at, host = provider.tech_postfix.partition("@")
    number = f"{provider.tech_prefix}{destination}{digits}"
    return DialledCall(
        number=number,
        request_uri=request_uri(number, host if at else provider.hostname, provider.transport),
        next_hop=_next_hop(provider),
        headers=provider.tech_headers,
        warnings=_warnings(provider, destination, number)
        + header_warnings(provider.carrier, provider.tech_headers)
        + caller_warnings(provider.carrier, provider.tech_headers, caller),
    )


def region_of(destination: str) -> str:
    """The country of a number, its two letters of ISO 3166; "" when it is unknown."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(destination)) or ""
    except phonenumbers.NumberParseException:
        return ""


def request_uri(number: str, host: str, transport: str) -> str:
    """A SIP URI for a number at a host; UDP, which is what SIP does anyway, is not said."""
    said = "" if transport == "udp" else f";transport={transport}"
    return f"sip:{escaped_user(number)}@{host}{said}"


def escaped_user(text: str) -> str:
    """A user part as a URI has it."""
    return "".join(c if c in _UNRESERVED else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def _next_hop(provider: Dialable) -> str:
    name = parse_hostname(provider.hostname)
    host = f"[{name.host}]" if ":" in name.host else name.host
    if name.port is not None:
        return f"{host}:{name.port}/{provider.transport}"
    if name.kind is HostKind.NAME:
        return f"{host}/{provider.transport} (by DNS)"
    return f"{host}:{_DEFAULT_PORTS[provider.transport]}/{provider.transport}"


def _warnings(provider: Dialable, destination: str, number: str) -> list[str]:
    told = []
    if not destination.startswith("+"):
        told.append(f"{destination} has no country code: write +, the country code and the number (E.164)")
    else:
        told += _e164_warnings(destination)
    if number.count("+") > 1:
        told.append(f"{number} has more than one +: take it out of the tech_prefix")
    elif "+" in number[1:]:
        told.append(f"{number} has a + within it, after the tech_prefix: many carriers refuse that")
    if provider.carrier.startswith("twilio") and not number.startswith("+"):
        told.append("Twilio wants numbers with a + before them, and answers 400 otherwise")
    return told


def _e164_warnings(destination: str) -> list[str]:
    if not destination[1:].isdigit():
        return [f"{destination} has * or #, which no E.164 number has"]
    if len(destination) - 1 > _E164_DIGITS:
        return [f"{destination} has more than the {_E164_DIGITS} digits of E.164"]
    try:
        parsed = phonenumbers.parse(destination)
    except phonenumbers.NumberParseException:
        return [f"{destination} begins with no country code that exists"]
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason == phonenumbers.ValidationResult.TOO_SHORT:
        return [f"{destination} is too short for its country"]
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        return [f"{destination} is too long for its country"]
    if not phonenumbers.is_valid_number(parsed):
        return [f"{destination} is in no range that its country gives out"]
    return []
