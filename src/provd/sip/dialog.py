"""A dialog as its caller knows it (RFC 3261 section 12)."""

from dataclasses import dataclass, replace

from provd.sip.address import parse_address
from provd.sip.errors import SipParseError
from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.uri import SipUri, Uri

_Item = tuple[str, str]


@dataclass(slots=True)
class Dialog:
    """``local`` and ``remote`` are From and To with their tags; ``target`` is the peer's Contact.

    ``cseq`` is the number of our latest request in it, ``remote_cseq`` that of the peer's, None before any.
    """

    call_id: str
    local: str
    remote: str
    target: str
    routes: tuple[str, ...]
    cseq: int
    remote_cseq: int | None = None

    @classmethod
    def of(cls, request: Request, response: Response) -> "Dialog":
        """The dialog that a response with a To tag makes of our request (section 12.1.2).

        Without a Contact that can be used, which a 2xx must have, the Request-URI stays the target; a
        Record-Route that is no address is left out.
        """
        return cls(
            call_id=request.call_id,
            local=request.required("From"),
            remote=response.required("To"),
            target=_contact(response) or request.uri,
            routes=tuple(
                each
                for each in reversed(_listed(response.headers.get_all("Record-Route")))
                if _uri_of(each) is not None
            ),
            cseq=request.cseq.number,
        )

    @property
    def remote_tag(self) -> str | None:
        """The peer's tag."""
        return parse_address(self.remote).tag

    @property
    def request_uri(self) -> str:
        """The Request-URI of our requests in it."""
        return self._path()[0]

    @property
    def next_hop(self) -> Uri:
        """Where its requests go: the first route, else the target."""
        return parse_address(f"<{self.target}>" if not self.routes else self.routes[0]).uri

    def refresh(self, message: Request | Response) -> None:
        """Take a new target from a re-INVITE, an UPDATE, or the answer to one (section 12.2)."""
        self.target = _contact(message) or self.target

    def admits(self, request: Request) -> bool:
        """Whether a request of the peer comes in its order (section 12.2.2); if so, it is noted."""
        number = request.cseq.number
        if self.remote_cseq is not None and number < self.remote_cseq:
            return False
        self.remote_cseq = number
        return True

    def request(
        self,
        method: str,
        via: str,
        headers: tuple[_Item, ...] = (),
        body: bytes = b"",
        number: int | None = None,
    ) -> Request:
        """A request within the dialog (section 12.2.1.1); ``number`` is its CSeq if it is not the next."""
        if number is None:
            self.cseq += 1
            number = self.cseq
        uri, routes = self._path()
        return Request(
            method,
            uri,
            Headers(
                [
                    ("Via", via),
                    ("Max-Forwards", "70"),
                    *(("Route", each) for each in routes),
                    ("From", self.local),
                    ("To", self.remote),
                    ("Call-ID", self.call_id),
                    ("CSeq", f"{number} {method}"),
                    *headers,
                    ("Content-Length", str(len(body))),
                ]
            ),
            body,
        )

    def _path(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route headers, for loose and for strict routers."""
        if not self.routes:
            return self.target, ()
        first = parse_address(self.routes[0]).uri
        if not isinstance(first, SipUri) or "lr" in first.params:
            return self.target, self.routes
        return str(first), (*self.routes[1:], f"<{self.target}>")


def _contact(message: Request | Response) -> str | None:
    value = message.headers.get("Contact")
    uri = None if value is None else _uri_of(_split(value)[0])
    if isinstance(uri, SipUri):
        return str(replace(uri, headers=()))  # a Request-URI has none (section 19.1.1)
    return None if uri is None else str(uri)


def _uri_of(address: str) -> Uri | None:
    try:
        return parse_address(address).uri
    except SipParseError:
        return None


def _listed(values: tuple[str, ...]) -> list[str]:
    return [each for value in values for each in _split(value)]


def _split(value: str) -> list[str]:
    """The elements of a list, at the commas outside of quotes and angle brackets."""
    found, start, quoted, nested = [], 0, False, 0
    for at, character in enumerate(value):
        if character == '"' and value[at - 1 : at] != "\\":
            quoted = not quoted
        elif not quoted and character in "<>":
            nested += 1 if character == "<" else -1
        elif character == "," and not quoted and not nested:
            found.append(value[start:at].strip())
            start = at + 1
    return [*found, value[start:].strip()]
