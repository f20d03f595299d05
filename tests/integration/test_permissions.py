"""Every call as every role: what the OpenAPI document says is what happens, and the page in docs says it."""

import asyncio
import json
import os
import runpy
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from provd.api.permissions import GuardedRouter, permissions
from provd.schema.status import Role
from provd.services import refusal_bound
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .test_access import ACCESS, ADMIN, NOBODY, OPERATOR, VIEWER

DOCS = Path(__file__).parents[2] / "docs"
AS_ROLE = {Role.VIEWER: VIEWER, Role.OPERATOR: OPERATOR, Role.ADMIN: ADMIN}
MALFORMED = ["{", "[]", '{"nme": 7, "name": ""}', "\udcff\udcfe", " " * 2**21]
"""Bodies that are refused for what they say, were they read; the last is over the bound."""

ASK_ALL = """
import os, sys, http.client, json, socket
uid, path = int(sys.argv[1]), sys.argv[2]
os.setgroups([])
os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
for method, url, body in json.load(sys.stdin):
    connection = http.client.HTTPConnection("provd")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    content = body.encode(errors="surrogateescape") or None
    connection.request(method, url, content, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    reason = json.loads(answer.read())["error"]["reason"] if answer.status == 403 else ""
    print(json.dumps([answer.status, reason]))
    connection.close()
"""
Call = tuple[str, str, str]
"""Method, path and body of a request."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")


async def ask_all(daemon: RunningDaemon, uid: int, calls: list[Call]) -> list[Any]:
    """Make calls as the user ``uid``; answers the status of each, and the reason of a 403."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", ASK_ALL, str(uid), str(daemon.socket),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate(json.dumps(calls).encode())
    return [json.loads(line) for line in output.splitlines()]


@asynccontextmanager
async def open_to_all() -> AsyncIterator[tuple[RunningDaemon, list[tuple[str, str, Role]]]]:
    """A daemon that everybody can connect to, and its calls: method, path and role."""
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as daemon:
            yield daemon, permissions((await daemon.http.get("/openapi.json")).json())


@needs_root
async def test_every_call_is_refused_to_those_below_its_role_and_to_nobody_else() -> None:
    async with open_to_all() as (daemon, found):
        calls = [(method, _filled(path), "{}" if method != "GET" else "") for method, path, _ in found]
        strangers = await ask_all(daemon, NOBODY, calls)
        assert strangers == [[403, "NO_ROLE"]] * len(calls)
        for role, uid in AS_ROLE.items():
            answers = await ask_all(daemon, uid, calls)
            for (method, path, needed), (status, reason) in zip(found, answers, strict=True):
                refused = (status, reason) == (403, "ROLE_TOO_LOW")
                assert refused is not role.includes(needed), f"{method} {path} as {role}: {status} {reason}"


@needs_root
async def test_the_role_is_asked_before_the_body_the_query_and_the_path_are_looked_at() -> None:
    async with open_to_all() as (daemon, found):
        for role, uid in AS_ROLE.items():
            above = [(method, path) for method, path, needed in found if not role.includes(needed)]
            calls = [
                (method, url, body)
                for method, path in above
                for url in (_filled(path), _filled(path, "no-id") + "?page_size=0&dry_run=perhaps&format=x")
                for body in MALFORMED
            ]
            assert await ask_all(daemon, uid, calls) == [[403, "ROLE_TOO_LOW"]] * len(calls)


@needs_root
async def test_every_refused_call_is_in_the_audit_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusal_bound, "OF_ONE", 1000)
    monkeypatch.setattr(refusal_bound, "IN_ALL", 1000)
    async with open_to_all() as (daemon, found):
        calls = [(method, _filled(path), "{") for method, path, _ in found]
        await ask_all(daemon, NOBODY, calls)
        await ask_all(daemon, VIEWER, calls)
        written = (await daemon.client.audit(page_size=1000, filters={"outcome": "refused"})).result[::-1]
        above = [
            call[:2]
            for call, (*_, needed) in zip(calls, found, strict=True)
            if not Role.VIEWER.includes(needed)
        ]
        assert [(each.uid, each.role, each.message, each.name) for each in written] == [
            *((NOBODY, "", "NO_ROLE", f"{method} {path}") for method, path, _ in calls),
            *((VIEWER, "viewer", "ROLE_TOO_LOW", f"{method} {path}") for method, path in above),
        ]


def test_an_endpoint_that_asks_for_no_role_cannot_be_added() -> None:
    router = GuardedRouter()
    with pytest.raises(ValueError, match="/open asks for no role"):
        router.add_api_route("/open", lambda: None)


def _filled(path: str, with_id: str = "") -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        path = f"{before}{with_id or uuid.uuid4()}{rest.partition('}')[2]}"
    return path


def test_the_page_in_docs_says_the_same() -> None:
    page = runpy.run_path(str(DOCS / "permissions.py"))["page"]()
    assert (DOCS / "permissions.md").read_text() == page, "run: make permissions"
