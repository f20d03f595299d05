"""To any of the services that Apprise knows: mail, Slack, Telegram, ntfy, PagerDuty and a hundred more."""

import asyncio
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from provd.notify.base import Note, NotSent

_KINDS = {"info": "info", "warning": "warning", "critical": "failure"}
_SHORTEST_SECRET = 5
_LIBRARY = logging.getLogger("apprise")
_TELLTALES = ("apprise", "urllib3", "oauthlib", "requests_oauthlib")
"""Loggers that write addresses, which are secrets here."""
_KEPT = 200


def check_url(url: str) -> str:
    """What may be shown of an Apprise URL; ValueError when it is none. Takes 0.3 s the first time."""
    with _heard(url) as words:
        service = _service(url)
    if service is None:
        why = f" ({words[0]})" if words else ""
        raise ValueError(f"is no URL that Apprise understands{why}: see its wiki for how yours is written")
    return f"{service.service_name}, {url.partition(':')[0]}://..."


class AppriseSender:
    """Sends by one Apprise URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, note: Note) -> None:
        """Send it once, in a thread: the library waits for answers there."""
        await asyncio.to_thread(self._send, note)

    def _send(self, note: Note) -> None:
        kind = "success" if note.what == "resolved" else _KINDS[note.severity]
        with _heard(self._url) as words:
            service = _service(self._url)
            if service is None:
                raise NotSent("Apprise does not understand this channel's URL any more: set it again")
            try:
                sent = service.notify(title=note.title, body=note.body, notify_type=kind)
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything, with the URL in it
                words.append(type(error).__name__)
                sent = False
        if not sent:
            raise NotSent(words[-1] if words else f"{service.service_name} did not take it")


def _service(url: str) -> Any:
    from apprise import Apprise  # 25 MiB that many never need

    for name in _TELLTALES:
        logging.getLogger(name).propagate = False
    return Apprise.instantiate(url)


@contextmanager
def _heard(url: str) -> Iterator[list[str]]:
    """Collect what the library complains of in this thread, without what of ``url`` may be secret."""
    words: list[str] = []
    me = threading.get_ident()
    parts = [each for each in re.split(r"[/:@?&=#,]+", url) if len(each) >= _SHORTEST_SECRET]
    secrets = sorted(parts[1:], key=len, reverse=True)

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == me:
                text = record.getMessage().replace(url, "the URL")
                for secret in secrets:
                    text = text.replace(secret, "***")
                words.append("".join(each if each.isprintable() else " " for each in text).strip()[:_KEPT])

    listener = Listener(logging.WARNING)
    _LIBRARY.addHandler(listener)
    try:
        yield words
    finally:
        _LIBRARY.removeHandler(listener)
