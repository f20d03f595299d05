"""Every call as every role: what the OpenAPI document says is what happens, and the page in docs says it."""

import asyncio
import json
import os
import runpy
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from provd.api.permissions import permissions
from provd.schema.status import Role
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .test_access import ACCESS, ADMIN, NOBODY, OPERATOR, VIEWER

DOCS = Path(__file__).parents[2] / "docs"
AS_ROLE = {Role.VIEWER: VIEWER, Role.OPERATOR: OPERATOR, Role.ADMIN: ADMIN}
ASK_ALL = """
import os, sys, http.client, json, socket
uid, path = int(sys.argv[1]), sys.argv[2]
os.setgroups([])
os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
for method, url in json.load(sys.stdin):
    connection = http.client.HTTPConnection("provd")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    connection.request(method, url, "{}" if method != "GET" else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    reason = json.loads(answer.read())["error"]["reason"] if answer.status == 403 else ""
    print(json.dumps([answer.status, reason]))
    connection.close()
"""


async def ask_all(daemon: RunningDaemon, uid: int, calls: list[tuple[str, str]]) -> list[Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", ASK_ALL, str(uid), str(daemon.socket),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate(json.dumps(calls).encode())
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")
async def test_every_call_is_refused_to_those_below_its_role_and_to_nobody_else() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as daemon:
            document = (await daemon.http.get("/openapi.json")).json()
            found = permissions(document)
            calls = [(method, _filled(path)) for method, path, _ in found]
            strangers = await ask_all(daemon, NOBODY, calls)
            assert strangers == [[403, "NO_ROLE"]] * len(calls)
            for role, uid in AS_ROLE.items():
                answers = await ask_all(daemon, uid, calls)
                for (method, path, needed), (status, reason) in zip(found, answers, strict=True):
                    refused = (status, reason) == (403, "ROLE_TOO_LOW")
                    assert refused is not role.includes(needed), (
                        f"{method} {path} as {role}: {status} {reason}"
                    )


def _filled(path: str) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}{uuid.uuid4()}{rest.partition('}')[2]}"
    return path


def test_the_page_in_docs_says_the_same() -> None:
    page = runpy.run_path(str(DOCS / "permissions.py"))["page"]()
    assert (DOCS / "permissions.md").read_text() == page, "run: make permissions"
