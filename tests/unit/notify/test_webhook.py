"""Webhooks: the signature of the Standard Webhooks specification, and what is told when they fail."""

import asyncio
import base64
import hashlib
import hmac
from contextlib import suppress

import pytest

from provd.notify.base import Note, NotSent
from provd.notify.webhook import WebhookSender, check_secret, check_url, new_secret, signature
from tests.fakes.sinks import running_sink

NOTE = Note("provd-1", "critical", "opened", "title", "body", {"id": "x"})


def test_the_signature_is_that_of_the_specification() -> None:
    # the example of the specification's own libraries
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    said = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert said == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_message_can_be_verified_by_who_has_the_secret() -> None:
    secret = new_secret()
    async with running_sink() as sink:
        await WebhookSender(sink.url, secret, lambda: 1_800_000_000.5).send(NOTE)
    (request,) = sink.requests
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = (
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    )
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.headers["webhook-timestamp"] == "1800000000"
    assert request.json["type"] == "alert.opened"
    assert request.json["data"] == {"id": "x"}


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
async def test_an_answer_that_is_no_success_is_told(status: int) -> None:
    async with running_sink(status=status) as sink:
        with pytest.raises(NotSent, match=f"answered {status}"):
            await WebhookSender(sink.url, new_secret()).send(NOTE)


async def test_nobody_there_is_told_without_the_address() -> None:
    async with running_sink() as sink:
        pass
    with pytest.raises(NotSent) as told:
        await WebhookSender(f"{sink.url}/very-secret", new_secret()).send(NOTE)
    assert "can't be reached" in str(told.value)
    assert "very-secret" not in str(told.value)


async def test_a_sink_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provd.notify.webhook.TIMEOUT_S", 0.2)
    left = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NotSent, match="did not answer within"):
            await WebhookSender(f"http://127.0.0.1:{port}/", new_secret()).send(NOTE)
        await left.wait()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "no prefix", "whsec_" + "A" * 400])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        check_secret(secret)


def test_a_secret_that_was_made_is_one() -> None:
    check_secret(new_secret())
    assert new_secret() != new_secret()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example.com/x", "must be https"),
        ("https://user:pw@hooks.example.com/x", "user name or password"),
        ("ftp://example.com", "must be an address like"),
        ("rubbish", "must be an address like"),
        ("https://", "must be an address like"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_url(url)


def test_only_its_host_is_shown() -> None:
    assert check_url("https://hooks.example.com:8443/T0/secret?key=1") == "https://hooks.example.com:8443/..."
