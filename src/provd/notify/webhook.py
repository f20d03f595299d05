"""To an HTTP address, signed by the Standard Webhooks specification 1.0, whose libraries can verify it.

``webhook-id`` is the message's, the same when it is tried again; ``webhook-timestamp`` is the time of the
attempt in seconds since 1970; ``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over
``id.timestamp.body``.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable

import httpx

from provd.notify.base import Note, NotSent

TIMEOUT_S = 10.0
_PREFIX = "whsec_"
_SECRET_BYTES = 24


def new_secret() -> str:
    """A secret as the specification writes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def check_secret(secret: str) -> None:
    """Raise ValueError when it is none that the specification allows."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError('must be "whsec_" and the base64 of 24 to 64 bytes: leave it out to have one made')


def check_url(text: str) -> str:
    """What may be shown of a webhook's address; ValueError when it is none."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"is no URL: {error}") from None
    local = url.host in ("localhost", "::1") or url.host.startswith("127.")
    if not url.host or url.scheme not in ("https", "http"):
        raise ValueError('must be an address like "https://hooks.example.com/provd"')
    if url.scheme == "http" and not local:
        raise ValueError("must be https: anybody on the way could read it")
    if url.userinfo:
        raise ValueError("must have no user name or password in it")
    port = "" if url.port is None else f":{url.port}"
    return f"{url.scheme}://{url.host}{port}/..."


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class WebhookSender:
    """Posts messages as JSON; any answer of 200 to 299 is success, and redirects are not followed."""

    def __init__(self, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._secret = secret
        self._clock = clock

    async def send(self, note: Note) -> None:
        """Post it once."""
        body = json.dumps(
            {
                "type": f"alert.{note.what}",
                "severity": note.severity,
                "title": note.title,
                "text": note.body,
                "data": note.data,
            },
            ensure_ascii=False,
        ).encode()
        timestamp = int(self._clock())
        headers = {
            "content-type": "application/json",
            "user-agent": "provd",
            "webhook-id": note.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self._secret, note.id, timestamp, body),
        }
        try:
            trusted = await asyncio.to_thread(httpx.create_ssl_context)  # some 20 ms, in which checks go on
            async with httpx.AsyncClient(verify=trusted, timeout=TIMEOUT_S, trust_env=False) as client:
                request = client.build_request("POST", self._url, content=body, headers=headers)
                response = await client.send(request, stream=True)  # what it says is of no interest
                await response.aclose()
        except httpx.TimeoutException:
            raise NotSent(f"the webhook did not answer within {TIMEOUT_S:g} s") from None
        except httpx.HTTPError as error:
            raise NotSent(f"the webhook can't be reached: {_reason(error)}") from None
        if not response.is_success:
            raise NotSent(f"the webhook answered {response.status_code}")


def _reason(error: httpx.HTTPError) -> str:
    """Our own words, as the library's may have the address in them."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
