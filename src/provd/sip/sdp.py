"""Session descriptions of one call with sound (RFC 8866, and RFC 3264 for offer and answer)."""

import re
from dataclasses import dataclass, replace
from ipaddress import ip_address

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import parse_scalar
from provd.sip.octets import decode

PCMU, PCMA, EVENTS = 0, 8, 101
"""Payload types (RFC 3551): G.711 in its two laws, and ours for telephone-event (RFC 4733)."""

CODECS = {PCMU: "PCMU", PCMA: "PCMA"}
_RATE = 8000
_OPPOSITE = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_RTPMAP = re.compile(r"([0-9]{1,3})[ \t]+([^/ \t]+)/([0-9]{1,6})(?:/1)?[ \t]*")
_MAX_PAYLOAD = 127


class SdpError(SipParseError):
    """A description can't be used; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Where sound goes, and how: ``payloads`` are those of ours that are offered or accepted, best first.

    ``events`` is the payload type of telephone-event, None without; ``direction`` as its sender means it.
    """

    address: str
    port: int
    payloads: tuple[int, ...]
    events: int | None = None
    direction: str = "sendrecv"

    @property
    def codec(self) -> str:
        """The name of the codec to send with."""
        return CODECS[self.payloads[0]]

    @property
    def on_hold(self) -> bool:
        """Whether its sender wants to hear nothing."""
        return self.direction in ("sendonly", "inactive") or self.address in ("0.0.0.0", "::")


def describe(sound: Sound, session: int, version: int) -> bytes:
    """Write a description. ``session`` is its number, ``version`` counts its changes."""
    family = "IP6" if ":" in sound.address else "IP4"
    formats = [*sound.payloads, *([] if sound.events is None else [sound.events])]
    lines = [
        "v=0",
        f"o=provd {session} {version} IN {family} {sound.address}",
        "s=-",
        f"c=IN {family} {sound.address}",
        "t=0 0",
        f"m=audio {sound.port} RTP/AVP {' '.join(map(str, formats))}",
        *(f"a=rtpmap:{payload} {CODECS[payload]}/{_RATE}" for payload in sound.payloads),
    ]
    if sound.events is not None:
        lines += [f"a=rtpmap:{sound.events} telephone-event/{_RATE}", f"a=fmtp:{sound.events} 0-15"]
    lines += ["a=ptime:20", f"a={sound.direction}", ""]
    return "\r\n".join(lines).encode()


def parse(body: bytes) -> Sound:
    """Read a description: its first audio stream over RTP/AVP.

    Raises SdpError when it has none, has rejected it (port 0), or has no codec of ours.
    """
    session: dict[str, str] = {}
    media: list[tuple[str, dict[str, str], list[str]]] = []
    attributes: list[str] = []
    for line in decode(body).replace("\r\n", "\n").split("\n"):
        kind, equals, value = line.partition("=")
        if not equals or len(kind) != 1:
            if line.strip():
                raise SdpError(f"{shown(line)} is no line of a session description")
            continue
        if kind == "m":
            media.append((value, {}, []))
        elif kind == "a":
            (media[-1][2] if media else attributes).append(value)
        else:
            (media[-1][1] if media else session).setdefault(kind, value)
    refused = ""
    for value, own, lines in media:
        kind, port, protocol, formats = _media(value)
        if kind != "audio":
            continue
        if protocol != "RTP/AVP":
            refused = f"its sound is {shown(protocol)}, and we speak RTP/AVP alone"
        elif port == 0:
            refused = "it has rejected the sound (port 0)"
        else:
            address = _address(own.get("c") or session.get("c"))
            return _sound(address, port, formats, attributes, lines)
    raise SdpError(refused or "it has no sound")


def answer_to(offer: Sound, ours: Sound) -> Sound:
    """What we answer to an offer: the codecs that both have, as the offer prefers, at ``ours``'s address."""
    shared = tuple(each for each in offer.payloads if each in ours.payloads)
    if not shared:
        raise SdpError("the offer has no codec of ours")
    return replace(ours, payloads=shared, events=offer.events, direction=_OPPOSITE[offer.direction])


def _media(value: str) -> tuple[str, int, str, list[str]]:
    parts = value.split()
    if len(parts) < 4:
        raise SdpError(f"the media line {shown(value)} is malformed")
    port = parse_scalar(parts[1].split("/")[0], 65535)
    if port is None:
        raise SdpError(f"the port {shown(parts[1])} is none")
    return parts[0].lower(), port, parts[2].upper(), parts[3:]


def _address(connection: str | None) -> str:
    parts = (connection or "").split()
    if len(parts) != 3 or parts[0].upper() != "IN" or parts[1].upper() not in ("IP4", "IP6"):
        raise SdpError("it has no address for the sound")
    try:
        address = ip_address(parts[2])
    except ValueError:
        raise SdpError(f"{shown(parts[2])} is no IP address of one peer") from None
    if address.is_multicast:
        raise SdpError(f"{address} is no address of one peer")
    return str(address)


def _sound(address: str, port: int, formats: list[str], session: list[str], lines: list[str]) -> Sound:
    names = {PCMU: "pcmu", PCMA: "pcma"}
    for line in lines:
        name, _, value = line.partition(":")
        match = _RTPMAP.fullmatch(value) if name == "rtpmap" else None
        if match is not None and int(match[3]) == _RATE:
            names[int(match[1])] = match[2].lower()
    numbers = [number for each in formats if (number := parse_scalar(each, _MAX_PAYLOAD)) is not None]
    wanted = {PCMU: "pcmu", PCMA: "pcma"}
    payloads = tuple(each for each in numbers if each in wanted and names.get(each) == wanted[each])
    events = next((each for each in numbers if names.get(each) == "telephone-event"), None)
    if not payloads:
        raise SdpError(
            f"it has no codec of ours: {', '.join(names.get(each, str(each)) for each in numbers)}"
        )
    said = [each for each in (*session, *lines) if each in _OPPOSITE]
    return Sound(address, port, payloads, events, said[-1] if said else "sendrecv")
