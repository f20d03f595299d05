"""The OPTIONS request of a check (RFC 3261 section 11.1), as constant parts around a host and a branch."""

from typing import NamedTuple

from provd.probe.address import SocketAddress, address_text
from provd.probe.settings import RequestShape
from provd.schema.provider import Transport

MAGIC = b"z9hG4bK"  # RFC 3261 section 8.1.1.7
BRANCH_LENGTH = 16
CSEQ_LINE = b"\nCSeq: 1 OPTIONS\r\n"


class RequestTemplate(NamedTuple):
    """A request of one shape from one of our addresses; many targets share it."""

    start: bytes
    via: bytes
    from_: bytes
    to: bytes
    call_id: bytes
    tail: bytes

    def write(self, host: bytes, branch: bytes) -> bytes:
        """The request for ``host``. ``branch``, without its magic cookie, is tag and Call-ID as well."""
        start, via, from_, to, call_id, tail = self
        return b"".join((start, host, via, branch, from_, branch, to, host, call_id, branch, tail))


def make_template(shape: RequestShape, local: SocketAddress, transport: Transport) -> RequestTemplate:
    """Build what every request of this shape has in common.

    The Request-URI and To will have the provider's own name, though the packet goes to one of its
    addresses.
    """
    sent_by = address_text(local)
    from_uri = shape.from_uri or f"sip:provd@{sent_by}"
    over = "" if transport is Transport.UDP else f";transport={transport.value}"
    contact = shape.contact or f"sip:provd@{sent_by}{over}"
    more = "".join(f"{name}: {value}\r\n" for name, value in shape.headers)
    return RequestTemplate(
        start=b"OPTIONS sip:",
        via=f" SIP/2.0\r\nVia: SIP/2.0/{transport.value.upper()} {sent_by};rport;branch=".encode() + MAGIC,
        from_=f"\r\nMax-Forwards: {shape.max_forwards}\r\nFrom: <{from_uri}>;tag=".encode(),
        to=b"\r\nTo: <sip:",
        call_id=b">\r\nCall-ID: ",
        tail=(
            f"@{sent_by}\r\nCSeq: 1 OPTIONS\r\nContact: <{contact}>\r\nAccept: application/sdp\r\n"
            f"User-Agent: {shape.user_agent}\r\n{more}Content-Length: 0\r\n\r\n"
        ).encode(),
    )
