"""What the redirect server keeps is bounded."""

import pytest

from provd.agent.redirect import rate, transactions
from provd.agent.redirect.address import ListenAddress, parse_listen_address
from provd.agent.redirect.allow import AllowList
from provd.agent.redirect.rate import RateBound
from provd.agent.redirect.transactions import LIFETIME_S, MAX_ANSWERS, MAX_BYTES, TransactionMemory


def test_the_oldest_answers_are_forgotten_when_there_are_too_many() -> None:
    memory = TransactionMemory()
    for number in range(MAX_ANSWERS + 1):
        memory.put((number,), b"x", 0.0)
    assert len(memory) == MAX_ANSWERS
    assert memory.get((0,), 0.0) is None
    assert memory.get((1,), 0.0) == b"x"


def test_the_oldest_answers_are_forgotten_when_they_are_too_large() -> None:
    memory = TransactionMemory()
    for number in range(3):
        memory.put((number,), b"x" * (MAX_BYTES // 2), 0.0)
    assert [memory.get((number,), 0.0) is None for number in range(3)] == [True, False, False]


def test_answers_whose_time_is_over_are_forgotten() -> None:
    memory = TransactionMemory()
    memory.put((1,), b"x", 0.0)
    memory.put((2,), b"y", LIFETIME_S)
    assert len(memory) == 1
    assert transactions.LIFETIME_S == 64 * 0.5


def test_a_bound_is_for_each_source_and_for_all() -> None:
    bound = RateBound(per_s=3, per_s_of_source=2)
    assert [bound.admits("a", 0.0) for _ in range(3)] == [True, True, False]
    assert [bound.admits("b", 0.0) for _ in range(2)] == [True, False]
    assert [bound.admits("b", 0.5) for _ in range(2)] == [True, False]


def test_many_sources_do_not_fill_the_memory() -> None:
    bound = RateBound(per_s=10**6, per_s_of_source=1)
    for number in range(rate.MAX_SOURCES):
        assert bound.admits(str(number), 0.0)
    assert not bound.admits("0", 0.0)
    assert bound.admits("one more", 0.0)
    assert bound.admits("0", 0.0)


def test_networks_and_addresses_admit_those_in_them() -> None:
    allow = AllowList(["127.0.0.0/8", "::1", "fe80::/10"])
    asked = ("127.9.9.9", "::1", "fe80::1%eth0", "192.0.2.1", "::2")
    assert [allow.admits(host) for host in asked] == [True, True, True, False, False]
    assert all(not allow.admits(f"192.0.{number // 250}.{number % 250}") for number in range(5000))


@pytest.mark.parametrize("text", ["udp:127.0.0.1:5060", "tcp:[::1]:0"])
def test_an_address_to_listen_at_is_read_and_written_alike(text: str) -> None:
    address = parse_listen_address(text)
    assert isinstance(address, ListenAddress)
    assert str(address) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be udp: or tcp:"),
        ("tls:127.0.0.1:5061", "must be udp: or tcp:"),
        ("udp:127.0.0.1", "must be udp: or tcp:"),
        ("udp:localhost:5060", "must be udp: or tcp:"),
        ("udp:::1:5060", "in brackets"),
        ("udp:127.0.0.1:70000", "port '70000'"),
        ("udp:127.0.0.1:٥", "port"),
    ],
)
def test_what_can_t_be_listened_at_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_listen_address(text)
