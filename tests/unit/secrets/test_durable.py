"""A file has the old content or the new one, whatever happens in between."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provd.secrets.durable import SystemCalls, create, locked, replace


def fail(*_: object) -> int:
    raise OSError(28, "No space left on device")


def test_a_replaced_file_is_private_whatever_it_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(mode=0o666)
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_system_that_writes_a_little_at_a_time_writes_it_all(tmp_path: Path) -> None:
    calls = SystemCalls(write=lambda handle, data: os.write(handle, data[:3]))
    replace(tmp_path / "file", bytes(range(100)), calls)
    assert (tmp_path / "file").read_bytes() == bytes(range(100))


@pytest.mark.parametrize(
    "calls",
    [SystemCalls(write=fail), SystemCalls(fsync=fail), SystemCalls(rename=fail)],
    ids=["write", "fsync", "rename"],
)
def test_a_failed_write_leaves_the_old_file_alone(tmp_path: Path, calls: SystemCalls) -> None:
    path = tmp_path / "file"
    replace(path, b"old")
    with pytest.raises(OSError, match="No space"):
        replace(path, b"new", calls)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_the_end(tmp_path: Path) -> None:
    done: list[str] = []

    def fsync(handle: int) -> None:
        done.append(f"fsync {Path(f'/proc/self/fd/{handle}').readlink().name}")

    def rename(old: Path, new: Path) -> None:
        done.append(f"{old.name} to {new.name}")
        old.replace(new)

    replace(tmp_path / "file", b"new", SystemCalls(fsync=fsync, rename=rename, fsync_directory=fsync))
    assert done == ["fsync file.new", "file.new to file", f"fsync {tmp_path.name}"]


def test_what_a_crash_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "file.new").write_bytes(b"half")
    (tmp_path / "file.new").chmod(0o444)
    replace(tmp_path / "file", b"whole")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"whole"]


def test_a_file_is_created_only_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "file"
    create(path, b"first")
    with pytest.raises(FileExistsError):
        create(path, b"second")
    assert path.read_bytes() == b"first"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_lock_keeps_another_process_out_until_it_is_released(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    program = (
        "import fcntl, sys\n"
        "try: fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except BlockingIOError: print('kept out')\n"
        "else: print('let in')\n"
    )

    def another() -> str:
        ran = subprocess.run(
            [sys.executable, "-c", program, lock], capture_output=True, text=True, check=True
        )
        return ran.stdout.strip()

    with locked(lock):
        assert another() == "kept out"
    assert another() == "let in"
