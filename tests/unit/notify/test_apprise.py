"""Apprise: real mail to a real SMTP server of the test's own, and what is said when it fails."""

import logging

import pytest

from provd.notify.apprise import AppriseSender, check_url
from provd.notify.base import Note, NotSent
from tests.fakes.sinks import running_mail_server, running_sink

NOTE = Note("provd-1", "critical", "opened", "[CRITICAL] Acme", "Why: No answer.\nNext: Check it.", {})


async def test_mail_arrives() -> None:
    with running_mail_server() as server:
        await AppriseSender(f"{server.url}&to=ops@example.com").send(NOTE)
    (mail,) = server.mails
    assert mail["subject"] == "[CRITICAL] Acme"
    assert mail["to"] == "ops@example.com"
    assert (
        "Next: Check it." in str(mail.get_payload(decode=True), "utf-8") if not mail.is_multipart() else True
    )


async def test_json_arrives() -> None:
    async with running_sink() as sink:
        await AppriseSender(sink.url.replace("http:", "json:")).send(NOTE)
    (request,) = sink.requests
    assert (request.json["title"], request.json["type"]) == ("[CRITICAL] Acme", "failure")


async def test_what_fails_is_told_without_what_is_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with running_sink(status=500) as sink:
        url = sink.url.replace("http://", "json://mara:pass-word@") + "/token-of-mine"
        with pytest.raises(NotSent) as told:
            await AppriseSender(url).send(NOTE)
    assert str(told.value)
    for said in (str(told.value), caplog.text):
        assert "pass-word" not in said
        assert "token-of-mine" not in said


@pytest.mark.parametrize("url", ["rubbish", "nothing://x", "file:///etc/passwd", "mailto://", "slack://one"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL that Apprise understands"):
        check_url(url)


def test_only_the_service_is_shown() -> None:
    assert check_url("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ") == "Slack, slack://..."
