"""What a viewer reads has no secret in it, whatever they read."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from provd.api.permissions import permissions
from provd.routing.formats.registry import FORMATS
from provd.schema.route import RouteCreate
from provd.schema.transfer import ExportFormat
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .peers.recording import recording_peer
from .test_access import ACCESS, OPERATOR, VIEWER
from .test_checks import is_healthy
from .test_traces import echo

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")

SECRET, OLDER = "s3cret-of-today", "s3cret-of-yesterday"
HEADER = "X-Trunk-Key"
LAST = "provider.deleted"
ASK = """
import os, sys, http.client, json, socket
uid, path, last = int(sys.argv[1]), *sys.argv[2:]
os.setgroups([])
os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
for method, url, body in json.load(sys.stdin):
    connection = http.client.HTTPConnection("provd")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    connection.request(method, url, body or None, {"Last-Event-ID": "0"})
    answer = connection.getresponse()
    if answer.headers.get_content_type() == "text/event-stream":
        lines = []
        while not lines or lines[-2:-1] != [f"event: {last}\\n"]:
            lines.append(answer.readline().decode())
        text = "".join(lines)
    else:
        text = answer.read().decode()
    print(json.dumps([answer.status, text]))
    connection.close()
"""
Call = tuple[str, str, str]


async def read_all(daemon: RunningDaemon, uid: int, calls: list[Call]) -> dict[str, str]:
    """What the user ``uid`` is answered, by URL. A stream is read up to the event LAST."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", ASK, str(uid), str(daemon.socket), LAST,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate(json.dumps(calls).encode())
    answers = [json.loads(line) for line in output.splitlines()]
    return {url: text for (_, url, _), (status, text) in zip(calls, answers, strict=True) if status == 200}


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as running:
            yield running


async def test_no_call_and_no_event_shows_a_viewer_the_value_of_a_tech_header(daemon: RunningDaemon) -> None:
    sending = {"interval_s": 1, "timeout_s": 1, "send_tech_headers": True}
    async with recording_peer() as peer:
        peer.reply = echo
        kept, gone = [
            await daemon.add(peer.hostname, name, probe=sending, tech_headers={HEADER: OLDER})
            for name in ("kept", "gone")
        ]
        route = await daemon.client.create_route(RouteCreate(name="all", provider_id=kept.id))
        for each in (kept, gone):
            await daemon.client.patch_provider(each.id, {"tech_headers": {HEADER: SECRET}})
            await daemon.until(each.id, is_healthy)
        calls = [
            *_reads(await _document(daemon), {"provider_id": kept.id, "route_id": route.id, "seq": "1"}),
            *(("GET", f"/v1.0/audit/{number}", "") for number in range(1, 6)),
            *(
                ("GET", f"/v1.0/export?format={form.value}&file={file}", "")
                for form in ExportFormat
                for file in ("", *FORMATS[form].files)
            ),
            ("GET", f"/v1.0/providers/{gone.id}/revisions", ""),
            ("GET", "/v1.0/audit?q=tech_headers", ""),
            ("POST", f"/v1.0/providers/{kept.id}/dial-preview", '{"destination": "+15551234"}'),
            ("POST", "/v1.0/routes/resolve", '{"destination": "+15551234"}'),
        ]
        await daemon.client.delete_provider(gone.id)
        seen = await read_all(daemon, VIEWER, calls)
        seen_by_operator = await read_all(daemon, OPERATOR, calls)
    assert [url for url, text in seen.items() if SECRET in text or OLDER in text] == []
    for url in (
        f"/v1.0/providers/{kept.id}",
        f"/v1.0/providers/{kept.id}/revisions",
        f"/v1.0/providers/{gone.id}/revisions",
        f"/v1.0/providers/{kept.id}/dial-preview",
        "/v1.0/routes/resolve",
        "/v1.0/export?format=json&file=",
    ):  # they do have it
        assert SECRET in seen_by_operator[url], url
        assert "***" in seen[url], url
    for url in (f"/v1.0/providers/{kept.id}/trace", "/v1.0/events", "/v1.0/events/log", "/v1.0/audit"):
        for text in (seen[url], seen_by_operator[url]):  # for nobody
            assert "***" in text, url
            assert SECRET not in text, url


async def _document(daemon: RunningDaemon) -> dict[str, Any]:
    found: dict[str, Any] = (await daemon.http.get("/openapi.json")).json()
    return found


def _reads(document: dict[str, Any], known: dict[str, str]) -> list[Call]:
    """Every GET of the API that is about what is ``known``, or about no one thing."""
    paths = [path for method, path, _ in permissions(document) if method == "GET"]
    for name, value in known.items():
        paths = [path.replace(f"{{{name}}}", value) for path in paths]
    return [("GET", path, "") for path in paths if "{" not in path]
