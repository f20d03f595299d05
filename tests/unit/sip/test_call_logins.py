"""Who we are, as servers ask for it during a call."""

from typing import Any

from tests.fakes.simulated_callee import Callee

from provd.sip.calls.call import CallState
from provd.sip.digest import Challenge, Login, answer, parse_challenge

LOGIN = Login("alice", "secret")


def asks(realm: str = "carrier", nonce: str = "n1", more: str = ', qop="auth"') -> str:
    return f'Digest realm="{realm}", nonce="{nonce}"{more}'


def ask_proxy(callee: Callee, *challenges: str, code: int = 407) -> None:
    name = "Proxy-Authenticate" if code == 407 else "WWW-Authenticate"
    callee.respond(callee.take("INVITE"), code, *((name, each) for each in challenges))


def fields(value: str | None) -> dict[str, Any]:
    assert value is not None
    pairs = (each.partition("=") for each in value.removeprefix("Digest ").split(", "))
    return {name: text.strip('"') for name, _, text in pairs}


def test_a_407_is_acknowledged_and_answered_with_a_new_invite() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks())
    assert len(callee.requests("ACK")) == 1
    invite = callee.take("INVITE")
    assert invite.cseq.number == 2
    assert invite.top_via.branch != callee.invite.top_via.branch
    assert (invite.call_id, invite.from_.tag) == (callee.invite.call_id, callee.invite.from_.tag)
    given = fields(invite.headers.get("Proxy-Authorization"))
    wanted = answer(
        Challenge("carrier", "n1", qop=("auth",)), LOGIN, "INVITE", invite.uri, cnonce=given["cnonce"]
    )
    assert given == fields(wanted)


def test_a_401_is_answered_in_authorization() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks(), code=401)
    assert "Authorization" in callee.take("INVITE").headers


def test_a_proxy_and_the_callee_may_both_ask() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks("proxy"))
    ask_proxy(callee, asks("callee"), code=401)
    invite = callee.take("INVITE")
    assert "Proxy-Authorization" in invite.headers
    assert "Authorization" in invite.headers
    assert fields(invite.headers.get("Proxy-Authorization"))["nc"] == "00000002"


def test_two_proxies_may_ask_one_after_the_other() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks("near"))
    ask_proxy(callee, asks("far"))
    realms = [fields(each)["realm"] for each in callee.take("INVITE").headers.get_all("Proxy-Authorization")]
    assert realms == ["near", "far"]


def test_a_401_that_comes_again_is_acknowledged_and_not_answered_anew() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks())
    callee.respond(callee.invite, 407, ("Proxy-Authenticate", asks()))
    assert len(callee.requests("ACK")) == 2
    assert callee.take("INVITE").cseq.number == 2


def test_a_wrong_password_is_tried_once() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks())
    ask_proxy(callee, asks(nonce="n2"))
    assert callee.call.state is CallState.OVER
    assert callee.call.final is not None
    assert callee.call.final.code == 407
    assert "does not accept" in callee.call.problem
    assert "secret" not in callee.call.problem


def test_a_stale_nonce_is_answered_anew() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks())
    ask_proxy(callee, asks(nonce="n2", more=', qop="auth", stale=true'))
    assert fields(callee.take("INVITE").headers.get("Proxy-Authorization"))["nonce"] == "n2"
    callee.accept()
    assert callee.call.state is CallState.ANSWERED


def test_a_server_that_always_calls_the_nonce_stale_is_left_in_the_end() -> None:
    callee = Callee(LOGIN)
    for number in range(20):
        if callee.call.state is CallState.OVER:
            break
        ask_proxy(callee, asks(nonce=f"n{number}", more=", stale=true"))
    assert callee.call.state is CallState.OVER
    assert callee.take("INVITE").cseq.number == 5
    assert "again and again" in callee.call.problem


def test_without_a_login_the_call_ends_and_says_so() -> None:
    callee = Callee()
    ask_proxy(callee, asks())
    assert callee.call.state is CallState.OVER
    assert "there is none for this provider" in callee.call.problem


def test_the_first_challenge_that_can_be_answered_is_taken() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, 'Bearer realm="x"', asks(more=", algorithm=SHA-1"), asks(more=", algorithm=SHA-256"))
    assert fields(callee.take("INVITE").headers.get("Proxy-Authorization"))["algorithm"] == "SHA-256"


def test_a_challenge_that_can_not_be_answered_ends_the_call() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, "Digest nonsense")
    assert callee.call.state is CallState.OVER
    assert callee.call.problem


def test_the_ack_carries_the_invites_credentials_and_the_bye_new_ones() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks())
    invite = callee.take("INVITE")
    callee.accept()
    assert callee.take("ACK").headers.get("Proxy-Authorization") == invite.headers.get("Proxy-Authorization")
    callee.hang_up()
    given = fields(callee.take("BYE").headers.get("Proxy-Authorization"))
    assert (given["nc"], given["uri"]) == ("00000002", "sip:callee@192.0.2.9:5070")


def test_a_bye_that_is_challenged_is_sent_again_once_with_who_we_are() -> None:
    callee = Callee(LOGIN)
    ask_proxy(callee, asks())
    callee.accept()
    callee.hang_up()
    callee.respond(callee.take("BYE"), 407, ("Proxy-Authenticate", asks(nonce="n9")))
    again = callee.take("BYE")
    assert again.cseq.number == 4
    assert fields(again.headers.get("Proxy-Authorization"))["nonce"] == "n9"
    assert callee.call.state is CallState.LEAVING
    callee.respond(again, 407, ("Proxy-Authenticate", asks(nonce="n10")))
    assert callee.call.state is CallState.OVER
    assert len(callee.requests("BYE")) == 2


def test_a_challenge_while_we_leave_ends_the_call() -> None:
    callee = Callee(LOGIN)
    callee.respond(callee.invite, 100)
    callee.hang_up()
    ask_proxy(callee, asks())
    assert callee.call.state is CallState.OVER
    assert len(callee.requests("INVITE")) == 1


def test_a_login_does_not_show_its_password() -> None:
    assert "secret" not in repr(LOGIN)
    assert parse_challenge(asks()) is not None
