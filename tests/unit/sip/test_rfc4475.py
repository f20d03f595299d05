"""The torture messages of RFC 4475: each is parsed, or refused with a reason, as the RFC says of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from provd.sip.address import parse_address
from provd.sip.errors import SipParseError
from provd.sip.message import Message
from provd.sip.parser import parse_message

_BESIDE_THE_REPOSITORY = Path(__file__).parents[4] / "shared" / "reference" / "rfc4475"
FOLDER = Path(os.environ.get("PROVD_RFC4475") or _BESIDE_THE_REPOSITORY)
LONG = "long" * 20
MEDIA_TYPES = (
    *("application/sdp", "application/pkcs7-mime", "multipart/mixed"),
    *("multipart/signed", "message/sip", "message/sipfrag"),
)


@dataclass(frozen=True)
class Parsed:
    """Parsed, with these values: by a path of attributes, ``header:NAME`` or ``contact:NUMBER.PATH``."""

    says: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Refused:
    """Refused for a reason that has these words."""

    says: str
    reason: str
    status: int = 400


EXPECTED: dict[str, Parsed | Refused] = {
    # Section 3.1.1: valid messages.
    "wsinv": Parsed(
        "3.1.1.1: folded lines and spaces all over, compact names, leading zeros; well formed",
        {
            "method": "INVITE",
            "uri": "sip:vivekg@chair-dnrc.example.com;unknownparam",
            "target.params.items": (("unknownparam", None),),
            "to.uri.user": "vivekg",
            "to.tag": "1918181833n",
            "from_.display_name": 'J Rosenberg \\"',
            "from_.tag": "98asjd8",
            "max_forwards": 68,
            "cseq.number": 9,
            "cseq.method": "INVITE",
            "content_length": 150,
            "header:Subject": ("",),
            "header:NewFangledHeader": ("newfangled value continued newfangled value",),
            "header:UnknownHeaderWithUnusualValue": (";;,,;;,;",),
            "top_via.host": "192.0.2.2",
            "top_via.branch": "390skdjuw",
            "vias.1.transport": "TCP",
            "vias.1.host": "spindle.example.com",
            "vias.1.branch": "z9hG4bK9ikj8",
            "vias.2.host": "192.168.255.111",
            "vias.2.branch": "z9hG4bK30239",
            "vias.__len__": 3,
            "contact:0.display_name": 'Quoted string ""',
            "contact:0.params.items": (("newparam", "newvalue"), ("secondparam", None), ("q", "0.33")),
            "body.__len__": 150,
        },
    ),
    "intmeth": Parsed(
        "3.1.1.2: the widest range of characters, NUL in a quoted string among them; well formed",
        {
            "method": "!interesting-Method0123456789_*+`.%indeed'~",
            "cseq.method": "!interesting-Method0123456789_*+`.%indeed'~",
            "target.user": "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
            "target.password": "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
            "target.host": "example.com",
            "to.display_name": "BEL:\a NUL:\0 DEL:\x7f",
            "from_.display_name": "token1~` token2'+_ token3*%!.-",
            "from_.params.__len__": 2,
            "from_.tag": "_token~1'+`*%!-.",
            "call_id": "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
            "header:extensionHeader-!.%*+_`'~": ("\ufeff\u5927\u505c\u96fb",),
            "max_forwards": 255,
        },
    ),
    "esc01": Parsed(
        "3.1.1.3: %-escapes in URIs, resolved once and never twice; well formed",
        {
            "target.user": "sips%3Auser%40example.com",
            "target.plain_user": "sips:user@example.com",
            "target.host": "example.net",
            "to.uri.plain_user": "user",
            "from_.uri.plain_user": "I have spaces",
            "contact:0.uri.plain_user": "caller",
            "contact:0.uri.params.items": (("%6C%72", None), ("n%61me", "v%61lue%25%34%31")),
        },
    ),
    "escnull": Parsed(
        "3.1.1.4: escaped NULs in users do not end them; well formed",
        {
            "to.uri.plain_user": "null-\0-null",
            "contact:0.uri.plain_user": "\0",
            "contact:1.uri.plain_user": "\0\0",
        },
    ),
    "esc02": Parsed(
        "3.1.1.5: a % that escapes nothing: an unknown method, an unknown header; well formed",
        {
            "method": "RE%47IST%45R",
            "to.display_name": "%Z%45",
            "top_via.branch": "z9hG4bK209%fzsnel234",
            "header:Contact": ("<sip:alias1@host1.example.com>", "<sip:alias3@host3.example.com>"),
            "header:C%6Fntact": ("<sip:alias2@host2.example.com>",),
        },
    ),
    "lwsdisp": Parsed(
        "3.1.1.6: no space between the display name and <; to be accepted",
        {"from_.display_name": "caller", "from_.uri.user": "caller", "from_.tag": "323"},
    ),
    "longreq": Parsed(
        "3.1.1.7: long values and 34 Vias under every spelling of the name; well formed",
        {
            "vias.__len__": 34,
            "top_via.host": "sip33.example.com",
            "vias.32.host": "sip1.example.com",
            "vias.33.received": "192.0.2.5",
            "to.uri.port": 6000,
            "to.uri.params.__len__": 3,
            "from_.params.__len__": 3,
            f"header:Unknown-{'Long' * 20}-Name": (
                f"unknown-{LONG}-value; unknown-{LONG}-parameter-name = unknown-{LONG}-parameter-value",
            ),
        },
    ),
    "dblreq": Parsed(
        "3.1.1.8: a second request after the body of the datagram is noise",
        {"method": "REGISTER", "call_id": "dblreq.0ha0isndaksdj99sdfafnl3lk233412", "body": b""},
    ),
    "semiuri": Parsed(
        "3.1.1.9: a semicolon in the user part; well formed",
        {
            "target.user": "user;par=u%40example.net",
            "target.plain_user": "user;par=u@example.net",
            "target.host": "example.com",
            "target.params.items": (),
            "header:Accept": (", ".join(MEDIA_TYPES),),
        },
    ),
    "transports": Parsed(
        "3.1.1.10: Vias of five transports, one of them unknown; well formed",
        {f"vias.{n}.transport": name for n, name in enumerate(("UDP", "SCTP", "TLS", "UNKNOWN", "TCP"))},
    ),
    "mpart01": Parsed(
        "3.1.1.11: a multipart body with NULs and line breaks of its own; well formed",
        {"method": "MESSAGE", "body.__len__": 553, "server": "SIPimp.org/0.2.5 (curses)"},
    ),
    "unreason": Parsed(
        "3.1.1.12: a reason phrase that is not 'OK', in UTF-8; well formed",
        {
            "code": 200,
            "reason": "= 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e "
            "\u0434\u0435\u0432\u044f\u043d\u043e\u0441\u0442\u043e "
            "\u0434\u0435\u0432\u044f\u0442\u044c - \u043f\u0440\u043e\u0441\u0442\u043e\u0435",
        },
    ),
    "noreason": Parsed("3.1.1.13: no reason phrase; well formed", {"code": 100, "reason": ""}),
    # Section 3.1.2: invalid messages.
    "badinv01": Refused("3.1.2.1: empty Via parameters and values; 400", "Via is malformed"),
    "clerr": Refused("3.1.2.2: Content-Length above what follows; 400", "Content-Length is 9999, but only"),
    "ncl": Refused("3.1.2.3: a negative Content-Length; an error", "'-999' is not a length"),
    "scalar02": Refused("3.1.2.4: a CSeq number above 2**31; 400", "CSeq number"),
    "scalarlg": Refused("3.1.2.5: the same in a response; discard it", "CSeq number"),
    "quotbal": Refused(
        "3.1.2.6: an open quote in To; 400. One may guess its end instead, but nothing is gained by it",
        "display name",
    ),
    "ltgtruri": Refused(
        "3.1.2.7: <> around the Request-URI; reasonable to always reject with 400", "has no scheme"
    ),
    "lwsruri": Refused(
        "3.1.2.8: a space in the Request-URI; 400. Guessing which parts belong together is not safe",
        "neither a request's nor a response's",
    ),
    "lwsstart": Parsed(
        "3.1.2.9: two spaces in the Request-Line; may be ignored. They are: nothing is ambiguous, and a "
        "peer that asks whether provd is alive should hear that it is",
        {"method": "INVITE", "uri": "sip:user@example.com"},
    ),
    "trws": Parsed(
        "3.1.2.10: spaces after the Request-Line; may be ignored. They are, for the same reason",
        {"method": "OPTIONS", "uri": "sip:remote-target@example.com"},
    ),
    "escruri": Refused(
        "3.1.2.11: headers in the Request-URI; acceptable to reject with 400. No honest peer sends them",
        "Request-URI",
    ),
    "baddate": Parsed(
        "3.1.2.12: a Date that is not in GMT; should not be rejected unless the Date matters. It does not",
        {"header:Date": ("Fri, 01 Jan 2010 16:00:00 EST",), "body.__len__": 150},
    ),
    "regbadct": Parsed(
        "3.1.2.13: a Contact that needs <>; 400 is reasonable. No registrar here, so Contact stays unread",
        {"header:Contact": ("sip:user@example.com?Route=%3Csip:sip.example.com%3E",)},
    ),
    "badaspec": Parsed(
        "3.1.2.14: spaces inside the <> of To; may be ignored. They are: nothing is ambiguous",
        {"to.display_name": "Watson, Thomas", "to.uri.user": "t.watson", "to.uri.host": "example.org"},
    ),
    "baddn": Refused(
        "3.1.2.15: a comma in an unquoted display name; reasonable to always reject with 400", "display name"
    ),
    "badvers": Refused("3.1.2.16: SIP/7.0; 505", "'7.0'", 505),
    "mismatch01": Refused("3.1.2.17: CSeq with another method; 400", "'INVITE' is not the request's"),
    "mismatch02": Refused(
        "3.1.2.18: the same under an unknown method; 400 would do, 501 is better", "'NEWMETHOD'", 501
    ),
    "bigcode": Refused("3.1.2.19: a response code above 699; drop it", "response code '4294967301'"),
    # Section 3.2: the transaction layer.
    "badbranch": Parsed(
        "3.2.1: a branch of the magic cookie alone; must not break, the transaction layer decides",
        {"top_via.branch": "z9hG4bK"},
    ),
    # Section 3.3: the application layer.
    "insuf": Refused("3.3.1: no Call-ID, From and To; 400", "From header is missing"),
    "unkscm": Parsed(
        "3.3.2: an unknown scheme in the Request-URI; for the application, with 416",
        {"target.scheme": "nobodyKnowsThisScheme", "target.rest": "totallyopaquecontent"},
    ),
    "novelsc": Parsed(
        "3.3.3: an unusual scheme in the Request-URI; for the application, with 416",
        {"target.scheme": "soap.beep", "target.rest": "//192.0.2.103:3002"},
    ),
    "unksm2": Parsed(
        "3.3.4: other schemes in To, From and Contact; syntactically valid",
        {
            "to.uri.scheme": "isbn",
            "to.uri.rest": "2983792873",
            "from_.uri.scheme": "http",
            "from_.tag": "3234233",
            "contact:0.uri.scheme": "name",
        },
    ),
    "bext01": Parsed(
        "3.3.5: extensions nobody knows are required; for the application, with 420",
        {
            "header:Require": ("nothingSupportsThis, nothingSupportsThisEither",),
            "header:Proxy-Require": ("noProxiesSupportThis, norDoAnyProxiesSupportThis",),
        },
    ),
    "invut": Parsed(
        "3.3.6: a body of an unknown type; for the application, with 415",
        {"header:Content-Type": ("application/unknownformat",), "body.__len__": 40},
    ),
    "regaut01": Parsed(
        "3.3.7: an unknown authorization scheme; for the application",
        {"header:Authorization": ("NoOneKnowsThisScheme opaque-data=here",)},
    ),
    "multi01": Refused("3.3.8: two of each single header; 400", "more than once"),
    "mcl01": Refused(
        "3.3.9: two lengths; an error, the datagram is dropped", "Content-Length header is there more"
    ),
    "bcast": Parsed(
        "3.3.10: a second Via with the broadcast address; well formed, for the transport to refuse",
        {"code": 200, "top_via.host": "192.0.2.198", "vias.1.host": "255.255.255.255"},
    ),
    "zeromf": Parsed(
        "3.3.11: Max-Forwards 0; legal, and an endpoint answers it", {"method": "OPTIONS", "max_forwards": 0}
    ),
    "cparam01": Parsed(
        "3.3.12: without <>, the parameter is the Contact's",
        {"contact:0.params.items": (("unknownparam", None),), "contact:0.uri.params.items": ()},
    ),
    "cparam02": Parsed(
        "3.3.13: inside <>, it is the URI's",
        {"contact:0.params.items": (), "contact:0.uri.params.items": (("unknownparam", None),)},
    ),
    "regescrt": Parsed(
        "3.3.14: a Contact whose URI has a header; for the application",
        {"contact:0.uri.headers": (("Route", "%3Csip:sip.example.com%3E"),)},
    ),
    "sdp01": Parsed(
        "3.3.15: only an unknown type is accepted; for the application, with 406",
        {"header:Accept": ("text/nobodyKnowsThis",)},
    ),
    # Section 3.4: backward compatibility.
    "inv2543": Parsed(
        "3.4.1: RFC 2543: no branch, no tag, no Max-Forwards, no Content-Length; to be accepted",
        {
            "top_via.branch": None,
            "from_.tag": None,
            "max_forwards": None,
            "content_length": None,
            "body.__len__": 105,
            "to.params.items": (("user", "phone"),),
        },
    ),
    # Not in the RFC: a fragment that came with the archive of its messages.
    "test": Refused("no SIP version, no CSeq, no Via", "neither a request's nor a response's"),
}
PARSED = [name for name, expected in EXPECTED.items() if isinstance(expected, Parsed)]


def _read(name: str) -> bytes:
    if not FOLDER.is_dir():
        pytest.skip(f"the RFC 4475 messages are not at {FOLDER}")
    return (FOLDER / f"{name}.dat").read_bytes()


def _follow(value: object, path: str) -> object:
    for name in path.split("."):
        if name == "__len__":
            value = len(value)  # type: ignore[arg-type]
        else:
            value = value[int(name)] if name.isdigit() else getattr(value, name)  # type: ignore[index]
    return value


def _look(message: Message, path: str) -> object:
    kind, colon, rest = path.partition(":")
    if not colon:
        return _follow(message, path)
    if kind == "header":
        return message.headers.get_all(rest)
    number, _, rest = rest.partition(".")
    return _follow(parse_address(message.headers.get_all("Contact")[int(number)]), rest)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_torture_message_is_taken_as_the_rfc_says(name: str) -> None:
    data = _read(name)
    match EXPECTED[name]:
        case Refused(_, reason, status):
            with pytest.raises(SipParseError) as error:
                parse_message(data)
            assert reason in error.value.reason
            assert error.value.status == status
        case Parsed(_, values):
            message = parse_message(data)
            assert {path: _look(message, path) for path in values} == values


@pytest.mark.parametrize("name", PARSED)
def test_a_torture_message_that_parses_is_written_to_parse_the_same(name: str) -> None:
    message = parse_message(_read(name))
    assert parse_message(message.to_bytes()) == message


def test_a_contact_that_needs_brackets_is_refused_when_it_is_read() -> None:
    contact = parse_message(_read("regbadct")).headers.get("Contact")
    assert contact is not None
    with pytest.raises(SipParseError, match="needs angle brackets"):
        parse_address(contact)


def test_every_file_of_the_folder_is_in_the_table() -> None:
    _read("wsinv")
    assert {path.stem for path in FOLDER.iterdir()} == set(EXPECTED)
