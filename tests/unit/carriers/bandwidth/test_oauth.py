"""Tokens: when they are fetched, kept and given up."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.bandwidth.oauth import ClientCredentials
from provd.carriers.errors import (
    CarrierError,
    CarrierFailed,
    CarrierSilent,
    CredentialsRejected,
    PermissionMissing,
    RateLimited,
)
from provd.carriers.resource import Resource

from .account import BY_CLIENT, CLIENT, SECRETS, UNIVERSAL, Handler, Wire, account, opened

URL = "https://api.example.com/token"
THING = Resource(step="thing", title="Make a thing", path="/thing", item="/thing/{self}", body={})
GOOD = {"access_token": "tok-1", "expires_in": 3600}


class Server:
    """Gives tokens one after another; ``valid`` are those that it takes."""

    def __init__(self, lasts_s: Any = 3600) -> None:
        self.lasts_s = lasts_s
        self.given = 0
        self.valid: set[str] = set()
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url == URL:
            self.given += 1
            self.valid.add(f"tok-{self.given}")
            return httpx.Response(200, json={"access_token": f"tok-{self.given}", "expires_in": self.lasts_s})
        token = request.headers["authorization"].removeprefix("Bearer ")
        return httpx.Response(200 if token in self.valid else 401)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def get(server: Server, auth: ClientCredentials, **more: Any) -> int:
    async with httpx.AsyncClient(transport=httpx.MockTransport(server), auth=auth, **more) as client:
        return (await client.get("https://api.example.com/thing")).status_code


def credentials(clock: Clock) -> ClientCredentials:
    return ClientCredentials("id", "secret", URL, clock)


@pytest.mark.parametrize(
    ("lasts_s", "after_s", "given"),
    [
        (3600, 0, 1),
        (3600, 3539, 1),
        (3600, 3541, 2),
        (600.5, 540, 1),
        (600.5, 541, 2),
        (30, 0, 2),
        (0, 0, 2),
        (-5, 0, 2),
        (None, 3539, 1),
        (None, 3541, 2),
        ("soon", 3541, 2),
    ],
)
async def test_a_token_is_kept_until_shortly_before_it_ends(lasts_s: Any, after_s: float, given: int) -> None:
    server, clock = Server(lasts_s), Clock()
    auth = credentials(clock)
    assert await get(server, auth) == 200
    clock.now += after_s
    assert await get(server, auth) == 200
    assert server.given == given


async def test_a_refused_token_is_fetched_anew_once() -> None:
    server, auth = Server(), credentials(Clock())
    assert await get(server, auth) == 200
    server.valid.clear()
    assert await get(server, auth) == 200
    assert server.given == 2


async def test_a_new_token_that_is_refused_is_not_asked_for_again() -> None:
    server, auth = Server(), credentials(Clock())

    class Never(set[str]):
        def add(self, _element: str) -> None:
            return

    server.valid = Never()
    assert await get(server, auth) == 401
    assert server.given == 1
    assert await get(server, auth) == 401
    assert server.given == 2


async def test_the_request_for_a_token_has_our_time_limits_and_name() -> None:
    server = Server()
    timeout = httpx.Timeout(20.0, connect=5.0)
    await get(server, credentials(Clock()), timeout=timeout, headers={"User-Agent": "provd/1"})
    asked = server.requests[0]
    assert asked.extensions["timeout"] == timeout.as_dict()
    assert asked.headers["user-agent"] == "provd/1"
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"id:secret").decode()
    assert asked.content == b"grant_type=client_credentials"


def jwt(claims: Any) -> str:
    return "e30." + base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=") + ".sig"


@pytest.mark.parametrize(
    ("token", "accounts"),
    [
        (jwt({"accounts": ["1", 22]}), ["1", "22"]),
        (jwt({"accounts": []}), []),
        (jwt({"accounts": "1"}), []),
        (jwt({"roles": ["a"]}), []),
        (jwt(["accounts"]), []),
        (jwt(None), []),
        ("opaque", []),
        ("a.b.c", []),
        ("a.%%%.c", []),
        ("e30." + base64.urlsafe_b64encode(b"\xff\xfe").decode() + ".x", []),
    ],
)
async def test_claims_are_read_where_the_token_has_some(token: str, accounts: list[str]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": token})

    auth = credentials(Clock())
    assert auth.claims("accounts") == []
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), auth=auth) as client:
        await client.get("https://api.example.com/thing")
    assert auth.claims("accounts") == accounts


async def failed(answer: httpx.Response, method: str = "GET") -> CarrierError:
    """What comes of a request when this is the answer to the one for a token."""
    fake = account(UNIVERSAL)

    def refuse(request: httpx.Request, handler: Handler) -> httpx.Response:
        if "oauth2" not in str(request.url):
            pytest.fail("went on without a token")
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async with opened(Wire(fake.handle, refuse)) as api:
        calls: dict[str, Callable[[], Awaitable[Any]]] = {
            "GET": lambda: api.get("/thing", "read a thing"),
            "POST": lambda: api.create(THING, {}),
            "DELETE": lambda: api.delete(THING, {}, "1"),
        }
        with pytest.raises(CarrierError) as caught:
            await calls[method]()
    assert not any(secret in str(caught.value) for secret in SECRETS)
    return caught.value


REFUSED = {"error": "invalid_client", "error_description": f"bad secret {CLIENT[1]}"}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 422])
async def test_a_refused_client_is_rejected_credentials_in_bandwidths_words(code: int, method: str) -> None:
    error = await failed(httpx.Response(code, json=REFUSED), method)
    assert type(error) is CredentialsRejected
    assert f"invalid_client, bad secret *** ({code})" in str(error)
    assert not error.may_have_acted


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(429, headers={"Retry-After": "60"}), RateLimited),
        (httpx.Response(408), CarrierSilent),
        (httpx.Response(500), CarrierFailed),
        (httpx.Response(503, text="<html>down</html>"), CarrierFailed),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), CarrierFailed),
        (httpx.Response(204), CarrierFailed),
        (httpx.Response(200, text="<html>welcome</html>"), CarrierFailed),
        (httpx.Response(200, json=[]), CarrierFailed),
        (httpx.Response(200, json={}), CarrierFailed),
        (httpx.Response(200, json={**GOOD, "access_token": ""}), CarrierFailed),
        (httpx.Response(200, json={**GOOD, "access_token": 5}), CarrierFailed),
        (httpx.Response(200, json={**GOOD, "access_token": "two\r\nlines"}), CarrierFailed),
    ],
)
async def test_without_a_token_nothing_is_asked_for_and_nothing_was_done(
    answer: httpx.Response, kind: type[CarrierError], method: str
) -> None:
    error = await failed(answer, method)
    assert type(error) is kind
    assert not error.may_have_acted


async def test_what_was_sent_to_log_in_is_in_no_message() -> None:
    def echo(request: httpx.Request, handler: Handler) -> httpx.Response:
        if "oauth2" in str(request.url):
            return handler(request)
        sent.append(request.headers["authorization"])
        return httpx.Response(403, json={"message": f"not for {sent[-1]} of {CLIENT[1]}"})

    sent: list[str] = []
    async with opened(Wire(account(UNIVERSAL).handle, echo), BY_CLIENT) as api:
        with pytest.raises(PermissionMissing) as caught:
            await api.get("/thing", "read a thing")
    assert sent
    assert sent[-1].removeprefix("Bearer ") not in str(caught.value)
    assert "not for Bearer *** of ***" in str(caught.value)


async def test_the_token_is_fetched_once_for_many_calls() -> None:
    wire = Wire(account(UNIVERSAL).handle)
    async with opened(wire) as api:
        await Bandwidth().validate(api)
        await Bandwidth().validate(api)
    assert [path for _, path in wire.asked()].count("/api/v1/oauth2/token") == 1
