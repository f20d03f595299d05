"""Who may do what, by the kernel's word. These need root, to be somebody else for a moment."""

import asyncio
import json
import os
import sys
from typing import Any

import pytest

from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .test_api_providers import BODY

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")

VIEWER, OPERATOR, ADMIN, GROUP_ADMIN, NOBODY = 61001, 61002, 61003, 61004, 61005
GROUP = 62001
ACCESS = {"viewers": [VIEWER], "operators": [str(OPERATOR)], "admins": [ADMIN]}

ASK = """
import os, sys, http.client, socket
uid, gids, path, method, url, body = int(sys.argv[1]), sys.argv[2], *sys.argv[3:]
os.setgroups([int(gid) for gid in gids.split(",") if gid])
os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
connection = http.client.HTTPConnection("provd")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(path)
connection.request(method, url, body or None, {"Content-Type": "application/json"})
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""


async def ask_as(
    daemon: RunningDaemon, uid: int, method: str, url: str, body: object = None, groups: str = ""
) -> tuple[int, Any]:
    text = "" if body is None else json.dumps(body)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", ASK, str(uid), groups, str(daemon.socket), method, url, text,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    code, _, answer = output.decode().partition(" ")
    return int(code), json.loads(answer)


@pytest.fixture
async def daemon() -> Any:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as running:
            yield running


async def test_a_stranger_is_told_their_uid_and_nothing_else(daemon: RunningDaemon) -> None:
    for method, url in (
        ("GET", "/version"),
        ("GET", "/v1.0/providers"),
        ("GET", "/v1.0/events"),
        ("POST", "/x"),
    ):
        code, answer = await ask_as(daemon, NOBODY, method, url)
        assert code == 403
        assert answer["error"]["status"] == "PERMISSION_DENIED"
        assert str(NOBODY) in answer["error"]["message"]


async def test_each_role_may_do_what_it_is_for(daemon: RunningDaemon) -> None:
    headers = {"X-Key": "s3cret"}
    added = (await daemon.http.post("/v1.0/providers", json=BODY | {"tech_headers": headers})).json()
    path = f"/v1.0/providers/{added['id']}"
    calls: list[tuple[str, str, object]] = [
        ("GET", path, None),
        ("POST", path + "/check", None),
        ("PATCH", path, {"detail": "x"}),
        ("PUT", path, BODY),
        ("POST", "/v1.0/providers", BODY),
        ("DELETE", path, None),
    ]
    allowed = {VIEWER: 1, OPERATOR: 2, ADMIN: 6}
    for uid, first in allowed.items():
        codes = [(await ask_as(daemon, uid, *call))[0] for call in calls]
        assert codes == [200] * first + [403] * (6 - first)


async def test_a_role_that_is_too_low_says_which_is_needed(daemon: RunningDaemon) -> None:
    _, answer = await ask_as(daemon, VIEWER, "POST", "/v1.0/providers", BODY)
    assert answer["error"]["reason"] == "ROLE_TOO_LOW"
    assert "needs admin" in answer["error"]["message"]


async def test_a_supplementary_group_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    import grp

    group = grp.struct_group(("sipadmins", "x", GROUP, []))
    monkeypatch.setattr(grp, "getgrnam", lambda name: {"sipadmins": group}[name])
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        access = {"admins": ["@sipadmins"]}
        async with running_daemon(folder, access=access, daemon={"socket_mode": "0666"}) as daemon:
            assert (await ask_as(daemon, GROUP_ADMIN, "GET", "/v1.0/status"))[0] == 403
            many = ",".join(map(str, [*range(63000, 63400), GROUP]))
            code, answer = await ask_as(daemon, GROUP_ADMIN, "GET", "/v1.0/status", groups=many)
            assert (code, answer["you"]["role"], answer["you"]["uid"]) == (200, "admin", GROUP_ADMIN)
