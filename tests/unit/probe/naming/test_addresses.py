"""The addresses of one name."""

import pytest

from provd.probe.naming.addresses import HostAddresses, addresses_of
from provd.probe.naming.answers import Answer, Kind, Outcome, Question


def found(*addresses: str) -> HostAddresses:
    return addresses_of("a.net", [Answer(Question("a.net", Kind.A), Outcome.FOUND, addresses, 60.0)])


def test_ipv4_comes_before_ipv6_each_in_numerical_order() -> None:
    host = found("2001:db8::10", "192.0.2.10", "2001:db8::9", "192.0.2.9")
    assert host.addresses == ("192.0.2.9", "192.0.2.10", "2001:db8::9", "2001:db8::10")
    assert host.problem == ""


def test_loopback_and_private_addresses_are_addresses() -> None:
    assert found("127.0.0.1", "::1", "10.0.0.1", "fd00::1").problem == ""


def test_an_ipv4_address_in_ipv6_writing_is_that_ipv4_address() -> None:
    assert found("::ffff:192.0.2.1", "192.0.2.1").addresses == ("192.0.2.1",)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("0.0.0.0", "no address of a host"),
        ("::", "no address of a host"),
        ("224.0.1.75", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "broadcast"),
        ("fe80::1", "one link only"),
    ],
)
def test_an_address_that_no_server_can_have_is_left_out_and_told(address: str, why: str) -> None:
    host = found("192.0.2.1", address)
    assert host.addresses == ("192.0.2.1",)
    assert f"a.net leads to {address}, which" in host.problem
    assert why in host.problem


@pytest.mark.parametrize("address", ["::ffff:0.0.0.0", "::ffff:224.0.0.1"])
def test_writing_it_as_ipv6_does_not_make_it_one_that_a_server_can_have(address: str) -> None:
    host = found(address)
    assert host.addresses == ()
    assert host.problem
