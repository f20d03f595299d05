"""Reading what is sent, and saying how far it is."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.client.upload import CHUNK, Progress, chunks, counted, size_of

MB = 1_000_000


async def read(descriptor: int) -> bytes:
    return b"".join([part async for part in chunks(descriptor)])


async def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    data = os.urandom(3 * CHUNK + 17)
    (tmp_path / "f").write_bytes(data)
    descriptor = os.open(tmp_path / "f", os.O_RDONLY)
    try:
        assert size_of(descriptor) == len(data)
        assert await read(descriptor) == data
    finally:
        os.close(descriptor)


async def test_a_pipe_is_read_as_it_fills_without_holding_the_loop_up() -> None:
    reader, writer = os.pipe()
    try:
        assert size_of(reader) is None
        parts = chunks(reader)
        first = asyncio.ensure_future(anext(parts))
        await asyncio.sleep(0)
        os.write(writer, b"one")
        assert await first == b"one"
        os.write(writer, b"two")
        os.close(writer)
        assert [part async for part in parts] == [b"two"]
    finally:
        os.close(reader)


async def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(IsADirectoryError):
            await read(descriptor)
    finally:
        os.close(descriptor)


async def test_parts_are_counted_once_they_were_taken() -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"three"

    sizes: list[int] = []
    assert [part async for part in counted(parts(), sizes.append)] == [b"one", b"three"]
    assert sizes == [3, 5]


def told(total: int | None, *sizes: int) -> list[str]:
    said: list[str] = []
    progress = Progress(total, said.append)
    for size in sizes:
        progress.sent(size)
    return said


def test_a_large_file_is_told_in_tenths() -> None:
    said = told(20 * MB, *[MB] * 20)
    assert len(said) == 10
    assert (said[0], said[-1]) == ("2.0 of 20.0 MB sent", "20.0 of 20.0 MB sent")


def test_a_stream_of_unknown_length_is_told_each_10_mb() -> None:
    assert told(None, *[4 * MB] * 6) == ["12.0 MB sent", "20.0 MB sent"]


def test_little_is_not_worth_a_word() -> None:
    assert told(MB, *[MB // 10] * 10) == []
    assert told(0) == []
