"""The log's lines in each format, what they have of requests, and how repeated ones are bounded."""

import io
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from provd.logs import (
    REPEATED_AT_MOST,
    REPEATED_WITHIN_S,
    BoundedHandler,
    JournalFormatter,
    JsonFormatter,
    RepeatBound,
    TextFormatter,
    begin_logs,
    is_journal,
    request_id,
)

KIND = ("provd.x", logging.ERROR, "it fails: %s")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logger(stream: io.StringIO, clock: Clock) -> logging.Logger:
    """A logger of the test's own; ``handlers[0]`` writes to ``stream``."""
    made = logging.Logger("provd.x", logging.DEBUG)
    made.addHandler(BoundedHandler(stream, clock))
    return made


def test_text_has_the_time_in_utc_the_level_and_the_place(
    logger: logging.Logger, stream: io.StringIO
) -> None:
    logger.handlers[0].setFormatter(TextFormatter())
    logger.warning("the %s is late", "carrier")
    line = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} WARNING provd\.x: the carrier is late\n"
    assert re.fullmatch(line, stream.getvalue())


def test_no_peer_can_forge_a_line(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(TextFormatter())
    logger.info("Server: %s", "x\r\n2026-01-01 ERROR provd: forged\x1b[2J\u2028")
    first, second = stream.getvalue().splitlines()
    assert first.endswith(r"Server: x\r")
    assert second == r"  2026-01-01 ERROR provd: forged\x1b[2J\u2028"


def test_lines_about_a_request_have_its_id(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(JsonFormatter())
    token = request_id.set("r-17")
    logger.info("added")
    request_id.reset(token)
    logger.info("later")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["request_id"], "request_id" in second) == ("r-17", False)
    logger.handlers[0].setFormatter(TextFormatter())
    token = request_id.set("r-18")
    logger.info("changed")
    request_id.reset(token)
    assert stream.getvalue().endswith("changed [request r-18]\n")


def test_json_is_an_object_a_line_tracebacks_too(logger: logging.Logger, stream: io.StringIO) -> None:
    logger.handlers[0].setFormatter(JsonFormatter())
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("it failed")
    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["logger"], said["message"]) == ("error", "provd.x", "it failed")
    assert "ValueError: two\nlines" in said["exception"]


@pytest.mark.parametrize(
    ("level", "priority"),
    [("critical", 2), ("error", 3), ("warning", 4), ("info", 6), ("debug", 7)],
)
def test_the_journal_gets_each_line_with_its_priority(
    logger: logging.Logger, stream: io.StringIO, level: str, priority: int
) -> None:
    logger.handlers[0].setFormatter(JournalFormatter())
    getattr(logger, level)("one\ntwo")
    assert stream.getvalue() == f"<{priority}>provd.x: one\n<{priority}>  two\n"


def test_so_many_of_a_kind_are_written_and_the_others_counted() -> None:
    bound = RepeatBound()
    admitted = [bound.admits(KIND, 0.0) for _ in range(REPEATED_AT_MOST + 7)]
    assert admitted == [True] * REPEATED_AT_MOST + [False] * 7
    assert bound.ended(REPEATED_WITHIN_S - 1) == []
    assert bound.ended(REPEATED_WITHIN_S) == [(KIND, 7)]
    assert bound.admits(KIND, REPEATED_WITHIN_S)


def test_kinds_are_bounded_apart_from_each_other() -> None:
    bound = RepeatBound()
    for _ in range(REPEATED_AT_MOST):
        bound.admits(KIND, 0.0)
    assert bound.admits(("provd.x", logging.ERROR, "another"), 0.0)


def test_what_is_remembered_is_bounded_and_so_is_what_is_written() -> None:
    bound = RepeatBound()
    written = sum(bound.admits(("provd.x", logging.INFO, str(number)), 0.0) for number in range(100_000))
    assert len(bound) < 1100
    assert written < 1100


def test_it_is_told_how_many_lines_were_left_out(
    logger: logging.Logger, stream: io.StringIO, clock: Clock
) -> None:
    logger.handlers[0].setFormatter(JournalFormatter())
    for number in range(REPEATED_AT_MOST + 3):
        logger.error("the store fails: %d", number)
    assert len(stream.getvalue().splitlines()) == REPEATED_AT_MOST
    clock.now = REPEATED_WITHIN_S
    handler = logger.handlers[0]
    assert isinstance(handler, BoundedHandler)
    handler.tell_left_out()
    assert stream.getvalue().splitlines()[-1] == (
        "<3>provd.x: 3 more lines like this were left out within 60 s: the store fails: %d"
    )


def test_the_journal_is_known_by_its_stream(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        status = os.fstat(log.fileno())
        assert is_journal(log, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        assert not is_journal(log, {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"})
        assert not is_journal(log, {})
    assert not is_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})


@pytest.fixture
def as_before() -> Iterator[None]:
    """The root logger is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.mark.usefixtures("as_before")
def test_auto_is_the_journal_where_systemd_reads_and_text_elsewhere(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        status = os.fstat(log.fileno())
        begin_logs(log, "auto", "info", {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        logging.getLogger("provd.y").info("here")
        begin_logs(log, "auto", "info", {})
        logging.getLogger("provd.y").info("there")
    first, second = (tmp_path / "log").read_text().splitlines()
    assert first == "<6>provd.y: here"
    assert second.endswith("INFO provd.y: there")


@pytest.mark.usefixtures("as_before")
def test_the_level_can_be_changed_later(stream: io.StringIO) -> None:
    logs = begin_logs(stream, "text", "warning", {})
    logging.getLogger("provd.y").info("not yet")
    logs.set_level("debug")
    logging.getLogger("provd.y").debug("now")
    assert "not yet" not in stream.getvalue()
    assert "DEBUG provd.y: now" in stream.getvalue()
