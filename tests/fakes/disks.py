"""Disks that are small, that fail, or that can only be read. They need root; without it a test is skipped."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_EXT4_ERRORS = Path("/sys/fs/ext4")


@contextmanager
def small_disk(mounted_at: Path) -> Iterator[None]:
    """A disk of 4 MiB."""
    _mount(mounted_at, "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs")
    try:
        yield
    finally:
        subprocess.run(["umount", str(mounted_at)], check=True)


def fill(path: Path) -> None:
    """Make a file that takes all the room that its disk has."""
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"\0" * 4096)


@contextmanager
def only_readable(mounted_at: Path) -> Iterator[None]:
    """Have a disk on which no file is open for writing be read-only for a while."""
    subprocess.run(["mount", "-o", "remount,ro", str(mounted_at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(mounted_at)], check=True)


class FailingDisk:
    """A disk of 16 MiB that can come to know of an error."""

    def __init__(self, mounted_at: Path, image: Path) -> None:
        self._mounted_at = mounted_at
        self._image = image
        self._device = subprocess.run(
            ["findmnt", "-n", "-o", "SOURCE", str(mounted_at)], check=True, capture_output=True, text=True
        ).stdout.strip()

    def fail(self) -> None:
        """Have the kernel find the disk broken: it becomes read-only at once, whoever writes to it."""
        (_EXT4_ERRORS / Path(self._device).name / "trigger_fs_error").write_text("1")

    def repair(self) -> None:
        """Repair it, as is done when it is mounted anew. No file on it may be open."""
        subprocess.run(["umount", str(self._mounted_at)], check=True)
        subprocess.run(["fsck.ext4", "-p", "-f", str(self._image)], check=False, capture_output=True)
        _mount(self._mounted_at, *_failing(self._image))


@contextmanager
def failing_disk(mounted_at: Path, image: Path) -> Iterator[FailingDisk]:
    """A disk whose content is in the file ``image``."""
    with image.open("wb") as made:
        made.truncate(16 * 1024 * 1024)
    try:
        subprocess.run(["mkfs.ext4", "-q", str(image)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs mkfs.ext4, to make a disk that fails")
    _mount(mounted_at, *_failing(image))
    try:
        disk = FailingDisk(mounted_at, image)
        if not any(_EXT4_ERRORS.glob("*/trigger_fs_error")):
            pytest.skip("needs a kernel that can be told of an error of a disk")
        yield disk
    finally:
        subprocess.run(["umount", str(mounted_at)], check=True)


def _failing(image: Path) -> tuple[str, ...]:
    return ("-o", "loop,errors=remount-ro", str(image))


def _mount(mounted_at: Path, *what: str) -> None:
    mounted_at.mkdir(mode=0o700, exist_ok=True)
    command = ["mount", *what, str(mounted_at)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs root and mount, to make a disk")
