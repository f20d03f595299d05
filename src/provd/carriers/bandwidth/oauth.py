"""OAuth 2.0 client credentials (RFC 6749 section 4.4)."""

import base64
import json
import re
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx

_ENDS_EARLY_S = 60.0
_LASTS_S = 3600.0
_TOKEN = re.compile(r"[\x21-\x7e]+")


class ClientCredentials(httpx.Auth):
    """Adds a bearer token to requests.

    The token is fetched from ``url`` by the client's id and secret, kept until shortly before it ends, and
    fetched anew when it is refused (401), once for a request. When there is none to be had, the answer to the
    request for it takes the place of the answer to ours. ``clock`` gives seconds.
    """

    requires_response_body = True

    def __init__(
        self, client_id: str, client_secret: str, url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = httpx.BasicAuth(client_id, client_secret)
        self._url = url
        self._clock = clock
        self._token = ""
        self._ends = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with a token."""
        kept = bool(self._token) and self._clock() < self._ends
        if not kept and not (yield from self._fetch(request)):
            return
        response = yield self._signed(request)
        if response.status_code == 401 and kept and (yield from self._fetch(request)):
            yield self._signed(request)

    def claims(self, name: str) -> list[str]:
        """What the token says of whose it is, where it is a JWT (RFC 7519) with such a list; it is not
        verified."""
        try:
            payload = self._token.split(".")[1]
            said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            values = said[name]
        except (IndexError, KeyError, TypeError, ValueError):
            return []
        return [str(each) for each in values] if isinstance(values, list) else []

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _fetch(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, bool]:
        asked = httpx.Request(
            "POST",
            self._url,
            headers={"Accept": "application/json", "User-Agent": request.headers.get("User-Agent", "provd")},
            data={"grant_type": "client_credentials"},
            extensions=dict(request.extensions),  # the time limits
        )
        response = yield next(self._client.auth_flow(asked))
        self._token, lasts_s = _token_of(response)
        self._ends = self._clock() + lasts_s - _ENDS_EARLY_S
        return bool(self._token)


def _token_of(response: httpx.Response) -> tuple[str, float]:
    """A token, "" if there is none, and how long it lasts, in seconds."""
    try:
        given: Any = response.json() if response.is_success else {}
    except ValueError:
        given = {}
    token = given.get("access_token") if isinstance(given, dict) else None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return "", 0.0
    lasts_s = given.get("expires_in")
    return token, float(lasts_s) if isinstance(lasts_s, int | float) else _LASTS_S
