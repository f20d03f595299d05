"""``provctl audit``, ``undo``, ``revisions`` and ``restore``, as commands that people run."""

import json
from typing import Any

import pytest

from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.route import RouteCreate
from tests.fakes.daemon import RunningDaemon
from tests.fakes.programs import Programs

from .test_provctl import PROVCTL, Command, done, first_words, run, run_at_terminal

QUIET = {"enabled": False}


@pytest.fixture
def provctl(programs: Programs, daemon: RunningDaemon) -> Command:
    """Run provctl against the daemon."""

    async def against_the_daemon(*arguments: str, answer: str | None = None, **environment: str) -> Any:
        return await run(
            programs, PROVCTL, *arguments, answer=answer, PROVD_SOCKET=daemon.socket, **environment
        )

    return against_the_daemon


async def acme(daemon: RunningDaemon, **fields: Any) -> Provider:
    return await daemon.add("192.0.2.1", "Acme", **{"probe": QUIET, **fields})


async def test_the_log_is_listed_and_an_entry_shown(daemon: RunningDaemon, provctl: Command) -> None:
    added = await acme(daemon)
    await daemon.client.patch_provider(added.id, {"detail": "Zürich"})
    listed = await done(provctl("audit", "list"))
    assert first_words(listed) == ["NUMBER", "2", "1"]
    assert "provider.update" in listed
    assert first_words(await done(provctl("audit", "list", "--action", "provider.c"))) == ["NUMBER", "1"]
    assert first_words(await done(provctl("audit", "list", "--since", "1h", "-n", "1"))) == ["NUMBER", "2"]
    shown = await done(provctl("audit", "show", "2"))
    assert '- detail  ""' in shown
    assert '+ detail  "Zürich"' in shown
    entry = json.loads(await done(provctl("-o", "json", "audit", "show", "2")))
    assert entry["after"] == {"detail": "Zürich"}
    assert (await provctl("audit", "show", "9")).code == 4
    assert (await provctl("audit", "list", "--since", "yesterday")).code == 2


async def test_verify_exits_1_and_says_which_entry_somebody_changed(
    daemon: RunningDaemon, provctl: Command
) -> None:
    for _ in range(3):
        await acme(daemon)
    assert "entries 1 to 3 are as they were written" in await done(provctl("audit", "verify"))
    await daemon.edit_store("DROP TRIGGER audit_no_change", "UPDATE audit SET user = 'mallory' WHERE seq = 2")
    ended = await provctl("audit", "verify")
    assert (ended.code, "entry 2 is not as it was written" in ended.out) == (1, True)


async def test_undo_takes_back_a_change_a_deletion_and_an_addition(
    daemon: RunningDaemon, provctl: Command
) -> None:
    added = await acme(daemon, tech_headers={"X-Key": "s3cret"})
    await daemon.client.patch_provider(added.id, {"name": "other", "tech_headers": {}})
    await done(provctl("undo", "--yes"))
    back = await daemon.client.provider(added.id)
    assert (back.name, back.tech_headers, back.revision) == ("Acme", {"X-Key": "s3cret"}, 3)
    await done(provctl("undo", "--yes"))  # of the undoing
    assert (await daemon.client.provider(added.id)).name == "other"
    await daemon.client.delete_provider(added.id)
    await done(provctl("undo", "--yes"))
    assert (await daemon.client.provider(added.id)).name == "other"
    second = await daemon.add("192.0.2.2", "second", probe=QUIET)
    assert "deleted" in await done(provctl("undo", "--yes"))
    assert [each.id for each in await daemon.client.all_providers()] == [added.id]
    assert (await daemon.client.revisions(second.id)).result[0].action == "provider.delete"


async def test_undo_of_a_provider_deleted_with_its_routes_brings_those_back_too(
    daemon: RunningDaemon, provctl: Command
) -> None:
    added = await acme(daemon)
    for name in ("uk", "all"):
        await daemon.client.create_route(RouteCreate(name=name, provider_id=added.id))
    await daemon.client.delete_provider(added.id, cascade=True)
    await done(provctl("undo", "--yes"))
    assert {each.name for each in await daemon.client.all_routes()} == {"uk", "all"}


