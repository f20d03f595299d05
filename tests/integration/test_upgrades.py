"""From every schema there ever was to the newest one: everything is there, or all is as it was."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from provd.probe.rollup import Rollup
from provd.services.history.reader import HistoryReader
from provd.store import alerts, audit, calls, migrations, providers, routes, setups, transitions
from provd.store.audit_chain import Link
from provd.store.engine import Store
from provd.store.errors import StoreOpenError
from provd.store.migrate import alembic_config, current_version, migrate
from tests.fakes.daemon import running_daemon, temporary_folder
from tests.fakes.disks import fill as fill_disk
from tests.fakes.disks import small_disk
from tests.fakes.measuring import HOUR, Fleet
from tests.fakes.stores import MINUTES, PROVIDER, ROUTE, SECRET, SETUP, as_of, contents, fill

VERSIONS = [each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]
OLDER = VERSIONS[:-1]
ADDED = {"maintenance_until": None, "maintenance_reason": "", "maintenance_by": ""} | dict.fromkeys(
    ("tls_not_after", "tls_threshold", "balance", "balance_at", "addresses", "resolved_at")
)
"""What a record of before a column was there has in it."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "filled.db"
    asyncio.run(fill(path))
    return path


def test_every_version_is_tried() -> None:
    assert VERSIONS[0] == "0001"
    assert VERSIONS[-1] == migrations.HEAD


def test_each_table_has_something_in_it(filled: Path) -> None:
    empty = {name for name, rows in contents(filled).items() if not rows}
    assert empty == {"audit_anchor"}  # it has a row once lines were forgotten


@pytest.mark.parametrize("version", VERSIONS)
async def test_each_row_of_each_table_is_there_after_the_upgrade(
    filled: Path, tmp_path: Path, version: str
) -> None:
    path = tmp_path / "provd.db"
    as_of(version, filled, path)
    before = contents(path)
    assert current_version(path) == version

    migrate(path)

    assert current_version(path) == migrations.HEAD
    after = contents(path)
    for table, rows in before.items():
        for was, now in zip(rows, after[table], strict=True):
            if table != "alembic_version":
                assert now == {**{name: ADDED[name] for name in now if name not in was}, **was}
    with closing(sqlite3.connect(path)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("version", VERSIONS)
async def test_this_version_reads_what_an_older_one_wrote(filled: Path, tmp_path: Path, version: str) -> None:
    path = tmp_path / "provd.db"
    as_of(version, filled, path)
    migrate(path)
    fleet = Fleet(path)
    store = fleet.store
    try:
        found = store.read_now(providers.get, PROVIDER)
        assert found is not None
        row, health = found
        assert (row.name, row.tech_headers, row.tags, row.revision) == ("Telnyx", SECRET, ["eu"], 1)
        assert health is not None
        assert (health.status, health.rtt_ms) == ("healthy", 1.5)
        if version >= "0002":
            assert await _checks(fleet) == MINUTES + 1
            assert [each.status for each in store.read_now(transitions.newest, PROVIDER, 9)] == ["healthy"]
        if version >= "0003":
            setup = store.read_now(setups.of_provider, PROVIDER)
            assert setup is not None
            assert (setup.setup.id, len(setup.steps), setup.credential is not None) == (SETUP, 1, True)
        if version >= "0004":
            route = store.read_now(routes.get, ROUTE)
            assert route is not None
            assert (route.target, route.weight) == ("+44", 3)
        if version >= "0005":
            walked = store.read_now(audit.walk, Link(), 99)
            assert (walked.seen, walked.broken) == (2, None)
        if version >= "0006":
            (alert,) = store.read_now(alerts.unresolved)
            assert [each.provider_id for each in alert.members] == [PROVIDER]
        if version >= "0007":
            (call,) = store.read_now(calls.between, PROVIDER, 0, 1, outbound=True)
            assert call.code == 200
    finally:
        await store.close()


async def _checks(fleet: Fleet) -> int:
    (number,) = fleet.keeper.roster.numbers(PROVIDER).values()
    found = await HistoryReader(fleet.store, fleet.keeper.roster).read(number, HOUR, HOUR + 4, minutes=False)
    total = Rollup()
    for _, encoded in found.by_hour():
        total.merge_encoded(encoded)
    return total.count


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_daemon_starts_on_what_an_older_one_left(filled: Path, version: str) -> None:
    async with temporary_folder() as folder:
        (folder / "state").mkdir(mode=0o700)
        as_of(version, filled, folder / "state" / "provd.db")
        async with running_daemon(folder) as daemon:
            (provider,) = await daemon.client.all_providers()
            assert (provider.id, provider.health_status) == (PROVIDER, "healthy")
            changed = await daemon.client.patch_provider(PROVIDER, {"detail": "by the new one"})
            assert changed.revision == 2
            revisions = (await daemon.client.revisions(PROVIDER)).result
            assert [each.revision for each in revisions] == [2, 1]
            assert len(await daemon.client.all_routes()) == (version >= "0004")
            assert (await daemon.client.verify_audit()).ok


@pytest.mark.parametrize("version", OLDER)
async def test_an_upgrade_that_fails_midway_leaves_the_store_as_it_was(
    filled: Path, tmp_path: Path, version: str
) -> None:
    path = tmp_path / "provd.db"
    as_of(version, filled, path)
    with closing(sqlite3.connect(path)) as store:  # in the way of the last thing that the last step makes
        store.execute("ALTER TABLE health ADD COLUMN resolved_at FLOAT")
        store.commit()
    before = path.read_bytes()

    with pytest.raises(StoreOpenError, match=rf"can't be brought to schema {migrations.HEAD}.*as it was"):
        migrate(path)

    assert path.read_bytes() == before
    assert current_version(path) == version


async def test_an_upgrade_that_would_leave_orphans_is_undone(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    as_of("0003", filled, path)
    with closing(sqlite3.connect(path)) as store:
        store.execute("DELETE FROM setup")
        store.commit()
    before = path.read_bytes()
    with pytest.raises(StoreOpenError, match="1 rows without their parent"):
        migrate(path)
    assert path.read_bytes() == before


async def test_an_upgrade_for_which_the_disk_has_no_room_says_so_and_is_made_once_there_is(
    filled: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "state"):
        path = tmp_path / "state" / "provd.db"
        as_of("0001", filled, path)
        before = path.read_bytes()
        fill_disk(tmp_path / "state" / "filler")
        with pytest.raises(StoreOpenError, match="the disk is full: free some space"):
            migrate(path)
        assert path.read_bytes() == before
        (tmp_path / "state" / "filler").unlink()
        migrate(path)
        store = Store(path)
        assert store.read_now(providers.get, PROVIDER) is not None
        await store.close()
