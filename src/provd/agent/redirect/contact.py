"""The URIs of Contact headers: where a number is reached at a provider (RFC 3261 section 19.1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from provd.schema.hostname import parse_hostname

MAX_CONTACTS = 10
MAX_CONTACTS_SIZE = 16 * 1024
"""In bytes, of all Contacts of an answer together; a UDP datagram has room for them beside what is copied."""
_MARKS = "-_.!~*'()"
_IN_USERS = f"{_MARKS}&=+$,/"  # less ";" and "?", which phones take for the beginning of something else
_BODY = "body"  # no header, but the body of the request to come (section 19.1.1)


@dataclass(frozen=True, slots=True)
class ContactForm:
    """A provider's URI around the number. ``headers`` is the part from the question mark on, or empty."""

    before: str
    after: str
    headers: str

    def uri(self, user: str) -> str:
        """The URI for a number, as ``escaped_user`` gives it, without headers."""
        return f"{self.before}{user}{self.after}"

    def contact(self, user: str, rank: int) -> str:
        """The value of a Contact header; ``rank`` 0 is to be tried first, MAX_CONTACTS - 1 last."""
        q = "1.0" if rank == 0 else f"0.{MAX_CONTACTS - rank}"
        return f"<{self.before}{user}{self.after}{self.headers}>;q={q}"


def contact_form(
    *, hostname: str, transport: str, prefix: str, postfix: str, headers: Mapping[str, str]
) -> ContactForm:
    """How a provider is called. ``hostname`` and the host that ``postfix`` may have after an ``@`` are as
    ``parse_hostname`` takes them.

    With a host in ``postfix`` the URI has that one, and ``maddr`` says where the request goes all the same.
    ``headers`` become headers of the URI, escaped; one named body is left out, as it would be none.
    """
    hop = parse_hostname(hostname)
    digits, at, domain = postfix.partition("@")
    host = parse_hostname(domain).uri_host if at else hop.uri_host
    port = "" if hop.port is None else f":{hop.port}"
    maddr = "" if host == hop.uri_host else f";maddr={hop.uri_host}"
    pairs = [
        f"{_escaped(name)}={_escaped(value)}" for name, value in headers.items() if name.lower() != _BODY
    ]
    return ContactForm(
        before=f"sip:{escaped_user(prefix)}",
        after=f"{escaped_user(digits)}@{host}{port};transport={transport}{maddr}",
        headers=f"?{'&'.join(pairs)}" if pairs else "",
    )


def escaped_user(text: str) -> str:
    """``text`` as the user part of a URI has it, or a piece of that part."""
    return quote(text, safe=_IN_USERS, errors="replace")


def _escaped(text: str) -> str:
    return quote(text, safe=_MARKS, errors="replace")
