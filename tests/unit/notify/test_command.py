"""Programs that messages are taken to."""

import json
from pathlib import Path

import pytest

from provd.notify.base import Note, NotSent
from provd.notify.command import CommandSender
from tests.fakes.daemon import eventually

NOTE = Note("provd-1", "critical", "opened", "$(touch pwned)", "line\nline; rm -rf /", {"id": "x"})


def program(folder: Path, body: str) -> str:
    made = folder / "program"
    made.write_text(f"#!/bin/sh\n{body}\n")
    made.chmod(0o755)
    return str(made)


async def test_it_has_the_message_in_its_environment_and_no_shell_sees_it(tmp_path: Path) -> None:
    path = program(tmp_path, f'env -0 > {tmp_path}/env; printf %s "$1" > {tmp_path}/argument')
    await CommandSender([path, "--to=$HOME"]).send(NOTE)
    lines = (tmp_path / "env").read_bytes().split(b"\0")
    told = dict(line.decode().split("=", 1) for line in lines if line)
    assert told["PROVD_ALERT_TITLE"] == "$(touch pwned)"
    assert told["PROVD_ALERT_BODY"] == "line\nline; rm -rf /"
    assert (told["PROVD_ALERT_SEVERITY"], told["PROVD_ALERT_WHAT"]) == ("critical", "opened")
    assert json.loads(told["PROVD_ALERT_JSON"]) == {"id": "x"}
    assert (tmp_path / "argument").read_text() == "--to=$HOME"


async def test_nothing_else_of_ours_is_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/secret")
    path = program(tmp_path, f"env > {tmp_path}/env")
    await CommandSender([path]).send(NOTE)
    assert "CREDENTIALS_DIRECTORY" not in (tmp_path / "env").read_text()


async def test_what_it_complains_of_is_told(tmp_path: Path) -> None:
    path = program(tmp_path, "echo one >&2; echo 'no modem' >&2; exit 3")
    with pytest.raises(NotSent, match="ended with 3: no modem"):
        await CommandSender([path]).send(NOTE)


async def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="can't be run: No such file"):
        await CommandSender([str(tmp_path / "nothing")]).send(NOTE)


async def test_one_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    path = program(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(NotSent, match="did not end within"):
        await CommandSender([path], timeout_s=0.5).send(NOTE)
    child = int((tmp_path / "child").read_text())
    await eventually(lambda: ended(child), bool)  # a signal takes effect when its process has a turn


async def ended(process_id: int) -> bool:
    """Whether it runs no more; who has to ask for its end may not have done so yet."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.rsplit(")", 1)[1].split()[0] in {"Z", "X"}


async def test_an_endless_complaint_is_read_and_dropped(tmp_path: Path) -> None:
    path = program(tmp_path, "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo done >&2; exit 1")
    with pytest.raises(NotSent, match="ended with 1: done"):
        await CommandSender([path]).send(NOTE)


async def test_a_message_that_is_too_long_for_the_system_is_cut(tmp_path: Path) -> None:
    path = program(tmp_path, f'printf %s "$PROVD_ALERT_BODY" | wc -c > {tmp_path}/size')
    await CommandSender([path]).send(Note("1", "info", "opened", "t", "ä" * 200_000, {}))
    assert 30_000 < int((tmp_path / "size").read_text()) <= 32 * 1024
