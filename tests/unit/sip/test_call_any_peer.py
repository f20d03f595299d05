"""Whatever a peer says, and in whatever order: the call ends, and nothing is begun twice."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.simulated_callee import CONTACT, SDP, TYPED, Callee, Sent

from provd.sip.calls.call import CallState
from provd.sip.digest import Login
from provd.sip.message import Request

_CODES = st.sampled_from([100, 180, 183, 199, 200, 202, 302, 401, 407, 403, 481, 486, 487, 503, 603])
_TAGS = st.sampled_from(["one", "two", "three"])
_CHALLENGE = 'Digest realm="r", nonce="n", qop="auth"'
_HEADERS = st.lists(
    st.sampled_from(
        [
            CONTACT,
            ("Contact", "*"),
            ("Record-Route", "<sip:p.test;lr>"),
            ("Record-Route", "<sip:strict.test>, rubbish"),
            ("Require", "100rel"),
            ("RSeq", "1"),
            ("RSeq", "2"),
            ("RSeq", "99999999999"),
            ("WWW-Authenticate", _CHALLENGE),
            ("Proxy-Authenticate", _CHALLENGE.replace("MD5", "x") + ", stale=true"),
            TYPED,
        ]
    ),
    max_size=5,
    unique_by=lambda each: each[0],
).map(tuple)
_BODIES = st.sampled_from([b"", SDP, SDP.replace(b" 0 101", b" 9"), b"rubbish", SDP + b"a=inactive\r\n"])
_RESPONSES = st.tuples(st.just("respond"), st.integers(0, 50), _CODES, _HEADERS, _TAGS, _BODIES)
_METHODS = st.sampled_from(
    ["BYE", "INVITE", "ACK", "CANCEL", "UPDATE", "INFO", "OPTIONS", "PRACK", "MESSAGE"]
)
_REQUESTS = st.tuples(st.just("ask"), _METHODS, st.integers(1, 6), _HEADERS, _TAGS, _BODIES)
_TIMES = st.tuples(st.just("time"), st.floats(0, 40))
_STEPS = st.lists(st.one_of(_RESPONSES, _RESPONSES, _REQUESTS, _TIMES, st.just(("hang_up",))), max_size=30)


def _play(callee: Callee, step: tuple[Any, ...]) -> None:
    match step:
        case ("respond", number, code, headers, tag, body):
            asked = [each for each in callee.sent if isinstance(each.message, Request)]
            asked = [each for each in asked if each.message.method != "ACK"]
            request = asked[number % len(asked)].message
            callee.respond(request, code, *headers, tag=tag, body=body)
        case ("ask", method, number, headers, tag, body):
            callee.ask(method, number, *headers, tag=tag, body=body)
        case ("time", seconds):
            callee.pass_time(seconds)
        case ("hang_up",):
            callee.hang_up()


def _begun(sent: list[Sent]) -> list[Request]:
    """Requests without those that are sent again: one for each branch."""
    seen = {}
    for each in sent:
        if isinstance(each.message, Request):
            seen.setdefault((each.message.top_via.branch, each.message.method), each.message)
    return list(seen.values())


@settings(max_examples=400, deadline=None)
@given(_STEPS, st.booleans(), st.booleans())
def test_the_call_ends_with_one_cancel_and_one_bye_a_dialog_at_most(
    steps: list[tuple[Any, ...]], with_login: bool, reliable: bool
) -> None:
    callee = Callee(Login("u", "p") if with_login else None, reliable)
    for step in steps:
        _play(callee, step)
    callee.hang_up()
    callee.pass_time(200)
    assert callee.call.state is CallState.OVER
    assert callee.call.is_settled
    assert callee.call.next_at == float("inf")
    begun = _begun(callee.sent)
    assert sum(each.method == "CANCEL" for each in begun) <= 1
    byes = [each for each in begun if each.method == "BYE"]
    for tag in {each.to.tag for each in byes}:
        mine = [each for each in byes if each.to.tag == tag]
        assert len(mine) <= 1 + with_login  # a challenged one is sent once more
    accepted = {
        each.to.tag
        for each in begun
        if each.method == "ACK" and each.top_via.branch not in _invite_branches(begun)
    }
    ended_by_peer = {step[4] for step in steps if step[0] == "ask" and step[1] == "BYE"}
    assert accepted - {each.to.tag for each in byes} <= ended_by_peer


def _invite_branches(begun: list[Request]) -> set[str | None]:
    return {each.top_via.branch for each in begun if each.method == "INVITE"}