async def test_undo_of_routes_and_of_maintenance(daemon: RunningDaemon, provctl: Command) -> None:
    added = await acme(daemon)
    route = await daemon.client.create_route(RouteCreate(name="uk", provider_id=added.id))
    await daemon.client.patch_route(route.id, {"weight": 9})
    await done(provctl("undo", "--yes"))
    assert (await daemon.client.route(route.id)).weight == 1
    await daemon.client.delete_route(route.id)
    await done(provctl("undo", "--yes"))
    assert (await daemon.client.route(route.id)).name == "uk"
    await done(provctl("undo", "--yes"))
    assert await daemon.client.all_routes() == []
    await daemon.client.set_maintenance(added.id, MaintenanceRequest(reason="new SBC"))
    await done(provctl("undo", "--yes"))
    assert (await daemon.client.provider(added.id)).maintenance is None
    await done(provctl("undo", "--yes"))
    maintenance = (await daemon.client.provider(added.id)).maintenance
    assert maintenance is not None
    assert maintenance.reason == "new SBC"
    await daemon.client.set_maintenance(added.id, MaintenanceRequest(reason="another"))
    ended = await provctl("undo", "9", "--yes")
    assert (ended.code, "was changed" in ended.err) == (6, True)


async def test_undo_refuses_what_has_moved_on_and_what_it_cannot_do(
    daemon: RunningDaemon, provctl: Command
) -> None:
    ended = await provctl("undo", "--yes")
    assert (ended.code, "changed nothing" in ended.err) == (4, True)
    added = await acme(daemon)
    await daemon.client.patch_provider(added.id, {"name": "b"})
    await daemon.client.patch_provider(added.id, {"name": "c"})
    for number in ("1", "2"):
        ended = await provctl("undo", number, "--yes")
        assert (ended.code, "moved on" in ended.err) == (6, True)
    await daemon.client.delete_provider(added.id)
    ended = await provctl("undo", "1", "--yes")
    assert (ended.code, "moved on" in ended.err) == (6, True)
    assert (await provctl("undo", "99", "--yes")).code == 4
    sent = {"content": '{"name": "x", "hostname": "192.0.2.3", "probe": {"enabled": false}}'}
    await daemon.http.post("/v1.0/import?format=ndjson", **sent)
    ended = await provctl("undo", "--yes")
    assert (ended.code, "not undone as a whole" in ended.err) == (6, True)


async def test_undo_asks_first(daemon: RunningDaemon, programs: Programs) -> None:
    added = await acme(daemon)
    await daemon.client.patch_provider(added.id, {"name": "b"})
    ended = await run_at_terminal(programs, "undo", typed="n\n", PROVD_SOCKET=daemon.socket)
    assert (ended.code, "provider.update b" in ended.err) == (1, True)
    assert (await daemon.client.provider(added.id)).name == "b"
    await run_at_terminal(programs, "undo", typed="y\n", PROVD_SOCKET=daemon.socket)
    assert (await daemon.client.provider(added.id)).name == "Acme"


async def test_revisions_are_listed_and_restored_by_name_of_a_deleted_provider_too(
    daemon: RunningDaemon, provctl: Command
) -> None:
    added = await acme(daemon)
    await daemon.client.patch_provider(added.id, {"detail": "moved"})
    listed = await done(provctl("providers", "revisions", "Acme"))
    assert first_words(listed) == ["REVISION", "2", "1"]
    assert 'detail="moved"' in listed
    await done(provctl("providers", "restore", "Acme", "1", "--yes"))
    assert (await daemon.client.provider(added.id)).detail == ""
    await daemon.client.delete_provider(added.id)
    assert first_words(await done(provctl("providers", "revisions", "Acme")))[1] == "4"
    await done(provctl("providers", "restore", "Acme", "2", "--yes"))
    assert (await daemon.client.provider(added.id)).detail == "moved"
    assert (await provctl("providers", "revisions", "nobody")).code == 4
    assert (await provctl("providers", "restore", "Acme", "77", "--yes")).code == 4


async def test_routes_have_the_same(daemon: RunningDaemon, provctl: Command) -> None:
    added = await acme(daemon)
    route = await daemon.client.create_route(RouteCreate(name="uk", provider_id=added.id))
    await daemon.client.patch_route(route.id, {"weight": 9})
    assert first_words(await done(provctl("routes", "revisions", "uk"))) == ["REVISION", "2", "1"]
    await daemon.client.delete_route(route.id)
    await done(provctl("routes", "restore", "uk", "1", "--yes"))
    assert (await daemon.client.route(route.id)).weight == 1
