"""What goes wrong is an exit code for scripts and a message on standard error."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from provd.cli.failures import EXIT_CODES_HELP, ExitCode, fail, failures
from provd.cli.provctl import app
from provd.client import ApiError, ClientError, DaemonUnavailable, MayNotConnect
from provd.schema.errors import ErrorBody, ErrorDetail, ErrorStatus

CODES = {
    ErrorStatus.NOT_FOUND: 4,
    ErrorStatus.PERMISSION_DENIED: 5,
    ErrorStatus.ALREADY_EXISTS: 6,
    ErrorStatus.FAILED_PRECONDITION: 6,
    ErrorStatus.PRECONDITION: 6,
    ErrorStatus.UNAVAILABLE: 7,
}


BAD_NEWS = re.compile(r"exits?( with)? 1\b", re.IGNORECASE)
"""How a command's help says that it may exit so."""


def an_api_error(
    status: ErrorStatus = ErrorStatus.INVALID_ARGUMENT, message: str = "it is wrong", **wrong: str
) -> ApiError:
    details = [ErrorDetail(field=field, message=what) for field, what in wrong.items()]
    body = ErrorBody(status=status, reason=status.value, message=message, request_id="r-1", details=details)
    return ApiError(status.http_code, body)


def code_of(error: Exception) -> int:
    with pytest.raises(typer.Exit) as ended, failures():
        raise error
    return ended.value.exit_code


@pytest.mark.parametrize("status", ErrorStatus)
def test_each_answer_of_the_daemon_has_its_exit_code(status: ErrorStatus) -> None:
    assert code_of(an_api_error(status)) == CODES.get(status, 3)


def test_a_daemon_that_is_away_has_a_code_of_its_own() -> None:
    assert code_of(DaemonUnavailable("no provd answers at /run/provd/provd.sock")) == 7


def test_a_socket_that_one_may_not_connect_to_is_not_allowed() -> None:
    assert code_of(MayNotConnect("you may not connect to provd at /run/provd/provd.sock")) == 5


def test_an_answer_that_cannot_be_understood_is_a_refusal() -> None:
    assert code_of(ClientError("provd answered 418 without saying why")) == 3


@pytest.mark.parametrize(
    "error",
    [an_api_error(message="it is so"), DaemonUnavailable("it is so"), ClientError("it is so")],
    ids=repr,
)
def test_the_message_is_on_standard_error_alone(
    capsys: pytest.CaptureFixture[str], error: ClientError
) -> None:
    code_of(error)
    assert capsys.readouterr() == ("", "provctl: it is so\n")


def test_every_wrong_field_is_a_line_when_there_are_more_than_one(capsys: pytest.CaptureFixture[str]) -> None:
    code_of(an_api_error(message="2 fields are wrong", name="is empty", hostname="is a URI"))
    assert capsys.readouterr().err == (
        "provctl: 2 fields are wrong\n"
        "  name: is empty\n"
        "  hostname: is a URI\n"
    )  # fmt: skip


def test_one_wrong_field_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    code_of(an_api_error(message="name is empty", name="is empty"))
    assert capsys.readouterr().err == "provctl: name is empty\n"


def test_what_a_message_quotes_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    code_of(an_api_error(message="\x1b[2Jevil", name="\x9b31m", hostname="a\u202eb"))
    said = capsys.readouterr().err
    assert not set("\x1b\x9b\u202e") & set(said)
    assert len(said.splitlines()) == 3


def test_a_message_of_more_lines_keeps_them(capsys: pytest.CaptureFixture[str]) -> None:
    code_of(ClientError("one\ntwo"))
    assert capsys.readouterr().err == "provctl: one\ntwo\n"


def test_what_goes_well_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with failures():
        pass
    assert capsys.readouterr() == ("", "")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), failures():
        raise ZeroDivisionError


def test_a_failure_in_the_middle_of_the_work_keeps_its_code() -> None:
    with pytest.raises(typer.Exit) as ended, failures():
        fail(ExitCode.CONFLICT, "two have that name", ["1  twin", "2  twin"])
    assert ended.value.exit_code == 6


def test_the_guide_explains_every_exit_code() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "guide.md").read_text()
    section = guide.partition("\n## provctl in scripts\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d) \|", section, re.MULTILINE) == [str(code.value) for code in ExitCode]


def test_what_exits_with_bad_news_is_in_the_guide() -> None:
    helps = [(words, text) for words, text in commands(get_command(app)) if BAD_NEWS.search(text)]
    assert {"check", "resolve", "alerts list", "apply", "keyring status"} <= {words for words, _ in helps}
    guide = (Path(__file__).parents[3] / "docs" / "guide.md").read_text()
    (row,) = re.findall(r"^\| 1 \| bad news: (.*)$", guide, re.MULTILINE)
    assert [words for words, _ in helps if f"`{words}" not in row] == []


def commands(command: Any, words: str = "") -> Iterator[tuple[str, str]]:
    """Every command below, by the words that call it, with its help and that of its options."""
    below = getattr(command, "commands", None)
    if below is None:
        yield (
            words,
            " ".join([command.help or "", *(getattr(each, "help", "") or "" for each in command.params)]),
        )
        return
    for name, each in below.items():
        yield from commands(each, f"{words} {name}".strip())


def test_the_help_explains_every_exit_code() -> None:
    explained = [part.strip().split()[0] for part in EXIT_CODES_HELP.partition(":")[2].split(";")]
    assert explained == [str(code.value) for code in ExitCode]
