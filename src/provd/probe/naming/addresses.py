"""The addresses of one name, from the answers to A and AAAA."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from provd.probe.naming.answers import Answer, Kind, Outcome
from provd.probe.naming.resolution import in_words

IPAddress = IPv4Address | IPv6Address
_BROADCAST = IPv4Address("255.255.255.255")


class HostAddresses(NamedTuple):
    """What DNS knows of a name's addresses: IPv4 before IPv6, each in numerical order.

    ``problem`` says why there are none, or what was left out; empty when there is nothing to say. ``ttl_s``
    is the least of the answers that count. ``unheard`` has the IP versions that DNS would not tell of.
    """

    addresses: tuple[str, ...]
    outcome: Outcome
    problem: str
    ttl_s: float
    unheard: tuple[int, ...] = ()


def addresses_of(name: str, answers: Sequence[Answer]) -> HostAddresses:
    """Put the answers to A and AAAA together.

    Addresses that no SIP server can have are left out. The order does not depend on that of the records,
    which many DNS servers rotate.
    """
    found = {_address(text) for answer in answers for text in answer.records if isinstance(text, str)}
    ordered = sorted(found, key=lambda address: (address.version, int(address)))
    good = tuple(str(address) for address in ordered if _fault(address) is None)
    problems = [f"{name} leads to {address}, {fault}" for address in ordered if (fault := _fault(address))]
    worst = max(answers, key=lambda answer: answer.outcome)
    if worst.outcome.is_failure or (worst.outcome is Outcome.NO_NAME and not found):
        problems.append(worst.reason)
    elif worst.outcome is Outcome.NO_RECORD:
        problems.append(f"no A or AAAA record for {name}")
    ttls = [answer.ttl_s for answer in answers if bool(answer.records) == bool(found)]
    unheard = tuple(
        6 if answer.question.kind is Kind.AAAA else 4 for answer in answers if answer.outcome.is_failure
    )
    return HostAddresses(good, worst.outcome, in_words(problems) or "", min(ttls, default=0.0), unheard)


def _address(text: str) -> IPAddress:
    """An IPv4 address that is written as an IPv6 one (RFC 4291 section 2.5.5.2) is an IPv4 address."""
    address = ip_address(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _fault(address: IPAddress) -> str | None:
    if address.is_unspecified:
        return "which is no address of a host"
    if address.is_multicast:
        return "which is a multicast address"
    if address == _BROADCAST:
        return "which is the broadcast address"
    if isinstance(address, IPv6Address) and address.is_link_local:
        return "which has a meaning on one link only"
    return None
