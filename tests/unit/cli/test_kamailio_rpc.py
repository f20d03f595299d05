"""Kamailio's RPC over a socket and a FIFO: what goes wrong is said, and nothing is left behind."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from provd.cli.kamailio.rpc import RpcError, open_rpc

ANSWERS = [
    (b'{"jsonrpc":"2.0","result":{"x":1},"id":1}', {"x": 1}),
    (b'{"jsonrpc":"2.0","error":{"code":500,"message":"Method Not Found"},"id":1}', "refuses .*Not Found"),
    (b"<html>", "is not JSON"),
    (b"[1]", "not one of JSON-RPC"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with ``socket``, which answers nothing by itself."""
    (tmp_path / "replies").mkdir()
    yield tmp_path
    assert list((tmp_path / "replies").iterdir()) == []


@pytest.mark.parametrize(("answer", "wanted"), ANSWERS)
def test_an_answer_over_the_socket_is_read(folder: Path, answer: bytes, wanted: object) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as kamailio:
        kamailio.bind(str(folder / "socket"))
        asked: list[bytes] = []

        def reply() -> None:
            data, source = kamailio.recvfrom(65536)
            asked.append(data)
            kamailio.sendto(answer, source)

        replying = threading.Thread(target=reply)
        replying.start()
        rpc = open_rpc(folder / "socket", folder)
        if isinstance(wanted, str):
            with pytest.raises(RpcError, match=wanted):
                rpc.call("m", "a", 1)
        else:
            assert rpc.call("m", "a", 1) == wanted
        replying.join()
    assert json.loads(asked[0]) == {"jsonrpc": "2.0", "method": "m", "id": 1, "params": ["a", 1]}


@pytest.mark.parametrize(("answer", "wanted"), ANSWERS)
def test_an_answer_over_the_fifo_is_read(folder: Path, answer: bytes, wanted: object) -> None:
    os.mkfifo(folder / "fifo")
    replies = folder / "replies"
    reading = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reading, True)
    keeping = os.open(folder / "fifo", os.O_WRONLY)  # so that reading waits

    def reply() -> None:
        asked = json.loads(os.read(reading, 65536))
        with (replies / asked["reply_name"]).open("wb") as to:
            to.write(answer)

    replying = threading.Thread(target=reply)
    replying.start()
    try:
        rpc = open_rpc(folder / "fifo", replies)
        if isinstance(wanted, str):
            with pytest.raises(RpcError, match=wanted):
                rpc.call("m")
        else:
            assert rpc.call("m") == wanted
    finally:
        replying.join()
        os.close(reading)
        os.close(keeping)


def test_a_socket_that_nobody_has_open_and_a_fifo_that_nobody_reads_are_told(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as kamailio:
        kamailio.bind(str(folder / "socket"))
    os.mkfifo(folder / "fifo")
    for name in ("socket", "fifo"):
        with pytest.raises(RpcError, match=r"can't be asked at .*Is it running"):
            open_rpc(folder / name, folder / "replies").call("m")


def test_no_answer_is_told_with_what_may_be_the_reason(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as kamailio:
        kamailio.bind(str(folder / "socket"))
        with pytest.raises(RpcError, match="too long for its socket"):
            open_rpc(folder / "socket", folder, timeout_s=0.05).call("m")
    os.mkfifo(folder / "fifo")
    reading = os.open(folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(RpcError, match=r"fifo_reply_dir must be .*replies"):
            open_rpc(folder / "fifo", folder / "replies", timeout_s=0.05).call("m")
    finally:
        os.close(reading)


def test_replies_that_can_not_be_made_there_are_told(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    with pytest.raises(RpcError, match="No such file"):
        open_rpc(folder / "fifo", folder / "missing").call("m")
