"""Every state that a provider or a route was in, and back to it."""

import os
import sqlite3
from contextlib import closing
from typing import Any

import httpx
import pytest

from provd.client import ApiError
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.revision import Revision
from provd.schema.route import RouteCreate
from provd.store.tables import RevisionRow
from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder

from .announced import announced
from .conftest import StartCarrier
from .test_access import ACCESS, ADMIN, OPERATOR, VIEWER, ask_as
from .test_checks import is_healthy

QUIET = {"probe": {"enabled": False}}


async def acme(daemon: RunningDaemon, **fields: Any) -> Provider:
    return await daemon.add("192.0.2.1", "Acme", **{**QUIET, **fields})


async def revisions(daemon: RunningDaemon, provider_id: str) -> list[Revision]:
    return (await daemon.client.revisions(provider_id)).result


def refused(error: pytest.ExceptionInfo[ApiError]) -> tuple[int, str]:
    return error.value.http_code, error.value.body.reason


async def test_each_change_is_a_revision_with_who_made_it(daemon: RunningDaemon) -> None:
    added = await acme(daemon)
    await daemon.client.patch_provider(added.id, {"name": "Acme EU", "tags": ["eu"]})
    await daemon.client.delete_provider(added.id)
    found = await revisions(daemon, added.id)
    assert [(each.revision, each.action) for each in found] == [
        (3, "provider.delete"),
        (2, "provider.update"),
        (1, "provider.create"),
    ]
    assert {each.uid for each in found} == {os.geteuid()}
    assert [each.fields["name"] for each in found] == ["Acme EU", "Acme EU", "Acme"]
    assert found[0].fields["tags"] == ["eu"]


async def test_an_earlier_revision_comes_back_as_a_new_one(daemon: RunningDaemon) -> None:
    added = await acme(daemon, detail="first", tech_prefix="9")
    await daemon.client.patch_provider(added.id, {"name": "other", "detail": "", "tech_prefix": ""})
    back = await daemon.client.restore_provider(added.id, 1, revision=2)
    assert (back.name, back.detail, back.tech_prefix, back.revision) == ("Acme", "first", "9", 3)
    assert [each.revision for each in await revisions(daemon, added.id)] == [3, 2, 1]
    (entry, *_) = (await daemon.client.audit()).result
    assert (entry.action, entry.revision) == ("provider.restore", 3)
    assert (entry.before or {})["name"] == "other"
    again = await daemon.client.restore_provider(added.id, 1)
    assert again.revision == 3, "it is as revision 1 says: nothing changes"


async def test_a_restore_is_guarded_by_the_revision(daemon: RunningDaemon) -> None:
    added = await acme(daemon)
    await daemon.client.patch_provider(added.id, {"name": "b"})
    with pytest.raises(ApiError) as error:
        await daemon.client.restore_provider(added.id, 1, revision=1)
    assert refused(error) == (412, "REVISION_MISMATCH")


