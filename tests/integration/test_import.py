"""Many providers at once, over the real socket."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session

from provd.schema.audit import Outcome
from provd.schema.events import EventType
from provd.services.importing.importer import BATCH
from provd.store import providers as stored_providers
from provd.store.errors import StoreError
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder

from .announced import announced

QUIET = {"enabled": False}
ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, running_daemon(folder) as running:
        yield running


async def send(
    daemon: RunningDaemon, *records: object, query: str = "", media: str = "x-ndjson"
) -> httpx.Response:
    text = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records)
    headers = {"Content-Type": f"application/{media}" if "/" not in media else media}
    return await daemon.http.post(f"/v1.0/import{query}", content=text.encode(), headers=headers)


async def names(daemon: RunningDaemon) -> set[str]:
    return {each.name for each in await daemon.client.all_providers()}


async def test_each_line_is_created_updated_or_left_and_every_failure_has_its_number(
    daemon: RunningDaemon,
) -> None:
    first = await send(daemon, {"id": ID, "name": "A", "hostname": "192.0.2.1", **QUIET})
    assert first.json() == {
        "created": 1, "updated": 0, "unchanged": 0, "failed": [], "failed_total": 0, "dry_run": False,
        "warnings": [], "warnings_total": 0, "changes": [],
        "routes": {"created": 0, "updated": 0, "unchanged": 0},
    }  # fmt: skip
    report = (
        await send(
            daemon,
            {"id": ID, "detail": "changed"},
            {"name": "B", "hostname": "192.0.2.2", **QUIET},
            {"name": "", "hostname": "192.0.2.3"},
            {"name": "no host"},
            {"name": "C", "hostname": "192.0.2.4", "tec_prefix": "1"},
            {"id": "seven", "name": "D", "hostname": "192.0.2.5"},
            {"id": ID, "detail": "again"},
            "{",
        )
    ).json()
    assert (report["created"], report["updated"], report["unchanged"]) == (1, 1, 0)
    failed = {each["line"]: each["message"] for each in report["failed"]}
    assert set(failed) == {3, 4, 5, 6, 7, 8}
    assert failed[3] == "name is empty: give some text"
    assert "hostname" in failed[4]
    assert "tec_prefix is not a known field" in failed[5]
    assert failed[6] == "id is not a UUID"
    assert "earlier line" in failed[7]
    changed = await daemon.client.provider(ID)
    assert (changed.detail, changed.name, changed.revision) == ("changed", "A", 2)
    again = await send(daemon, {"id": ID, "detail": "changed"})
    assert again.json()["unchanged"] == 1
    assert (await daemon.client.provider(ID)).revision == 2


async def test_a_dry_run_counts_and_changes_nothing(daemon: RunningDaemon) -> None:
    report = await send(daemon, {"name": "A", "hostname": "192.0.2.1"}, {"name": "B"}, query="?dry_run=true")
    assert report.json()["created"] == 1
    assert report.json()["failed_total"] == 1
    assert report.json()["dry_run"] is True
    assert await names(daemon) == set()


async def test_what_the_api_lists_can_be_imported_elsewhere(daemon: RunningDaemon) -> None:
    await daemon.add("192.0.2.1", name="A", tags=["x"], tech_headers={"X-A": "1"}, **QUIET)
    page = (await daemon.http.get("/v1.0/providers")).text
    assert (await send(daemon, page, media="json")).json()["unchanged"] == 1
    async with temporary_folder() as folder, running_daemon(folder) as other:
        assert (await send(other, page, media="json")).json()["created"] == 1
        (there,) = await other.client.all_providers()
        (here,) = await daemon.client.all_providers()
        assert (there.id, there.name, there.tags, there.tech_headers) == (
            here.id, here.name, here.tags, here.tech_headers,
        )  # fmt: skip


async def test_csv_is_taken_too_and_a_body_over_a_mebibyte(daemon: RunningDaemon) -> None:
    rows = [f"carrier {number},192.0.2.{number % 250 + 1},false,{'x' * 400}" for number in range(3000)]
    text = "\n".join(["name,hostname,enabled,detail", *rows])
    answer = await daemon.http.post(
        "/v1.0/import?format=csv", content=text.encode(), headers={"Content-Type": "text/plain"}
    )
    assert answer.json()["created"] == 3000
    assert len(await names(daemon)) == 3000


@pytest.mark.parametrize(
    ("media", "query", "body", "field"),
    [
        ("text/plain", "", b"", "Content-Type"),
        ("text/csv", "?format=xml", b"", "format"),
        ("application/json", "", b"{", "body"),
        ("text/csv", "", b"a,b\n", "body"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    daemon: RunningDaemon, media: str, query: str, body: bytes, field: str
) -> None:
    answer = await daemon.http.post(f"/v1.0/import{query}", content=body, headers={"Content-Type": media})
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["field"] == field


async def test_an_import_is_one_event_and_its_providers_are_checked(daemon: RunningDaemon) -> None:
    await send(daemon, *({"name": f"p{n}", "hostname": f"127.0.0.{n + 1}:9"} for n in range(20)))
    status = await daemon.client.status()
    assert status.monitor.targets == 20
    log = (await daemon.http.get("/v1.0/events/log")).json()["result"]
    (imported,) = [each for each in log if each["type"] == "providers.imported"]
    assert imported["data"]["created"] == 20
    assert not [each for each in log if each["type"] == "provider.created"]


async def test_an_import_that_breaks_off_is_an_event_about_what_it_had_done(daemon: RunningDaemon) -> None:
    lines = [json.dumps({"name": f"p{n}", "hostname": "192.0.2.1", **QUIET}) + "\n" for n in range(BATCH + 7)]
    head = "POST /v1.0/import?format=ndjson HTTP/1.1\r\nHost: provd\r\nContent-Length: 9999999\r\n\r\n"
    _, writer = await asyncio.open_unix_connection(str(daemon.socket))
    writer.write("".join([head, *lines]).encode())
    await writer.drain()
    await eventually(daemon.client.all_providers, lambda found: len(found) == BATCH)
    writer.close()
    (event,) = await announced(daemon, EventType.PROVIDERS_IMPORTED, at_least=1)
    assert (event.data["created"], event.data["updated"]) == (BATCH, 0)


async def test_an_import_whose_second_batch_can_not_be_kept_tells_of_the_first(
    daemon: RunningDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provd.services.importing.importer.BATCH", 2)
    kept, insert_many = list[int](), stored_providers.insert_many

    def insert_some(session: Session, rows: Sequence[dict[str, Any]]) -> None:
        if kept:
            raise StoreError("the disk is full")
        insert_many(session, rows)
        kept.append(len(rows))

    monkeypatch.setattr(stored_providers, "insert_many", insert_some)
    answer = await send(daemon, *({"name": f"p{n}", "hostname": "192.0.2.1", **QUIET} for n in range(5)))
    assert answer.status_code == 503
    assert await names(daemon) == {"p0", "p1"}
    (event,) = await announced(daemon, EventType.PROVIDERS_IMPORTED, at_least=1)
    assert event.data["created"] == 2
    entries = (await daemon.client.audit(filters={"action": "import"})).result
    assert [each.outcome for each in entries] == [Outcome.BEGUN]


async def test_an_import_that_breaks_off_before_it_changed_anything_is_no_event(
    daemon: RunningDaemon,
) -> None:
    answer = await daemon.http.post(
        "/v1.0/import", content=b"name;hostname\rx;y\r", headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 400
    log = (await daemon.http.get("/v1.0/events/log")).json()["result"]
    assert "providers.imported" not in {each["type"] for each in log}


async def test_a_deleted_providers_id_is_not_taken_again(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", **QUIET)
    await daemon.client.delete_provider(added.id)
    report = await send(daemon, {"id": added.id, "name": "A", "hostname": "192.0.2.1"})
    assert "deleted" in report.json()["failed"][0]["message"]


async def test_what_changes_is_shown_however_much_stays_as_it_is(daemon: RunningDaemon) -> None:
    records = [
        {"id": f"{number:08x}-2222-4333-8444-555555555555", "name": f"n{number}", "hostname": "192.0.2.1"}
        for number in range(1200)
    ]
    await send(daemon, *({**each, **QUIET} for each in records))
    changed = [*records[:-1], {**records[-1], "detail": "new"}]
    report = (await send(daemon, *changed, query="?dry_run=true")).json()
    assert (report["unchanged"], report["updated"]) == (1199, 1)
    assert [each["became"] for each in report["changes"]] == ["unchanged"] * 100 + ["updated"]
