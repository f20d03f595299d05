"""The response to a request (RFC 3261 section 8.2.6)."""

from collections.abc import Iterable

from provd.sip.grammar import is_token
from provd.sip.headers import Headers
from provd.sip.message import Request, Response
from provd.sip.reasons import reason_phrase

_COPIED = ("Via", "From", "To", "Call-ID", "CSeq")
_OWN = (*_COPIED, "Content-Length")


def make_response(
    request: Request,
    code: int,
    reason: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
    to_tag: str | None = None,
    body: bytes = b"",
    source: tuple[str, int] | None = None,
) -> Response:
    """Answer ``request``: its Vias, From, To, Call-ID and CSeq, then ``headers``, then Content-Length.

    ``reason`` defaults to the usual phrase of ``code``. ``to_tag`` is added to a To that has no tag.
    ``source`` is the address and port that the request came from, to be noted in its top Via
    (section 18.2.1, RFC 3581). Raises ValueError for a bad code, a tag that is not a token, or one of
    those six headers in ``headers``; SipParseError when the request lacks one that is copied.
    """
    return Response(
        code,
        reason_phrase(code) if reason is None else reason,
        Headers(
            [
                *(("Via", value) for value in _vias(request, source)),
                ("From", request.required("From")),
                ("To", _to(request, to_tag)),
                ("Call-ID", request.required("Call-ID")),
                ("CSeq", request.required("CSeq")),
                *_checked(headers),
                ("Content-Length", str(len(body))),
            ]
        ),
        body,
    )


def _vias(request: Request, source: tuple[str, int] | None) -> Iterable[str]:
    if source is None:
        return request.headers.get_all("Via")
    return map(str, (request.top_via.seen_from(*source), *request.vias[1:]))


def _to(request: Request, tag: str | None) -> str:
    value = request.required("To")
    if tag is None or request.to.tag is not None:
        return value
    if not is_token(tag):
        raise ValueError(f"the tag {tag!r} is not a token")
    return f"{value};tag={tag}"


def _checked(headers: Iterable[tuple[str, str]]) -> Headers:
    extra = Headers(headers)
    for name in _OWN:
        if name in extra:
            raise ValueError(f"the {name} header of a response comes from its request or its body")
    return extra
