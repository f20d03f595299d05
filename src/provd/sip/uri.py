"""SIP and SIPS URIs taken apart, and all others kept whole (RFC 3261 section 19.1)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from provd.sip.errors import SipParseError, shown
from provd.sip.host import format_host, parse_host, parse_port
from provd.sip.octets import decode, encode
from provd.sip.params import NO_PARAMS, Params

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_OUTSIDE = re.compile(r'[\x00-\x20\x7f<>"]')
_AFTER_USER = re.compile(r"(\[[^\]]*\]|[^:;?\[\]]+)(?::([^;?]*))?((?:;[^?]*)?)(?:\?(.*))?")


@dataclass(frozen=True, slots=True)
class SipUri:
    """A ``sip:`` or ``sips:`` URI. Its text parts stay escaped as received; ``host`` has no brackets.

    ``headers`` are the ``name=value`` pairs after the question mark.
    """

    scheme: str
    host: str
    user: str | None = None
    port: int | None = None
    params: Params = NO_PARAMS
    headers: tuple[tuple[str, str], ...] = ()
    password: str | None = None

    @property
    def plain_user(self) -> str | None:
        """The user with its ``%`` escapes resolved, once (RFC 3986 section 2.4)."""
        return None if self.user is None else unescape(self.user)

    def __str__(self) -> str:
        user = "" if self.user is None else f"{self.user}@"
        if self.password is not None:
            user = f"{self.user or ''}:{self.password}@"
        headers = "&".join(f"{name}={value}" for name, value in self.headers)
        question = "?" if headers else ""
        return f"{self.scheme}:{user}{format_host(self.host, self.port)}{self.params}{question}{headers}"


@dataclass(frozen=True, slots=True)
class OpaqueUri:
    """A URI of any other scheme: ``tel:``, ``http:``, one unheard of. Nothing past the scheme is read."""

    scheme: str
    rest: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


Uri = SipUri | OpaqueUri
"""What a Request-URI, a To or a From may hold."""


def parse_uri(text: str) -> Uri:
    """Read a URI, without angle brackets or spaces around it.

    Raises SipParseError when it has no scheme, holds spaces, control characters, quotes or angle
    brackets, or, for sip and sips, when the host, the port, a parameter or a header is malformed.
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise SipParseError(f"the URI {shown(text)} has no scheme")
    if _OUTSIDE.search(text):
        raise SipParseError(f"the URI {shown(text)} has characters that no URI has")
    rest = text[scheme.end() :]
    name = scheme[1].lower()
    if name not in ("sip", "sips"):
        if not rest:
            raise SipParseError(f"the URI {shown(text)} has nothing after its scheme")
        return OpaqueUri(scheme[1], rest)
    return _parse_sip(name, rest, text)


def _parse_sip(scheme: str, rest: str, whole: str) -> SipUri:
    # The user may have ';', '?' and '/' of its own (section 25.1, user-unreserved), so it is taken off
    # first; the last '@' ends it, since neither a host nor what follows may have one.
    userinfo, at, after = rest.rpartition("@")
    user: str | None = None
    password: str | None = None
    if at:
        user, colon, secret = userinfo.partition(":")
        password = secret if colon else None
        if not user:
            raise SipParseError(f"the URI {shown(whole)} has an '@' but no user")
    match = _AFTER_USER.fullmatch(after)
    if match is None:
        raise SipParseError(f"the URI {shown(whole)} has no host where one belongs")
    host, port, params, headers = match.groups()
    return SipUri(
        scheme,
        parse_host(host),
        user,
        None if port is None else parse_port(port),
        _uri_params(params) if params else NO_PARAMS,
        () if headers is None else _uri_headers(headers),
        password,
    )


def _uri_params(text: str) -> Params:
    items: list[tuple[str, str | None]] = []
    for part in text[1:].split(";"):
        name, equals, value = part.partition("=")
        if not name or (equals and not value):
            raise SipParseError(f"{shown(part)} is not a URI parameter")
        items.append((name, value if equals else None))
    return Params(tuple(items))


def _uri_headers(text: str) -> tuple[tuple[str, str], ...]:
    items = []
    for part in text.split("&"):
        name, equals, value = part.partition("=")
        if not (name and equals):
            raise SipParseError(f"{shown(part)} is not a URI header")
        items.append((name, value))
    return tuple(items)


def unescape(text: str) -> str:
    """``text`` with its ``%`` escapes resolved, once; a '%' that starts no escape stays."""
    return decode(unquote_to_bytes(encode(text))) if "%" in text else text
