"""A user whom the kernel does not let in to the daemon's socket is told how to be let in."""

import os
from pathlib import Path

import pytest

from tests.fakes.daemon import running_daemon, temporary_folder

from .test_provctl import Ended, started_anew

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")

STRANGER, GROUP = 61005, 62001

AS_STRANGER = """
import os, sys
from tests.fakes.programs.server import preload
import provtui.__main__, provtui.report, provtui.run
programs = {**preload(), "provtui": provtui.__main__.main}
program, *groups = sys.argv.pop(1).split(",")
os.setgroups([int(each) for each in groups])
os.setresgid(61005, 61005, 61005); os.setresuid(61005, 61005, 61005)
sys.argv[0] = program
programs[program]()
"""
"""Runs a program as a user without more groups than those after its name; all is imported before, as the
interpreter's files may be closed to the user."""


async def as_stranger(program: str, *arguments: str | Path, **environment: str | Path) -> Ended:
    async with started_anew(AS_STRANGER, program, *arguments, **environment) as process:
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


JOIN = f"join the group {GROUP} (sudo usermod -aG {GROUP} {STRANGER}), then log in anew"


@pytest.mark.parametrize("named", [True, False], ids=["--socket", "PROVD_SOCKET"])
async def test_who_is_not_in_the_sockets_group_is_told_to_join_it(named: bool) -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder) as daemon:
            os.chown(daemon.socket, -1, GROUP)
            if named:
                ended = await as_stranger("provctl", "--socket", daemon.socket, "status")
            else:
                ended = await as_stranger("provctl", "status", PROVD_SOCKET=daemon.socket)
    assert (ended.code, ended.out) == (5, "")
    assert ended.err == (
        f"provctl: you may not connect to provd at {daemon.socket}: {JOIN}; see [daemon] socket_mode\n"
    )


async def test_provtui_says_the_same() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder) as daemon:
            os.chown(daemon.socket, -1, GROUP)
            ended = await as_stranger("provtui", "--socket", daemon.socket)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"provtui: you may not connect to provd at {daemon.socket}: {JOIN}")


async def test_a_closed_folder_is_named_with_its_group() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        closed = folder / "run"
        closed.mkdir(mode=0o750)
        os.chown(closed, -1, GROUP)
        ended = await as_stranger("provctl", "--socket", closed / "provd.sock", "status")
    assert (ended.code, ended.out) == (5, "")
    assert ended.err == f"provctl: you may not look into {closed}, where provd's socket is to be: {JOIN}\n"


@pytest.mark.parametrize(
    ("mode", "groups"), [("0600", ""), ("0640", f",{GROUP}")], ids=["the group may not", "is in it"]
)
async def test_nobody_is_told_to_join_a_group_that_would_not_help(mode: str, groups: str) -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, daemon={"socket_mode": mode}) as daemon:
            os.chown(daemon.socket, -1, GROUP)
            ended = await as_stranger(f"provctl{groups}", "--socket", daemon.socket, "status")
    assert ended.code == 5
    assert "it is for root alone; see [daemon] socket_mode" in ended.err


async def test_a_system_socket_that_one_may_not_look_for_is_the_one_that_is_tried() -> None:
    look = f"""
import os, sys
from pathlib import Path
from provd.client import find_socket, socket_path
socket_path.SYSTEM_SOCKET = Path(sys.argv[1])
del os.environ["PROVD_SOCKET"]
os.setgroups([]); os.setresuid({STRANGER}, {STRANGER}, {STRANGER})
print(find_socket())
"""
    async with temporary_folder() as folder:
        socket = folder / "provd.sock"
        async with started_anew(look, socket, PROVD_SOCKET="") as process:
            out, _ = await process.communicate()
    assert out.decode() == f"{socket}\n"


async def test_calls_are_not_imported_where_one_may_not_keep_how_far() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        (folder / "acc.log").write_text("")
        command = ("calls", "import", folder / "acc.log", "--format", "kamailio-acc")
        ended = await as_stranger("provctl", *command, PROVD_SOCKET=folder / "nobody")
    assert (ended.code, ended.out) == (2, "")
    assert f"you may not write in {folder}: name a folder for what is kept with --keep-in" in ended.err
