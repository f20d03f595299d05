"""What a redirect is made of: the call that was asked about, and what is answered."""

from collections.abc import Callable
from dataclasses import dataclass

SocketAddress = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Call:
    """An INVITE. ``uri`` is its Request-URI, ``sip:`` or ``tel:``; ``caller`` is the user of its From."""

    uri: str
    caller: str
    call_id: str
    source: SocketAddress
    transport: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer: 302 with the values of its Contact headers, or a refusal's code. ``why`` is told in the
    Reason header of a refusal; ``retry_after_s`` in Retry-After."""

    code: int
    contacts: tuple[str, ...] = ()
    why: str = ""
    retry_after_s: int | None = None


Choose = Callable[[Call], Choice]
