"""Whatever is built of valid parts parses back to the same."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import given, settings
from hypothesis import strategies as st

from provd.sip.address import Address, parse_address
from provd.sip.answer import make_response
from provd.sip.cseq import MAX_NUMBER, CSeq, parse_cseq
from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.octets import decode
from provd.sip.params import Params
from provd.sip.parser import parse_message
from provd.sip.uri import OpaqueUri, SipUri, Uri, parse_uri
from provd.sip.via import Via, parse_vias

ALPHANUM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PARTS = settings(deadline=None, database=None, max_examples=150)
MESSAGES = settings(deadline=None, database=None, max_examples=60)

tokens = st.text(ALPHANUM + "-.!%*_+`'~", min_size=1, max_size=12)
names = st.builds(
    "{}.{}".format, st.text(ALPHANUM, min_size=1, max_size=8), st.sampled_from(["example", "test"])
)
hosts = st.one_of(
    names, st.ip_addresses(v=4).map(IPv4Address.__str__), st.ip_addresses(v=6).map(IPv6Address.__str__)
)
ports = st.none() | st.integers(1, 65535)
values = st.binary(max_size=30).map(lambda raw: decode(raw.translate(None, b"\r\n\0")).strip(" \t"))


def params_of(text: st.SearchStrategy[str], reserved: tuple[str, ...]) -> st.SearchStrategy[Params]:
    items = st.tuples(text.filter(lambda name: name.lower() not in reserved), st.none() | text)
    return st.lists(items, max_size=3).map(lambda found: Params(tuple(found)))


header_params = params_of(tokens, ("tag", "branch", "received", "rport"))
users = st.text(ALPHANUM + "-_.!~*'()&=+$,;?/%@", min_size=1, max_size=12)
uri_words = st.text(ALPHANUM + "-_.!~*'()[]/:&+$%", min_size=1, max_size=8)
header_words = st.text(ALPHANUM + "-_.!~*'()[]/?:+$%", min_size=1, max_size=8)


@st.composite
def sip_uris(draw: st.DrawFn, with_headers: bool = True) -> SipUri:
    user = draw(st.none() | users)
    pairs = st.lists(st.tuples(header_words, header_words), max_size=2 if with_headers else 0)
    return SipUri(
        draw(st.sampled_from(["sip", "sips"])),
        draw(hosts),
        user,
        draw(ports),
        draw(params_of(uri_words, ())),
        tuple(draw(pairs)),
        None if user is None else draw(st.none() | st.text(ALPHANUM + "-_.!~*'()&=+$,%", max_size=6)),
    )


schemes = st.from_regex(r"[a-z][a-z0-9+.-]{0,8}", fullmatch=True).filter(
    lambda text: text not in ("sip", "sips")
)
opaque_uris = st.builds(OpaqueUri, schemes, st.text(ALPHANUM + "/?;:@&=+$,%", min_size=1, max_size=12))


def uris(with_headers: bool = True) -> st.SearchStrategy[Uri]:
    return sip_uris(with_headers) | opaque_uris


def tagged(found: Params, tag: str | None) -> Params:
    return found if tag is None else found.replace("tag", tag)


addresses = st.builds(
    Address, uris(), st.none() | values, st.builds(tagged, header_params, st.none() | tokens)
)


@st.composite
def vias(draw: st.DrawFn) -> Via:
    found = draw(header_params).replace("branch", "z9hG4bK" + draw(tokens))
    if draw(st.booleans()):
        found = found.replace("rport", draw(st.none() | st.integers(1, 65535).map(str)))
    if draw(st.booleans()):
        found = found.replace("received", draw(hosts))
    return Via(draw(tokens).upper(), draw(hosts), draw(ports), found, "SIP/" + draw(tokens))


extra_headers = st.lists(st.tuples(tokens.map(lambda name: f"X-{name}"), values), max_size=4)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    method = draw(tokens)
    body = draw(st.binary(max_size=40))
    items = [
        ("Via", ", ".join(map(str, hops)))
        for hops in draw(st.lists(st.lists(vias(), min_size=1, max_size=2), min_size=1, max_size=2))
    ]
    items += [
        ("From", str(draw(addresses))),
        ("To", str(draw(addresses))),
        ("Call-ID", draw(tokens)),
        ("CSeq", str(CSeq(draw(st.integers(0, MAX_NUMBER)), method))),
        ("Max-Forwards", str(draw(st.integers(0, 255)))),
        *draw(extra_headers),
    ]
    if draw(st.booleans()):
        items.append(("Content-Length", str(len(body))))
    return Request(method, str(draw(uris(with_headers=False))), Headers(draw(st.permutations(items))), body)


@PARTS
@given(uris())
def test_a_uri_parses_back(uri: Uri) -> None:
    assert parse_uri(str(uri)) == uri


@PARTS
@given(addresses)
def test_an_address_parses_back(address: Address) -> None:
    assert parse_address(str(address)) == address


@PARTS
@given(st.lists(vias(), min_size=1, max_size=4))
def test_vias_parse_back_from_one_header_or_many(hops: list[Via]) -> None:
    texts = [str(hop) for hop in hops]
    assert parse_vias(texts) == tuple(hops)
    assert parse_vias([" , ".join(texts)]) == tuple(hops)


@PARTS
@given(st.integers(0, MAX_NUMBER), tokens)
def test_a_cseq_parses_back(number: int, method: str) -> None:
    assert parse_cseq(str(CSeq(number, method))) == CSeq(number, method)


@MESSAGES
@given(requests())
def test_a_request_parses_back(message: Request) -> None:
    data = message.to_bytes()
    parsed = parse_message(data)
    assert parsed == message
    assert parsed.to_bytes() == data


@MESSAGES
@given(requests(), st.integers(100, 699), values, extra_headers, st.none() | tokens, st.binary(max_size=40))
def test_a_response_parses_back(
    asked: Request, code: int, reason: str, headers: list[tuple[str, str]], tag: str | None, body: bytes
) -> None:
    message = make_response(asked, code, reason, headers, tag, body)
    parsed = parse_message(message.to_bytes())
    assert isinstance(parsed, Response)
    assert parsed == message
    assert parsed.vias == asked.vias
    assert parsed.from_ == asked.from_


@MESSAGES
@given(requests())
def test_either_line_end_and_folding_make_no_difference(message: Request) -> None:
    head, _, body = message.to_bytes().partition(b"\r\n\r\n")
    start, *lines = head.split(b"\r\n")
    folded = [line.replace(b": ", b" :\n  ", 1) for line in lines]
    assert parse_message(b"\n".join([start, *folded, b"", body])) == message
