"""SIPp as a callee: what it does with each call, as a scenario that is put together of steps."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from provd.schema.provider import Transport
from provd.sip.digest import Login
from tests.fakes.certificates import Authority
from tests.fakes.ports import free_port
from tests.fakes.rtp_echo import rtp_echo
from tests.fakes.tls_relay import tls_relay

from . import HOST, running_peer
from .sipp import PROGRAM

USER, PASSWORD = "alice", "correct horse"
WRONG_LOGIN = Login(USER, "battery staple")
_ANSWER = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n{cseq}\n[last_Record-Route:]"
_SDP = (
    "v=0\no=sipp 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=audio [sdp_port] RTP/AVP {formats}\n{lines}"
)
_BOTH = _SDP.format(formats="0 8 101", lines="a=rtpmap:101 telephone-event/8000\n")
PCMA_ALONE = _SDP.format(formats="8", lines="")


def respond(
    code: str, *headers: str, tag: str = "", sdp: str = "", again: bool = False, cseq: str = "[last_CSeq:]"
) -> str:
    """Send a response to the latest request."""
    lines = [f"SIP/2.0 {code}", _ANSWER.format(tag=f";tag={tag}" if tag else "", cseq=cseq)]
    lines += ["Contact: <[contact]>", *headers]
    return _sent(lines, sdp, again=again)


def request(method: str, number: int, *, sdp: str = "", again: bool = True) -> str:
    """Send a request within the dialog."""
    lines = [
        f"{method} [next_url] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        "Max-Forwards: 70",
        "From: [$theirs_to];tag=callee[call_number]",
        "To:[$theirs_from]",
        "[last_Call-ID:]",
        f"CSeq: {number} {method}",
        "Contact: <[contact]>",
    ]
    return _sent(lines, sdp, again=again)


def expect(request: str, *actions: str) -> str:
    """Wait for a request."""
    inside = f"<action>{''.join(actions)}</action>" if actions else ""
    remembered = ' rrs="true"' if request == "INVITE" else ""
    return f'<recv request="{request}"{remembered}>{inside}</recv>'


def expect_response(code: int) -> str:
    """Wait for a response."""
    return f'<recv response="{code}"/>'


def pause(milliseconds: int) -> str:
    """Do nothing."""
    return f'<pause milliseconds="{milliseconds}"/>'


def _sent(lines: list[str], sdp: str, *, again: bool) -> str:
    text = "\n".join([*lines, *(["Content-Type: application/sdp"] if sdp else []), "Content-Length: [len]"])
    retransmitted = ' retrans="500"' if again else ""
    return f"<send{retransmitted}><![CDATA[\n{text}\n\n{sdp}]]></send>"


_TAG = "callee[call_number]"
_KEPT = (
    '<ereg regexp="&lt;[^;]*&gt;" search_in="hdr" header="To:" assign_to="theirs_to"/>'
    '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="theirs_from"/>'
    '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>'
)
_INVITED = expect("INVITE", _KEPT)
_RINGS = respond("180 Ringing", tag=_TAG)
_ANSWERS = respond("200 OK", tag=_TAG, sdp=_BOTH, again=True)
_IS_LEFT = expect("BYE") + respond("200 OK")
_ANSWERED_UNTIL_LEFT = _ANSWERS + expect("ACK") + _IS_LEFT
_IS_CANCELLED = (
    expect("CANCEL")
    + respond("200 OK", tag=_TAG)
    + respond("487 Request Terminated", tag=_TAG, cseq="CSeq: 1 INVITE", again=True)
    + expect("ACK")
)
_CHALLENGE = 'WWW-Authenticate: Digest realm="carrier", nonce="b1946ac9", algorithm=MD5, qop="auth"'

_GIVES_PROXY_LOGIN = (
    '<ereg regexp="username=.alice., realm=.carrier.*qop=auth" search_in="hdr" '
    'header="Proxy-Authorization:" check_it="true" assign_to="given"/>'
)
_CONFIRMS_71 = '<ereg regexp="71 1 INVITE" search_in="hdr" header="RAck:" check_it="true" assign_to="given"/>'


def refused(code: str) -> str:
    """Refuse the call."""
    return _INVITED + respond(code, tag=_TAG, again=True) + expect("ACK")


SCENARIOS = {
    "answers": _INVITED + respond("100 Trying") + _RINGS + pause(50) + _ANSWERED_UNTIL_LEFT,
    "answers_in_pcma": _INVITED
    + respond("200 OK", tag=_TAG, sdp=PCMA_ALONE, again=True)
    + expect("ACK")
    + _IS_LEFT,
    "early_media": _INVITED
    + respond("183 Session Progress", tag=_TAG, sdp=_BOTH)
    + pause(300)
    + _ANSWERED_UNTIL_LEFT,
    "busy": refused("486 Busy Here"),
    "forbidden": refused("403 Forbidden"),
    "not_found": refused("404 Not Found"),
    "unavailable": refused("503 Service Unavailable"),
    "asks_who_we_are": _INVITED
    + respond("401 Unauthorized", _CHALLENGE, tag="proxy", again=True)
    + expect("ACK")
    + f'<recv request="INVITE" rrs="true"><action>{_KEPT}'
    f'<verifyauth assign_to="known" username="{USER}" password="{PASSWORD}"/></action></recv>'
    + '<nop next="in" test="known"/>'
    + respond("403 Forbidden", tag=_TAG, again=True)
    + expect("ACK")
    + '<label id="out"/><nop next="end"/><label id="in"/>'
    + _RINGS
    + _ANSWERED_UNTIL_LEFT
    + '<label id="end"/>',
    "asks_as_a_proxy": _INVITED
    + respond(
        "407 Proxy Authentication Required",
        _CHALLENGE.replace("WWW-", "Proxy-"),
        tag="proxy",
        again=True,
    )
    + expect("ACK")
    + expect("INVITE", _KEPT, _GIVES_PROXY_LOGIN)
    + _RINGS
    + _ANSWERED_UNTIL_LEFT,
    "reliable": _INVITED
    + respond("180 Ringing", "Require: 100rel", "RSeq: 71", tag=_TAG, again=True)
    + expect("PRACK", _CONFIRMS_71)
    + respond("200 OK")
    + respond("200 OK", sdp=_BOTH, again=True, cseq="CSeq: 1 INVITE").replace("[last_Via:]", "Via:[$via]")
    + expect("ACK")
    + _IS_LEFT,
    "progress_for_ever": _INVITED + respond("183 Session Progress", tag=_TAG, sdp=_BOTH) + _IS_CANCELLED,
    "rings_for_ever": _INVITED + _RINGS + _IS_CANCELLED,
    "hangs_up_at_once": _INVITED + _ANSWERS + expect("ACK") + request("BYE", 1) + expect_response(200),
    "answers_twice": _INVITED
    + _RINGS
    + _ANSWERS
    + expect("ACK")
    + respond("200 OK", sdp=_BOTH, cseq="CSeq: 1 INVITE").replace("[last_Via:]", "Via:[$via]")
    + '<recv request="ACK" optional="true"/>'  # over UDP it is the same again, which SIPp passes over
    + _IS_LEFT,
    "forks": _INVITED
    + _RINGS
    + _ANSWERS
    + expect("ACK")
    + respond("200 OK", sdp=_BOTH, cseq="CSeq: 1 INVITE")
    .replace("[last_Via:]", "Via:[$via]")
    .replace("[last_To:]", "To: [$theirs_to];tag=other[call_number]")
    + expect("ACK")
    + _IS_LEFT
    + _IS_LEFT,
    "re_invites": _INVITED
    + _ANSWERS
    + expect("ACK")
    + request("INVITE", 1, sdp=PCMA_ALONE)
    + expect_response(200)
    + request("ACK", 1, again=False)
    + _IS_LEFT,
}
"""What a callee does with each call, by name."""


@dataclass(frozen=True, slots=True)
class Callee:
    """Where it is called, and its own port, which is another behind a relay; its logs are in ``folder``."""

    hostname: str
    port: int
    folder: Path


@asynccontextmanager
async def running_callee(
    scenario: str,
    transport: Transport,
    folder: Path,
    authority: Authority | None = None,
    *,
    drops: Callable[[int], bool] = lambda _number: False,
) -> AsyncIterator[Callee]:
    """Have SIPp take calls as a scenario says, and what is heard sent back, without what ``drops`` says.

    This SIPp has no TLS: a relay in front of it does.
    """
    port = free_port()
    kept = ("theirs_to", "theirs_from", "via", "given")
    used = ",".join(each for each in kept if f'assign_to="{each}"' in SCENARIOS[scenario])
    (folder / "scenario.xml").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><scenario name="{scenario}">'
        f'{SCENARIOS[scenario]}<Reference variables="{used}"/></scenario>'
    )
    async with AsyncExitStack() as stack:
        echo = await stack.enter_async_context(rtp_echo(drops))
        reached = port
        if transport is Transport.TLS:
            assert authority is not None
            identity = authority.issue(HOST)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(identity.cert_file, identity.key_file)
            reached = await stack.enter_async_context(tls_relay(context, port))
        said = "" if transport is Transport.UDP else f";transport={transport.value}"
        keys = ("-key", "contact", f"sip:callee@{HOST}:{reached}{said}", "-key", "sdp_port", str(echo.port))
        places = ("-sf", folder / "scenario.xml", "-i", HOST, "-p", str(port), "-ci", HOST)
        over = ("-t", "u1" if transport is Transport.UDP else "t1")
        log = ("-trace_err", "-nostdin")
        command = [PROGRAM or "sipp", *places, *over, *keys, *log]
        await stack.enter_async_context(running_peer(command, port, folder, udp=transport is Transport.UDP))
        yield Callee(f"{HOST}:{reached}", port, folder)
