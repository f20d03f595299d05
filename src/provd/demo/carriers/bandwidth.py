"""Bandwidth's simulated APIs, as far as trunks need them."""

import base64
import itertools
import json

import httpx

from provd.demo.carriers.bandwidth_packages import PACKAGES, Packages
from provd.demo.carriers.bandwidth_refusal import Refusal
from provd.demo.carriers.bandwidth_sites import SITES, Sites
from provd.demo.carriers.fake import Thing

_LASTS_S = 3600


class FakeBandwidth:
    """One account with API credentials (``clients``) and users, each with a secret: ``universal``, or a
    legacy one that has no packages. ``numbers`` are on packages or SIP peers, by their ids; ``roles`` are
    what credentials may do; without ``credit`` nothing can be made. Lists have ``page_size`` items a page."""

    title = "Bandwidth"

    def __init__(
        self,
        account_id: str,
        *,
        universal: bool = True,
        clients: dict[str, str] | None = None,
        users: dict[str, str] | None = None,
        page_size: int = 100,
    ) -> None:
        self.account_id = account_id
        self.universal = universal
        self.clients = clients or {}
        self.users = users or {}
        self.roles = {PACKAGES, SITES}
        self.credit = True
        self.tokens: set[str] = set()
        self.numbers: dict[str, str] = {}
        self.packages = Packages(self.numbers, page_size)
        self.sites = Sites(account_id, self.numbers, page_size)
        self._serial = itertools.count(1)

    @property
    def made(self) -> list[Thing]:
        """Everything that is there."""
        return [*self.packages.made, *self.sites.made]

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        path = request.url.path
        if path == "/api/v1/oauth2/token":
            return self._token(request)
        legacy = path.startswith("/api/v2/")
        api, start = (self.sites, "/api/v2/accounts/") if legacy else (self.packages, "/v2/accounts/")
        account, slash, rest = path.removeprefix(start).partition("/")
        try:
            self._admit(request, account, legacy=legacy)
            found = api.routes.find(request.method, slash + rest)
            if found is None:
                raise Refusal(404, "not-found", f"There is nothing at {path}")
            if request.method == "POST" and not self.credit:
                raise Refusal(402, "payment-required", "The account is out of credit")
            handler, parts = found
            return handler(request, **parts)
        except Refusal as refusal:
            return refusal.in_xml() if legacy else refusal.in_json()

    def _token(self, request: httpx.Request) -> httpx.Response:
        name, secret = _basic(request)
        if not secret or self.clients.get(name) != secret:
            return _no_token(401, "invalid_client", "Client authentication failed")
        if httpx.QueryParams(request.content.decode()).get("grant_type") != "client_credentials":
            return _no_token(400, "unsupported_grant_type", "The grant type is not supported")
        claims = {"accounts": [self.account_id], "roles": sorted(self.roles), "jti": next(self._serial)}
        token = ".".join(_encoded(each) for each in ({"alg": "none"}, claims, {"simulated": True}))
        self.tokens.add(token)
        answer = {"access_token": token, "expires_in": _LASTS_S, "token_type": "Bearer"}
        return httpx.Response(200, json=answer)

    def _admit(self, request: httpx.Request, account: str, *, legacy: bool) -> None:
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        name, password = _basic(request)
        is_user = legacy and bool(password) and self.users.get(name) == password
        if not is_user and not (kind == "Bearer" and key in self.tokens):
            raise Refusal(401, "unauthorized", "The credentials are not valid")
        role = SITES if legacy else PACKAGES
        if account != self.account_id or role not in self.roles or not (legacy or self.universal):
            raise Refusal(403, "forbidden", f"No access to {role} of the account {account}")


def _basic(request: httpx.Request) -> tuple[str, str]:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    name, _, password = base64.b64decode(key if kind == "Basic" else "").decode().partition(":")
    return name, password


def _encoded(part: Thing) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _no_token(code: int, error: str, words: str) -> httpx.Response:
    return httpx.Response(code, json={"error": error, "error_description": words})
