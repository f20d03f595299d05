"""The audit log over the socket: who changed what, who was refused, and that it is as it was written."""

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from provd.client import ApiError
from provd.schema.audit import AuditEntry, Outcome
from provd.schema.events import EventType
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.route import RouteCreate
from provd.schema.timestamps import from_timestamp
from provd.services.actor import Actor
from provd.services.audit import AuditService
from provd.services.refusal_bound import OF_ONE
from provd.store.audit import AuditFilter
from provd.store.backup import back_up
from provd.store.engine import Store
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.new_store import make_store

from .test_access import ACCESS, ADMIN, NOBODY, OPERATOR, VIEWER, ask_as
from .test_api_providers import BODY

QUIET = {"probe": {"enabled": False}}
EVERYTHING = AuditFilter()


async def entries(daemon: RunningDaemon, **filters: str) -> list[AuditEntry]:
    """Oldest first."""
    return (await daemon.client.audit(page_size=1000, filters=filters)).result[::-1]


async def actions(daemon: RunningDaemon, **filters: str) -> list[str]:
    return [each.action for each in await entries(daemon, **filters)]


async def test_every_change_is_a_line_with_who_and_what(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", "Acme", **QUIET)
    path = f"/v1.0/providers/{added.id}"
    headers = {"X-Request-Id": "mine-1"}
    await daemon.http.patch(path, json={"name": "Acme EU", "detail": "d"}, headers=headers)
    await daemon.http.patch(path, json={"name": "Acme EU"})  # changes nothing: no line
    await daemon.http.put(path, json=BODY)
    await daemon.client.set_maintenance(added.id, MaintenanceRequest(reason="new SBC"))
    await daemon.client.lift_maintenance(added.id)
    route = await daemon.client.create_route(RouteCreate(name="uk", provider_id=added.id))
    await daemon.client.patch_route(route.id, {"weight": 3})
    await daemon.client.delete_provider(added.id, cascade=True)
    found = await entries(daemon)
    assert [each.action for each in found] == [
        "provider.create",
        "provider.update",
        "provider.update",
        "maintenance.set",
        "maintenance.lift",
        "route.create",
        "route.update",
        "route.delete",
        "provider.delete",
    ]
    assert [each.seq for each in found] == list(range(1, 10))
    change = found[1]
    assert (change.uid, change.pid, change.role) == (os.geteuid(), os.getpid(), "admin")
    assert (change.method, change.request_id) == ("PATCH", "mine-1")
    assert (change.kind, change.object_id, change.name) == ("provider", added.id, "Acme EU")
    assert (change.revision, change.outcome) == (2, Outcome.DONE)
    assert change.before == {"name": "Acme", "detail": ""}
    assert change.after == {"name": "Acme EU", "detail": "d"}
    assert (found[0].before, (found[0].after or {})["hostname"]) == (None, "192.0.2.1")
    assert ((found[8].before or {})["name"], found[8].after) == ("test domain", None)
    maintenance = (found[3].after or {})["maintenance"]
    assert (found[3].before, maintenance["reason"]) == ({"maintenance": None}, "new SBC")
    assert (found[6].before, found[6].after) == ({"weight": 1}, {"weight": 3})
    assert await daemon.client.audit_entry(2) == change
    with pytest.raises(ApiError, match="no entry 99"):
        await daemon.client.audit_entry(99)


async def test_a_change_that_is_refused_for_its_content_leaves_no_line(daemon: RunningDaemon) -> None:
    assert (await daemon.http.post("/v1.0/providers", json={"name": "x"})).status_code == 400
    added = await daemon.add("192.0.2.1", **QUIET)
    with pytest.raises(ApiError, match="revision 1"):
        await daemon.client.patch_provider(added.id, {"name": "b"}, revision=7)
    assert await actions(daemon) == ["provider.create"]


async def test_a_post_that_is_repeated_by_its_key_is_one_line(daemon: RunningDaemon) -> None:
    for _ in range(2):
        await daemon.http.post("/v1.0/providers", json=BODY, headers={"Idempotency-Key": "k"})
    assert await actions(daemon) == ["provider.create"]


async def test_header_values_are_in_no_line(daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", tech_headers={"X-Key": "s3cret"}, **QUIET)
    await daemon.client.patch_provider(added.id, {"tech_headers": {"X-Key": "t0psecret"}})
    await daemon.client.delete_provider(added.id)
    found = await entries(daemon)
    assert (found[1].before, found[1].after) == (
        {"tech_headers": {"X-Key": "***"}},
        {"tech_headers": {"X-Key": "***"}},
    )
    log = (await daemon.http.get("/v1.0/events/log?page_size=1000")).text
    for secret in ("s3cret", "t0psecret"):
        assert secret not in log
        assert secret not in (await daemon.http.get("/v1.0/audit")).text


async def test_an_import_is_two_lines_whatever_its_length(daemon: RunningDaemon) -> None:
    lines = "".join(
        json.dumps({"name": f"n{number}", "hostname": f"192.0.2.{number % 250}", **QUIET}) + "\n"
        for number in range(600)
    )
    sent = {"content": lines + "{}\n", "headers": {"Content-Type": "application/x-ndjson"}}
    await daemon.http.post("/v1.0/import?dry_run=true", **sent)
    await daemon.http.post("/v1.0/import", **sent)
    begun, done = await entries(daemon)
    assert (begun.action, begun.outcome, begun.name) == ("import", Outcome.BEGUN, "ndjson")
    assert (done.action, done.outcome, done.object_id) == ("import", Outcome.DONE, begun.object_id)
    assert done.after == {
        "created": 600,
        "updated": 0,
        "unchanged": 0,
        "failed": 1,
        "routes": {"created": 0, "updated": 0, "unchanged": 0},
    }


async def test_pages_lose_and_repeat_nothing(daemon: RunningDaemon) -> None:
    for number in range(7):
        await daemon.add("192.0.2.1", str(number), **QUIET)
    seen: list[int] = []
    token = ""
    while True:
        page = await daemon.client.audit(page_size=3, page_token=token)
        seen += [each.seq for each in page.result]
        token = page.next_page_token
        if not token:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert (await daemon.http.get("/v1.0/audit?page_token=x")).status_code == 400


async def test_lines_are_found_by_object_user_action_and_time(daemon: RunningDaemon) -> None:
    first, second = await daemon.add("192.0.2.1", "a", **QUIET), await daemon.add("192.0.2.2", "b", **QUIET)
    await daemon.client.patch_provider(first.id, {"detail": "moved to Frankfurt"})
    assert len(await entries(daemon, object_id=first.id)) == 2
    assert len(await entries(daemon, object_id=second.id)) == 1
    assert await actions(daemon, q="frankfurt") == ["provider.update"]
    assert await actions(daemon, action="provider.up") == ["provider.update"]
    assert len(await entries(daemon, user=str(os.geteuid()))) == 3
    assert await entries(daemon, user="nobody-of-that-name") == []
    at = (await entries(daemon))[1].at
    assert [each.seq for each in await entries(daemon, **{"from": at})] == [2, 3]
    assert [each.seq for each in await entries(daemon, to=at)] == [1]
    assert (await daemon.http.get("/v1.0/audit?from=yesterday")).status_code == 400


async def test_each_line_is_a_durable_event(daemon: RunningDaemon) -> None:
    async with daemon.client.events(types=(EventType.AUDIT,)) as stream:
        hello = await anext(stream)
        await daemon.add("192.0.2.1", "Acme", **QUIET)
        event = await anext(stream)
    assert event.data == await daemon.client.audit_entry(1)
    assert event.seq is not None
    last_seq = hello.data.model_dump()["seq"]
    async with daemon.client.events(types=(EventType.AUDIT,), last_seq=last_seq) as stream:
        await anext(stream)
        assert await anext(stream) == event


async def test_anyone_can_recompute_a_hash_from_what_the_api_says(daemon: RunningDaemon) -> None:
    await daemon.add("192.0.2.1", "Zoë", **QUIET)
    entry: dict[str, Any] = (await daemon.http.get("/v1.0/audit/1")).json()
    given = entry.pop("hash")
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert hashlib.sha256(text.encode()).hexdigest() == given


async def test_a_log_as_it_was_written_verifies(daemon: RunningDaemon) -> None:
    empty = await daemon.client.verify_audit()
    assert (empty.ok, empty.checked, empty.first_seq, empty.last_seq) == (True, 0, 0, 0)
    for number in range(3):
        await daemon.add("192.0.2.1", str(number), **QUIET)
    found = await daemon.client.verify_audit()
    assert (found.ok, found.checked, found.first_seq, found.last_seq, found.seq) == (True, 3, 1, 3, None)
    assert found.last_hash == (await daemon.client.audit_entry(3)).hash


@pytest.mark.parametrize(
    ("edit", "seq"),
    [
        ("UPDATE audit SET user = 'somebody else' WHERE seq = 3", 3),
        ("UPDATE audit SET after = 'no JSON' WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("DELETE FROM audit", 1),
    ],
)
async def test_what_was_changed_in_a_copy_of_the_store_is_found(edit: str, seq: int) -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            for number in range(5):
                await daemon.add("192.0.2.1", str(number), **QUIET)
            copy = folder / "copy"
            back_up(daemon.state_dir, copy)
        with closing(sqlite3.connect(copy)) as connection, connection:
            for trigger in ("audit_no_change", "audit_no_removal"):
                connection.execute(f"DROP TRIGGER {trigger}")
            connection.execute(edit)
        store = Store(copy)
        found = await AuditService(store, None).verify()
        await store.close()
    assert (found.ok, found.seq) == (False, seq)


async def test_what_is_forgotten_for_its_age_leaves_a_log_that_verifies() -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            for number in range(3):
                await daemon.add("192.0.2.1", str(number), **QUIET)
            store = Store(daemon.state_dir / "provd.db")
            at = (await daemon.client.audit_entry(3)).at
        service = AuditService(store, 100.0)
        await service.forget(from_timestamp(at) + 100.0)
        found = await service.verify()
        kept = await service.list(EVERYTHING, 10, "")
        await store.close()
    assert [each.action for each in kept.result] == ["audit.forget", "provider.create"]
    assert (found.ok, found.first_seq, found.last_seq) == (True, 3, 4)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")
async def test_every_refused_attempt_is_a_line_and_each_role_reads_the_log() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as daemon:
            added = await daemon.add("192.0.2.1", **QUIET)
            path = f"/v1.0/providers/{added.id}"
            assert (await ask_as(daemon, NOBODY, "GET", "/v1.0/providers?token=s3cret"))[0] == 403
            assert (await ask_as(daemon, VIEWER, "PATCH", path, {"name": "x"}))[0] == 403
            assert (await ask_as(daemon, OPERATOR, "DELETE", path))[0] == 403
            refused = await entries(daemon, action="access.")
            assert [(each.uid, each.role, each.name, each.message) for each in refused] == [
                (NOBODY, "", "GET /v1.0/providers", "NO_ROLE"),
                (VIEWER, "viewer", f"PATCH {path}", "ROLE_TOO_LOW"),
                (OPERATOR, "operator", f"DELETE {path}", "ROLE_TOO_LOW"),
            ]
            assert {each.outcome for each in refused} == {Outcome.REFUSED}
            assert all(each.pid > 0 for each in refused)
            await ask_as(daemon, OPERATOR, "PUT", path + "/maintenance", {"reason": "x"})
            await ask_as(daemon, ADMIN, "PATCH", path, {"name": "y"})
            changes = await entries(daemon, outcome="done")
            assert [(each.uid, each.role) for each in changes[1:]] == [
                (OPERATOR, "operator"),
                (ADMIN, "admin"),
            ]
            for uid in (VIEWER, OPERATOR, ADMIN):
                code, answer = await ask_as(daemon, uid, "GET", "/v1.0/audit")
                assert (code, len(answer["result"])) == (200, 6)
            page = await daemon.http.get("/v1.0/status", headers={"Origin": "http://evil.example"})
            assert page.status_code == 403
            assert (await entries(daemon))[-1].message == "ORIGIN_REFUSED"
            assert (await daemon.client.verify_audit()).ok


async def test_a_flood_of_refused_calls_is_counted_and_not_written_down(tmp_path: Path) -> None:
    make_store(tmp_path / "provd.db")
    store = Store(tmp_path / "provd.db")
    service = AuditService(store, None)
    for _ in range(OF_ONE + 500):
        await service.refused(Actor(61005, "eve", 7, "", "GET"), "/v1.0/providers", "NO_ROLE")
    await service.flush()
    page = await service.list(EVERYTHING, 1000, "")
    await store.close()
    assert len(page.result) == OF_ONE + 1
    assert page.result[0].action == "access.left_out"
    assert page.result[0].after == {"left_out": 500}
