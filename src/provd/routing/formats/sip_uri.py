"""Where a provider is, as a SIP URI, in the engines' files."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from provd.routing.formats.base import Record
from provd.schema.hostname import parse_hostname

_URI = re.compile(
    r"(?:(?P<scheme>sips?):)?(?:(?P<user>[^@]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s;?@:\[\]<>\"]+)"
    r"(?P<port>:[0-9]+)?(?P<rest>[;?].*)?",
    re.IGNORECASE,
)
_TRANSPORT = re.compile(r";transport=([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """What a URI says: the fields of a provider, and what of it has no field."""

    fields: dict[str, Any]
    lost: tuple[str, ...]


def place_uri(provider: Record) -> str:
    """Give a provider's URI: letters, digits and ``[]:;=.-_`` alone, as its hostname has been checked."""
    host = str(parse_hostname(provider["hostname"]))
    transport = provider.get("transport", "udp")
    return f"sip:{host}" if transport == "udp" else f"sip:{host};transport={transport}"


def read_place(uri: str) -> Place:
    """Read a URI, or a host with an optional port. Raises ValueError with a sentence without a subject."""
    match = _URI.fullmatch(uri.strip())
    if match is None:
        raise ValueError(f"has {uri[:100]!r}, which is not a SIP URI")
    hostname = str(parse_hostname(match["host"] + (match["port"] or "")))
    rest = match["rest"] or ""
    transport = _TRANSPORT.search(rest)
    said = (
        transport[1].lower() if transport else "tls" if (match["scheme"] or "").lower() == "sips" else "udp"
    )
    if said not in ("udp", "tcp", "tls"):
        raise ValueError(f"has the transport {said!r}: there are udp, tcp and tls")
    left = _TRANSPORT.sub("", rest)
    lost = []
    if match["user"]:
        lost.append(f"the user part {unquote(match['user'])[:100]!r} of the URI")
    if left.strip(";?"):
        lost.append(f"the parameters {left[:100]!r} of the URI")
    return Place({"hostname": hostname, "transport": said}, tuple(lost))
