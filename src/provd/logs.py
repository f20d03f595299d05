"""The log: lines on standard error, as text, as JSON, or as the journal takes them."""

import asyncio
import contextvars
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from typing import Literal, TextIO

from provd.schema.timestamps import to_timestamp

LogFormat = Literal["auto", "text", "json", "journal"]

REPEATED_AT_MOST = 20
"""Lines of one kind, from one place in the code, that are written within REPEATED_WITHIN_S."""
REPEATED_WITHIN_S = 60.0
_KINDS_KEPT = 1000
_TELL_EVERY_S = 5.0
_CHATTY = ("uvicorn", "alembic", "httpx", "httpcore")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}  # syslog(3)
_DEBUG_PRIORITY = 7

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
"""The id of the request that is being served; lines that are logged meanwhile have it."""

Kind = tuple[str, int, str]


_OTHERS: Kind = ("", logging.WARNING, "of many kinds")


class RepeatBound:
    """At most REPEATED_AT_MOST of a kind within REPEATED_WITHIN_S; beyond _KINDS_KEPT kinds, the others
    are one kind. ``now`` is in seconds and only goes forward."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, tuple[float, int]] = {}  # in the order of their times

    def __len__(self) -> int:
        return len(self._kinds)

    def admits(self, kind: Kind, now: float) -> bool:
        """Whether one more may be written; one that may not is counted."""
        if kind not in self._kinds and len(self._kinds) >= _KINDS_KEPT:
            kind = _OTHERS
        since, count = self._kinds.get(kind, (now, 0))
        self._kinds[kind] = (since, count + 1)
        return count < REPEATED_AT_MOST

    def ended(self, now: float) -> list[tuple[Kind, int]]:
        """Forget the kinds whose time is over; those of which some were left out, and how many."""
        left_out = []
        while self._kinds:
            kind = next(iter(self._kinds))
            since, count = self._kinds[kind]
            if now - since < REPEATED_WITHIN_S:
                break
            del self._kinds[kind]
            if count > REPEATED_AT_MOST:
                left_out.append((kind, count - REPEATED_AT_MOST))
        return left_out


class BoundedHandler(logging.StreamHandler[TextIO]):
    """Writes to ``stream``, within a RepeatBound; says how many lines it left out."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._bound = RepeatBound()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it."""
        self.tell_left_out()
        if self._bound.admits((record.name, record.levelno, str(record.msg)), self._clock()):
            record.request_id = request_id.get()
            super().emit(record)

    def tell_left_out(self) -> None:
        """Say of what more was left out, once its time is over."""
        self.acquire()
        try:
            for (name, level, message), count in self._bound.ended(self._clock()):
                words = (
                    f"{count} more lines like this were left out within {REPEATED_WITHIN_S:g} s: {message}"
                )
                told = logging.LogRecord(name, level, "", 0, words, None, None)
                super().emit(told)
        finally:
            self.release()


class TextFormatter(logging.Formatter):
    """``2026-01-31 12:00:00.000 INFO provd.daemon: message [request ID]``; the time is UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """One record; the lines of a message or traceback after its first are indented."""
        at = to_timestamp(record.created)[:-3]
        lines = "\n  ".join(_lines(self, record))
        return f"{at} {record.levelname} {record.name}: {lines}"


class JournalFormatter(logging.Formatter):
    """Each line with its syslog priority, as sd-daemon(3) has it; the journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        """One record; the journal makes an entry of each line."""
        prefix = f"<{_PRIORITIES.get(record.levelno, _DEBUG_PRIORITY)}>"
        first, *rest = _lines(self, record)
        return "\n".join([f"{prefix}{record.name}: {first}", *(f"{prefix}  {line}" for line in rest)])


class JsonFormatter(logging.Formatter):
    """An object a line: ``time`` (UTC), ``level``, ``logger``, ``message``, and ``request_id`` and
    ``exception`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        line = {
            "time": to_timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if given := _request_id(record):
            line["request_id"] = given
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


_FORMATTERS: Mapping[str, type[logging.Formatter]] = {
    "text": TextFormatter,
    "json": JsonFormatter,
    "journal": JournalFormatter,
}


class Logs:
    """The log of this process, from ``begin_logs`` on."""

    def __init__(self, handler: BoundedHandler) -> None:
        self._handler = handler

    def set_level(self, level: str) -> None:
        """Write what is of this level or above: debug, info, warning or error."""
        logging.getLogger().setLevel(level.upper())

    async def run(self) -> None:
        """Tell in time how many lines were left out, until cancelled."""
        while True:
            await asyncio.sleep(_TELL_EVERY_S)
            self._handler.tell_left_out()


def begin_logs(stream: TextIO, log_format: LogFormat, level: str, environ: Mapping[str, str]) -> Logs:
    """Have everything logged to ``stream`` from now on."""
    chosen = log_format
    if chosen == "auto":
        chosen = "journal" if is_journal(stream, environ) else "text"
    handler = BoundedHandler(stream)
    handler.setFormatter(_FORMATTERS[chosen]())
    logging.basicConfig(handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logs = Logs(handler)
    logs.set_level(level)
    return logs


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether what is written to ``stream`` goes to the journal (systemd.exec(5): JOURNAL_STREAM)."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _lines(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    """The message's lines with the request's id, then those of the exception; no control characters."""
    text = record.getMessage()
    if given := _request_id(record):
        text += f" [request {given}]"
    if record.exc_info:
        text += "\n" + formatter.formatException(record.exc_info)
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text).split("\n")


def _request_id(record: logging.LogRecord) -> str:
    return str(getattr(record, "request_id", ""))
