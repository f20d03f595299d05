"""Addresses as To, From and Contact hold them (RFC 3261 section 20.10)."""

import re
from dataclasses import dataclass

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import LWS, QUOTED_STRING, TOKEN_CHARS, quote, unquote
from provd.sip.params import NO_PARAMS, Params, parse_params
from provd.sip.uri import Uri, parse_uri

_NAME_ADDR = re.compile(rf"(?:({QUOTED_STRING})[ \t]*|([{TOKEN_CHARS} \t]*))<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Address:
    """A URI with the name people see and the header's parameters.

    ``display_name`` is without quotes and escapes; None when there is none.
    """

    uri: Uri
    display_name: str | None = None
    params: Params = NO_PARAMS

    @property
    def tag(self) -> str | None:
        """The tag that To and From carry in a dialog (RFC 3261 section 19.3)."""
        return self.params.get("tag")

    def __str__(self) -> str:
        name = "" if self.display_name is None else f"{quote(self.display_name)} "
        return f"{name}<{self.uri}>{self.params}"


def parse_address(text: str) -> Address:
    """Read a ``name-addr`` or an ``addr-spec``, and the parameters after it.

    Without angle brackets, what follows a semicolon belongs to the header, and a URI with a comma or a
    question mark is refused. Spaces just inside the brackets are ignored (RFC 4475 section 3.1.2.14).
    Raises SipParseError for anything malformed, a display name that should be quoted among them, and
    for two tags.
    """
    match = _NAME_ADDR.match(text)
    if match is not None:
        quoted, tokens, uri = match.groups()
        name = (tokens.strip(LWS) or None) if quoted is None else unquote(quoted)
        address = Address(parse_uri(uri.strip(LWS)), name, parse_params(text, match.end()))
    else:
        address = _parse_bare(text)
    if len(address.params) > 1 and address.params.count("tag") > 1:
        raise SipParseError(f"the address {shown(text)} has two tags")
    return address


def _parse_bare(text: str) -> Address:
    if "<" in text or '"' in text:
        raise SipParseError(f"the display name or the brackets of {shown(text)} are malformed")
    end = text.find(";")
    uri = (text if end < 0 else text[:end]).strip(LWS)
    if "?" in uri or "," in uri:
        raise SipParseError(f"the URI {shown(uri)} has a '?' or a ',' and so needs angle brackets")
    return Address(parse_uri(uri), None, NO_PARAMS if end < 0 else parse_params(text, end))