async def test_a_deleted_provider_is_there_again_and_watched(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add(hostname, "Acme")
    await daemon.until(added.id, is_healthy)
    route = await daemon.client.create_route(RouteCreate(name="all", provider_id=added.id))
    await daemon.client.delete_provider(added.id, cascade=True)
    with pytest.raises(ApiError) as error:
        await daemon.client.restore_route(route.id, 1)
    assert refused(error) == (409, "PROVIDER_GONE")
    back = await daemon.client.restore_provider(added.id, 2, revision=2)
    assert (back.id, back.revision, back.tm_create) == (added.id, 3, added.tm_create)
    assert (back.health_status.value, back.health_checked_at) == ("unknown", None)
    await daemon.until(added.id, is_healthy)
    created = await announced(daemon, EventType.PROVIDER_CREATED, added.id)
    assert len(created) == 2
    restored = await daemon.client.restore_route(route.id, 1, revision=2)
    assert (restored.revision, restored.provider_id) == (3, added.id)
    assert [each.id for each in await daemon.client.all_routes()] == [route.id]
    actions = [each.action for each in (await daemon.client.audit()).result]
    assert actions[:2] == ["route.undelete", "provider.undelete"]


async def test_a_hostname_that_is_restored_begins_with_unknown_health(
    daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add("192.0.2.1", "Acme", probe={"interval_s": 60})
    await daemon.client.patch_provider(added.id, {"hostname": hostname, "probe": {"interval_s": 1}})
    await daemon.until(added.id, is_healthy)
    back = await daemon.client.restore_provider(added.id, 1)
    assert (back.hostname, back.health_status.value, back.health_checked_at) == (
        "192.0.2.1",
        "unknown",
        None,
    )


async def test_what_is_not_there_is_said(daemon: RunningDaemon) -> None:
    added = await acme(daemon)
    nobody = "00000000-0000-4000-8000-000000000000"
    for call, reason in (
        (daemon.client.restore_provider(added.id, 7), "REVISION_NOT_FOUND"),
        (daemon.client.restore_provider(nobody, 1), "PROVIDER_NOT_FOUND"),
        (daemon.client.revisions(nobody), "PROVIDER_NOT_FOUND"),
        (daemon.client.restore_route(nobody, 1), "ROUTE_NOT_FOUND"),
        (daemon.client.route_revisions(nobody), "ROUTE_NOT_FOUND"),
    ):
        with pytest.raises(ApiError) as error:
            await call  # type: ignore[attr-defined]
        assert refused(error) == (404, reason)
    path = f"/v1.0/providers/{added.id}/revisions"
    answers: list[httpx.Response] = [
        await daemon.http.post(f"{path}/0/restore"),
        await daemon.http.post(f"{path}/x/restore"),
        await daemon.http.get(f"{path}?page_token=x"),
        await daemon.http.get("/v1.0/routes/seven/revisions"),
    ]
    assert [each.status_code for each in answers] == [400] * 4


async def test_pages_lose_and_repeat_nothing(daemon: RunningDaemon) -> None:
    added = await acme(daemon)
    for number in range(6):
        await daemon.client.patch_provider(added.id, {"detail": str(number)})
    seen: list[int] = []
    token = ""
    while True:
        page = await daemon.client.revisions(added.id, page_size=3, page_token=token)
        seen += [each.revision for each in page.result]
        token = page.next_page_token
        if not token:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_routes_have_revisions_too(daemon: RunningDaemon) -> None:
    first = await acme(daemon)
    route = await daemon.client.create_route(RouteCreate(name="uk", provider_id=first.id, target="+44"))
    await daemon.client.patch_route(route.id, {"name": "gb", "weight": 9})
    back = await daemon.client.restore_route(route.id, 1, revision=2)
    assert (back.name, back.weight, back.revision) == ("uk", 1, 3)
    found = (await daemon.client.route_revisions(route.id)).result
    assert [(each.revision, each.action) for each in found] == [
        (3, "route.restore"),
        (2, "route.update"),
        (1, "route.create"),
    ]


async def test_what_was_imported_has_its_revisions(daemon: RunningDaemon) -> None:
    headers = {"Content-Type": "application/json"}
    record = {"id": "11111111-2222-4333-8444-555555555555", "name": "A", "hostname": "192.0.2.1", **QUIET}
    for name in ("A", "B"):
        body = {"result": [{**record, "name": name}]}
        answer = await daemon.http.post("/v1.0/import", json=body, headers=headers)
        assert answer.json()["failed"] == []
    found = await revisions(daemon, str(record["id"]))
    assert [(each.revision, each.action, each.fields["name"]) for each in found] == [
        (2, "import", "B"),
        (1, "import", "A"),
    ]


async def test_a_record_from_before_there_were_revisions_has_what_it_is_and_keeps_it() -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            added = await acme(daemon)
        with closing(sqlite3.connect(folder / "state" / "provd.db")) as connection, connection:
            connection.execute(f"DELETE FROM {RevisionRow.__tablename__}")
        async with running_daemon(folder) as daemon:
            (now,) = await revisions(daemon, added.id)
            assert (now.revision, now.uid, now.action, now.fields["name"]) == (1, None, "", "Acme")
            await daemon.client.patch_provider(added.id, {"name": "b"})
            found = await revisions(daemon, added.id)
            assert [(each.revision, each.action) for each in found] == [(2, "provider.update"), (1, "")]
            assert (await daemon.client.restore_provider(added.id, 1)).name == "Acme"


async def test_a_revision_that_todays_rules_refuse_is_not_restored() -> None:
    async with temporary_folder() as folder, running_daemon(folder) as daemon:
        added = await acme(daemon)
        await daemon.client.patch_provider(added.id, {"name": "b"})
        await daemon.edit_store(
            "UPDATE revision SET fields = json_set(fields, '$.hostname', 'no host') WHERE revision = 1"
        )
        with pytest.raises(ApiError, match="hostname") as error:
            await daemon.client.restore_provider(added.id, 1)
        assert refused(error) == (409, "REVISION_INVALID")
        assert [each.field for each in error.value.details] == ["hostname"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to connect as other users")
async def test_viewers_read_stars_and_admins_alone_restore() -> None:
    async with temporary_folder() as folder:
        folder.chmod(0o755)
        async with running_daemon(folder, access=ACCESS, daemon={"socket_mode": "0666"}) as daemon:
            added = await acme(daemon, tech_headers={"X-Key": "s3cret"})
            await daemon.client.patch_provider(added.id, {"name": "b"})
            path = f"/v1.0/providers/{added.id}/revisions"
            shown = {}
            for uid in (VIEWER, OPERATOR):
                _, answer = await ask_as(daemon, uid, "GET", path)
                shown[uid] = answer["result"][0]["fields"]["tech_headers"]
            assert shown == {VIEWER: {"X-Key": "***"}, OPERATOR: {"X-Key": "s3cret"}}
            codes = [
                (await ask_as(daemon, uid, "POST", path + "/1/restore"))[0]
                for uid in (VIEWER, OPERATOR, ADMIN)
            ]
            assert codes == [403, 403, 200]
