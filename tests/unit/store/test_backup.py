"""Copies of the store, and stores from copies."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from provd.store.backup import BackupError, back_up, restore
from provd.store.engine import STORE_NAME
from provd.store.errors import StoreError
from provd.store.migrate import current_version, migrate
from provd.store.migrations import HEAD
from provd.store.state_lock import lock_state


def add(path: Path, name: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(provider)") if row[3]}
        values = {key: 1 if kind in ("INTEGER", "BOOLEAN") else "{}" for key, kind in columns.items()}
        values |= {"id": name, "name": name}
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO provider ({', '.join(values)}) VALUES ({marks})", [*values.values()])


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM provider ORDER BY name")]


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """A state directory whose store has one provider; nothing unfinished may be left in it."""
    folder = tmp_path / "state"
    folder.mkdir()
    migrate(folder / STORE_NAME)
    add(folder / STORE_NAME, "first")
    yield folder
    assert [path.name for path in folder.iterdir() if "unfinished" in path.name] == []


def test_a_copy_has_what_was_committed_even_when_it_is_in_the_log_alone(
    state_dir: Path, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(state_dir / STORE_NAME)) as running:
        running.execute("PRAGMA journal_mode=WAL")
        running.execute("PRAGMA wal_autocheckpoint=0")
        add(state_dir / STORE_NAME, "second")
        running.execute("BEGIN IMMEDIATE")  # a write that is under way is no obstacle, and not in it
        running.execute("DELETE FROM provider")
        made = back_up(state_dir, tmp_path / "copy")
        running.rollback()
    assert names(made.path) == ["first", "second"]
    assert (made.schema, made.providers, made.size) == (HEAD, 2, made.path.stat().st_size)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"state", "copy"}


def test_a_name_that_is_taken_and_a_folder_that_is_missing_are_told(state_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("dear")
    with pytest.raises(BackupError, match="is there already"):
        back_up(state_dir, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "dear"
    with pytest.raises(BackupError, match="No such file or directory"):
        back_up(state_dir, tmp_path / "missing" / "copy")
    with pytest.raises(BackupError, match="there is no store"):
        back_up(tmp_path, tmp_path / "copy")


def test_a_damaged_store_makes_no_copy(state_dir: Path, tmp_path: Path) -> None:
    store = state_dir / STORE_NAME
    size = store.stat().st_size
    with store.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 8192))
    with pytest.raises(BackupError):
        back_up(state_dir, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_was_there_is_kept_with_what_was_in_its_log(state_dir: Path, tmp_path: Path) -> None:
    made = back_up(state_dir, tmp_path / "copy")
    with closing(sqlite3.connect(state_dir / STORE_NAME)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    add(state_dir / STORE_NAME, "second")
    put = restore(state_dir, made.path, state_dir / "kept")
    assert (put.providers, names(state_dir / STORE_NAME)) == (1, ["first"])
    assert names(state_dir / "kept") == ["first", "second"]
    assert names(made.path) == ["first"]


def test_a_damaged_store_is_replaced_and_kept_with_its_log(state_dir: Path, tmp_path: Path) -> None:
    made = back_up(state_dir, tmp_path / "copy")
    store = state_dir / STORE_NAME
    store.write_bytes(b"no database at all")
    Path(f"{store}-wal").write_bytes(b"its log")
    restore(state_dir, made.path, state_dir / "kept")
    assert names(store) == ["first"]
    assert (state_dir / "kept").read_bytes() == b"no database at all"
    assert Path(f"{state_dir}/kept-wal").read_bytes() == b"its log"


def test_a_store_can_be_put_where_there_is_none(state_dir: Path, tmp_path: Path) -> None:
    made = back_up(state_dir, tmp_path / "copy")
    other = tmp_path / "other"
    other.mkdir()
    restore(other, made.path, other / "kept")
    assert names(other / STORE_NAME) == ["first"]
    assert not (other / "kept").exists()


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def _damaged(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _other_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE photo (id INTEGER)")


def _text(path: Path) -> None:
    path.write_text("dear diary")


@pytest.mark.parametrize("spoil", [_newer, _damaged, _other_program, _text])
def test_what_is_no_copy_of_ours_changes_nothing(state_dir: Path, tmp_path: Path, spoil: object) -> None:
    made = back_up(state_dir, tmp_path / "copy")
    add(state_dir / STORE_NAME, "second")
    spoil(made.path)  # type: ignore[operator]
    with pytest.raises(StoreError) as refused:
        restore(state_dir, made.path, state_dir / "kept")
    assert spoil is not _newer or f"knows up to {HEAD}" in str(refused.value)
    assert names(state_dir / STORE_NAME) == ["first", "second"]
    assert not (state_dir / "kept").exists()


def test_an_older_copy_is_brought_up_to_date_and_stays_as_it_is(state_dir: Path, tmp_path: Path) -> None:
    from alembic import command
    from sqlalchemy import create_engine

    from provd.store.migrate import alembic_config

    old = tmp_path / "old"
    engine = create_engine(f"sqlite:///{old}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    engine.dispose()
    add(old, "ancient")
    put = restore(state_dir, old, state_dir / "kept")
    assert (put.schema, names(state_dir / STORE_NAME)) == (HEAD, ["ancient"])
    assert current_version(old) == "0003"


def test_while_a_daemon_runs_nothing_is_put_in_its_place(state_dir: Path, tmp_path: Path) -> None:
    made = back_up(state_dir, tmp_path / "copy")
    held = lock_state(state_dir)
    try:
        with pytest.raises(StoreError, match="another provd uses the state directory"):
            restore(state_dir, made.path, state_dir / "kept")
    finally:
        os.close(held)
    assert not (state_dir / "kept").exists()


def test_what_a_crash_left_unfinished_is_in_nobodys_way(state_dir: Path, tmp_path: Path) -> None:
    (state_dir / f".{STORE_NAME}.unfinished").write_text("half")
    (tmp_path / ".copy.unfinished").write_text("half")
    made = back_up(state_dir, tmp_path / "copy")
    restore(state_dir, made.path, state_dir / "kept")
    assert names(state_dir / STORE_NAME) == ["first"]
    assert not (tmp_path / ".copy.unfinished").exists()
