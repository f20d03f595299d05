"""Who we are, to each server that has asked in a call (RFC 3261 section 22)."""

from collections.abc import Callable
from dataclasses import dataclass

from provd.sip.digest import Challenge, Login, answer, choose
from provd.sip.errors import SipParseError
from provd.sip.message import Response
from provd.sip.octets import printable

CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}
"""By the code that asks: the header that asks, and the one that answers."""

GIVEN = frozenset(given for _, given in CHALLENGES.values())
"""The headers that say who we are."""

_ATTEMPTS = 4  # two proxies and the callee may ask who we are, and one of them say that its nonce is stale


@dataclass(slots=True)
class _Asked:
    challenge: Challenge
    cnonce: str
    used: int = 0


class Logins:
    """The challenges that came, by the header and the realm. ``token`` makes words that nobody can guess."""

    def __init__(self, login: Login | None, token: Callable[[], str]) -> None:
        self._login = login
        self._token = token
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._attempts = 0

    def learn(self, response: Response, *, first: bool = False) -> str:
        """Take in a 401 or 407: why it is of no use to send the request again; empty when it is.

        ``first``: the request had not been asked before, so what it carried was for an older challenge.
        """
        asking, given = CHALLENGES[response.code]
        if self._login is None:
            return "it wants a user name and password, and there is none for this provider"
        try:
            challenge = choose(response.headers.get_all(asking))
        except SipParseError as error:
            return printable(error.reason)
        before = self._asked.get((given, challenge.realm))
        if (
            before is not None
            and not first
            and not (challenge.stale and challenge.nonce != before.challenge.nonce)
        ):
            return "it does not accept the user name and password"
        self._attempts += 1
        if self._attempts > _ATTEMPTS:
            return "it asks again and again who we are"
        self._asked[(given, challenge.realm)] = _Asked(challenge, self._token())
        return ""

    def headers(self, method: str, uri: str, body: bytes = b"") -> tuple[tuple[str, str], ...]:
        """The headers of a request to ``uri`` that say who we are."""
        return tuple(
            (given, self._answer(asked, method, uri, body)) for (given, _), asked in self._asked.items()
        )

    def _answer(self, asked: _Asked, method: str, uri: str, body: bytes) -> str:
        if self._login is None:
            raise AssertionError("challenges are learned with a login alone")
        asked.used += 1
        return answer(
            asked.challenge, self._login, method, uri, cnonce=asked.cnonce, count=asked.used, body=body
        )
