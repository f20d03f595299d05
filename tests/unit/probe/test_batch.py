"""Datagrams that are taken in many at a time. Over loopback."""

import socket
import time
from collections.abc import Iterator

import pytest

from provd.probe.batch import MOST, Batch
from provd.probe.stamps import ask_for_stamps

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture(params=["127.0.0.1", "::1"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """Who takes in, and who sends."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as ours, socket.socket(family, socket.SOCK_DGRAM) as theirs:
        ours.bind((request.param, 0))
        theirs.connect(ours.getsockname())
        yield ours, theirs


def test_many_come_in_their_order_and_no_more_than_are_wanted(pair: Pair) -> None:
    ours, theirs = pair
    batch, sent = Batch(), [b"%d" % number * (number + 1) for number in range(MOST + 6)]
    for data in sent:
        theirs.send(data)
    taken = batch.receive(ours.fileno(), 5)[0]
    taken += batch.receive(ours.fileno(), 1000)[0]
    assert len(taken) == MOST + 5
    taken += batch.receive(ours.fileno(), 1000)[0]
    assert taken == sent


def test_nothing_waits(pair: Pair) -> None:
    with pytest.raises(BlockingIOError):
        Batch().receive(pair[0].fileno(), 5)


def test_a_socket_that_is_gone() -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        Batch().receive(-1, 5)


def test_the_largest_and_the_smallest(pair: Pair) -> None:
    ours, theirs = pair
    largest = bytes(range(256)) * 255 + b"x" * 207
    for data in (largest, b"", b"after"):
        theirs.send(data)
    assert Batch().receive(ours.fileno(), 5)[0] == [largest, b"", b"after"]


def test_who_sent_each(pair: Pair) -> None:
    ours, theirs = pair
    batch = Batch()
    with socket.socket(theirs.family, socket.SOCK_DGRAM) as another:
        another.connect(ours.getsockname())
        theirs.send(b"one")
        another.send(b"two")
        batch.receive(ours.fileno(), 5)
        assert [batch.source(0), batch.source(1)] == [theirs.getsockname(), another.getsockname()]


def test_when_each_came(pair: Pair) -> None:
    ours, theirs = pair
    batch = Batch()
    theirs.send(b"not asked yet")
    _, (unknown,) = batch.receive(ours.fileno(), 5)
    assert unknown == 0.0
    ask_for_stamps(ours)
    before = time.time()
    theirs.send(b"now")
    _, (came,) = batch.receive(ours.fileno(), 5)
    assert before - 0.001 <= came <= time.time()
