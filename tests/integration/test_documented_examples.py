"""Every curl example of the document that this implements, run with curl against the socket."""

import asyncio
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provd.demo.carriers.server import serving
from provd.demo.carriers.telnyx import FakeTelnyx
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .test_api_providers import DOCUMENTED

DOCUMENT = Path(
    os.environ.get("PROVD_REFERENCE", Path(__file__).parents[3] / "shared" / "reference" / "provider-api.txt")
)
EXAMPLE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

pytestmark = [
    pytest.mark.skipif(not DOCUMENT.exists(), reason=f"the provider document is not at {DOCUMENT}"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed (Debian package curl)"),
]


@dataclass(frozen=True)
class Example:
    method: str
    path: str
    body: str | None


def examples() -> list[Example]:
    found = []
    for command in DOCUMENT.read_text().split("$ curl ")[1:]:
        method, url = re.search(r"--request (\w+) '([^']+)'", command).groups()  # type: ignore[union-attr]
        body = re.search(r"--data-raw '([^']*)'", command.split("Response")[0])
        found.append(Example(method, url.partition("voipbin.net")[2], body[1] if body else None))
    return found


async def curl(daemon: RunningDaemon, example: Example, provider_id: str) -> dict[str, Any]:
    path = EXAMPLE_ID.sub(provider_id, example.path).replace("<", "%3C").replace(">", "%3E")
    data = ["--header", "Content-Type: application/json", "--data-raw", example.body] if example.body else []
    process = await asyncio.create_subprocess_exec(
        "curl", "-sk", "--unix-socket", str(daemon.socket), "--location", "--request", example.method,
        f"http://provd{path}", *data, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    return dict(json.loads(output))


async def test_the_examples_give_the_documented_fields_and_values(daemon: RunningDaemon) -> None:
    todo = [example for example in examples() if "/setup" not in example.path]
    assert [(each.method, each.path.partition("?")[0].count("/")) for each in todo] == [
        ("GET", 2),
        ("GET", 3),
        ("POST", 2),
        ("PUT", 3),
        ("DELETE", 3),
    ]
    listing, detail, create, update, delete = todo
    assert create.body is not None
    assert update.body is not None

    created = await curl(daemon, create, "")
    assert set(created) >= DOCUMENTED
    assert json.loads(create.body).items() <= created.items()
    assert created["health_status"] == "unknown"
    assert created["tm_delete"] == "9999-01-01 00:00:00.000000"

    listed = await curl(daemon, listing, "")
    assert set(listed) == {"result", "next_page_token"}
    assert [each["id"] for each in listed["result"]] == [created["id"]]

    read = await curl(daemon, detail, created["id"])
    assert set(read) >= DOCUMENTED
    assert read["id"] == created["id"]

    updated = await curl(daemon, update, created["id"])
    assert json.loads(update.body).items() <= updated.items()
    assert updated["tm_update"] > created["tm_update"]
    assert (updated["health_status"], updated["health_checked_at"]) == ("unknown", None)

    deleted = await curl(daemon, delete, created["id"])
    assert deleted["id"] == created["id"]
    assert deleted["tm_delete"] != "9999-01-01 00:00:00.000000"
    gone = await curl(daemon, detail, created["id"])
    assert gone["error"]["status"] == "NOT_FOUND"


async def test_the_setup_example_gives_a_provider_with_its_trunk() -> None:
    (example,) = [each for each in examples() if "/setup" in each.path]
    assert example.body is not None
    said = json.loads(example.body)
    account = FakeTelnyx(said["credentials"]["api_key"])
    async with (
        temporary_folder() as folder,
        serving({"telnyx": account}) as address,
        running_daemon(
            folder,
            platform={"sip_gateways": ["203.0.113.10:5060"]},
            carriers={"telnyx": {"base_url": f"{address}/telnyx/v2"}},
            keyring={"backend": "file"},
        ) as daemon,
    ):
        made = await curl(daemon, example, "")
        assert set(made) >= DOCUMENTED
        assert (made["name"], made["detail"], made["hostname"], made["type"]) == (
            said["name"],
            said["detail"],
            "sip.telnyx.com",
            "sip",
        )
        assert {thing["id"] for thing in account.made} == {
            made["metadata"]["telnyx_profile_id"],
            made["metadata"]["telnyx_connection_id"],
            *made["metadata"]["telnyx_ip_ids"],
        }
