"""How copies are named, which are superfluous, and what is said when one is needed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from provd.store.copies import copies, copy_name, how_to_restore, superfluous


def made(folder: Path, *days: int) -> list[Path]:
    folder.mkdir()
    paths = [folder / copy_name(datetime(2026, 1, day, tzinfo=UTC)) for day in days]
    for path in paths:
        path.touch()
    return paths


def test_the_oldest_are_superfluous_and_nothing_else(tmp_path: Path) -> None:
    paths = made(tmp_path / "b", 1, 2, 3, 4)
    (tmp_path / "b" / "provd.db").touch()
    (tmp_path / "b" / "before-20260101T000000Z.db").touch()
    assert copies(tmp_path / "b") == paths
    assert superfluous(tmp_path / "b", paths[-1], 3) == paths[:1]
    assert superfluous(tmp_path / "b", paths[-1], 4) == []
    assert superfluous(tmp_path / "b", paths[-1], 1) == paths[:3]


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_copy_that_was_just_made_stays_though_the_clock_was_set_back(tmp_path: Path, keep: int) -> None:
    paths = made(tmp_path / "b", 1, 2, 3, 4)
    left = [path for path in paths if path not in superfluous(tmp_path / "b", paths[0], keep)]
    assert left == [paths[0], *paths[len(paths) - keep + 1 :]]


def test_the_newest_nightly_copy_is_named(tmp_path: Path) -> None:
    assert how_to_restore(tmp_path / "provd.db").endswith(f"provd restore FILE --state-dir {tmp_path}")
    *_, newest = made(tmp_path / "backups", 1, 2)
    assert f"provd restore {newest} --state-dir {tmp_path}" in how_to_restore(tmp_path / "provd.db")
