"""What a call wants done, and what it has seen."""

from dataclasses import dataclass
from typing import NamedTuple

from provd.sip.digest import Login
from provd.sip.sdp import Sound
from provd.sip.uri import Uri

SocketAddress = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call to be placed. ``from_`` and ``to`` are header values without tags, ``contact`` a URI.

    ``hop`` is our end of each Via, like ``SIP/2.0/UDP 192.0.2.1:5062``. ``sound`` is where we hear, and what.
    """

    uri: str
    from_: str
    to: str
    contact: str
    hop: str
    sound: Sound
    user_agent: str
    headers: tuple[tuple[str, str], ...] = ()
    login: Login | None = None


class Send(NamedTuple):
    """Send ``data``: to a URI, to where a request came from, or (both None) to where the INVITE goes."""

    data: bytes
    uri: Uri | None = None
    source: SocketAddress | None = None


class Speak(NamedTuple):
    """Send sound to the peer there from now on; ``early``: it has not answered yet."""

    sound: Sound
    early: bool


Effect = Send | Speak


class Step(NamedTuple):
    """A message on the ladder: ``at`` is the time, ``line`` its method or its code and phrase."""

    at: float
    outgoing: bool
    line: str
