"""The OPTIONS request of a check (RFC 3261 section 11.1), as the constant parts around a branch."""

import secrets
from functools import lru_cache

from provd.probe.settings import ProbeIdentity
from provd.probe.target import SocketAddress
from provd.schema.hostname import HostPort

MAGIC = b"z9hG4bK"  # RFC 3261 section 8.1.1.7
BRANCH_LENGTH = 16
CSEQ_LINE = b"\nCSeq: 1 OPTIONS\r\n"

RequestParts = tuple[bytes, bytes, bytes]


def request_parts(host: HostPort, local: SocketAddress, identity: ProbeIdentity) -> RequestParts:
    """Build what surrounds the two places where the branch stands: in Via and in Call-ID.

    The Request-URI and To have the provider's own name, though the packet goes to one of its addresses.
    """
    sent_by = _sent_by(local)
    uri = f"sip:{host}"
    from_uri = identity.from_uri or f"sip:provd@{sent_by}"
    head = f"OPTIONS {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {sent_by};rport;branch=".encode() + MAGIC
    middle = (
        f"\r\nMax-Forwards: 70\r\nFrom: <{from_uri}>;tag={secrets.token_hex(4)}\r\nTo: <{uri}>\r\nCall-ID: "
    ).encode()
    return head, middle, _tail(sent_by, identity.user_agent)


@lru_cache(maxsize=64)
def _tail(sent_by: str, user_agent: str) -> bytes:
    return (
        f"@{sent_by}\r\nCSeq: 1 OPTIONS\r\nContact: <sip:provd@{sent_by}>\r\nAccept: application/sdp\r\n"
        f"User-Agent: {user_agent}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _sent_by(local: SocketAddress) -> str:
    host, port = local
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
