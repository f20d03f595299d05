"""Digest authentication of a client (RFC 7616, and RFC 8760 for SIP)."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import QUOTED_STRING, TOKEN_CHARS, quote, unquote
from provd.sip.octets import encode

_SCHEME = re.compile(r"[ \t]*Digest[ \t]+", re.IGNORECASE)
_FIELD = re.compile(rf'[ \t,]*([{TOKEN_CHARS}]+)[ \t]*=[ \t]*({QUOTED_STRING}|[^ \t,"]+)')
_QUOTED = frozenset({"username", "realm", "nonce", "uri", "response", "cnonce", "opaque"})


def _hasher(name: str) -> Callable[[bytes], str]:
    return lambda data: hashlib.new(name, data, usedforsecurity=False).hexdigest()


_HASHES: Mapping[str, Callable[[bytes], str]] = {
    "md5": _hasher("md5"),
    "sha-256": _hasher("sha256"),
    "sha-512-256": _hasher("sha512_256"),
}


class DigestError(SipParseError):
    """A challenge can't be answered; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.username!r}, ***)"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server asks for. ``algorithm`` is as it wrote it, empty when it did not; ``qop`` the ways that
    it offers, none for RFC 2069's."""

    realm: str
    nonce: str
    opaque: str | None = None
    algorithm: str = ""
    qop: tuple[str, ...] = ()
    stale: bool = False
    userhash: bool = False

    @property
    def hash_name(self) -> str:
        """The hash, in lower case and without ``-sess``."""
        return (self.algorithm or "MD5").lower().removesuffix("-sess")

    @property
    def of_session(self) -> bool:
        """Whether the key is of the session (``-sess``)."""
        return self.algorithm.lower().endswith("-sess")

    @property
    def answerable(self) -> bool:
        """Whether we know its hash, and one of its ways."""
        return self.hash_name in _HASHES and (not self.qop or bool({"auth", "auth-int"} & set(self.qop)))


def parse_challenge(value: str) -> Challenge | None:
    """Read one WWW-Authenticate or Proxy-Authenticate; None for another scheme than Digest.

    Raises SipParseError when it is malformed, or has no realm or nonce.
    """
    scheme = _SCHEME.match(value)
    if scheme is None:
        return None
    fields: dict[str, str] = {}
    at = scheme.end()
    while match := _FIELD.match(value, at):
        name, text = match[1].lower(), match[2]
        fields.setdefault(name, unquote(text) if text.startswith('"') else text)
        at = match.end()
    if value[at:].strip(" \t,"):
        raise SipParseError(f"the challenge is malformed at {shown(value[at:])}")
    missing = [name for name in ("realm", "nonce") if name not in fields]
    if missing:
        raise SipParseError(f"the challenge has no {missing[0]}")
    return Challenge(
        realm=fields["realm"],
        nonce=fields["nonce"],
        opaque=fields.get("opaque"),
        algorithm=fields.get("algorithm", ""),
        qop=tuple(each.strip().lower() for each in fields.get("qop", "").split(",") if each.strip()),
        stale=fields.get("stale", "").lower() == "true",
        userhash=fields.get("userhash", "").lower() == "true",
    )


def choose(values: Iterable[str]) -> Challenge:
    """The first challenge that can be answered: servers list them as they prefer (RFC 8760 section 2.4).

    Raises DigestError when there is none.
    """
    seen: list[str] = []
    for value in values:
        try:
            challenge = parse_challenge(value)
        except SipParseError as error:
            seen.append(error.reason)
            continue
        if challenge is not None and challenge.answerable:
            return challenge
        seen.append(
            f"{shown(value.split(' ')[0])} {'' if challenge is None else challenge.algorithm}".strip()
        )
    raise DigestError(f"no challenge that we can answer: {', '.join(seen) or 'there is none'}")


def answer(
    challenge: Challenge,
    login: Login,
    method: str,
    uri: str,
    *,
    cnonce: str,
    count: int = 1,
    body: bytes = b"",
) -> str:
    """The value of Authorization or Proxy-Authorization.

    ``count`` is how many requests have used the nonce, with this one; ``cnonce`` is chance of our own.
    """
    digest = _HASHES[challenge.hash_name]
    secret = digest(encode(f"{login.username}:{challenge.realm}:{login.password}"))
    if challenge.of_session:
        secret = digest(encode(f"{secret}:{challenge.nonce}:{cnonce}"))
    qop = "auth" if "auth" in challenge.qop else challenge.qop[0] if challenge.qop else ""
    about = f"{method}:{uri}" + (f":{digest(body)}" if qop == "auth-int" else "")
    parts = [secret, challenge.nonce]
    if qop:
        parts += [f"{count:08x}", cnonce, qop]
    response = digest(encode(":".join([*parts, digest(encode(about))])))
    username = login.username
    if challenge.userhash:
        username = digest(encode(f"{login.username}:{challenge.realm}"))
    fields = {
        "username": username,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": response,
    }
    if challenge.algorithm:
        fields["algorithm"] = challenge.algorithm
    if qop:
        fields |= {"qop": qop, "nc": f"{count:08x}", "cnonce": cnonce}
    elif challenge.of_session:
        fields["cnonce"] = cnonce
    if challenge.opaque is not None:
        fields["opaque"] = challenge.opaque
    if challenge.userhash:
        fields["userhash"] = "true"
    written = (f"{name}={_quoted(text) if name in _QUOTED else text}" for name, text in fields.items())
    return "Digest " + ", ".join(written)


def _quoted(text: str) -> str:
    quoted = quote(text)
    return quoted if quoted.startswith('"') else f'"{quoted}"'
