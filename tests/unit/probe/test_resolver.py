"""The resolver, with a DNS server on loopback that does as the test wants."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from provd.probe.hosts_file import addresses_from_hosts
from provd.probe.resolver import Candidate, Resolution, Resolver, literal_address
from provd.schema.health import Cause
from provd.schema.hostname import parse_hostname
from provd.schema.provider import Transport
from tests.fakes.daemon import eventually
from tests.fakes.dns import FakeDns, Lie, fake_dns

PATIENCE_S = 20.0
SHORT_S = 0.3
SRV = "SRV _sip._udp.pbx.example.net"


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def dns() -> AsyncIterator[FakeDns]:
    async with fake_dns() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def resolver(dns: FakeDns, clock: Clock) -> Resolver:
    return Resolver([dns.address], clock=clock)


async def look_up(
    resolver: Resolver, text: str = "pbx.example.net", timeout_s: float = PATIENCE_S, *, fresh: bool = False
) -> Resolution:
    return await resolver.resolve(parse_hostname(text), timeout_s, fresh=fresh)


async def until_asked(dns: FakeDns, count: int) -> None:
    async def asked() -> list[str]:
        return dns.asked

    await eventually(asked, lambda asked: len(asked) >= count)


# names


@pytest.mark.parametrize(
    ("text", "transport", "address"),
    [
        ("192.0.2.1", Transport.UDP, ("192.0.2.1", 5060)),
        ("192.0.2.1", Transport.TCP, ("192.0.2.1", 5060)),
        ("[2001:db8::1]", Transport.TLS, ("2001:db8::1", 5061)),
        ("192.0.2.1:5080", Transport.TLS, ("192.0.2.1", 5080)),
    ],
)
async def test_a_literal_is_used_as_it_is(
    resolver: Resolver, dns: FakeDns, text: str, transport: Transport, address: tuple[str, int]
) -> None:
    host = parse_hostname(text)
    assert literal_address(host, transport) == address
    assert (await resolver.resolve(host, PATIENCE_S, transport)).candidates == (Candidate(address),)
    assert dns.asked == []


def test_a_name_is_no_literal() -> None:
    assert literal_address(parse_hostname("pbx.example.net")) is None


async def test_invalid_never_exists(resolver: Resolver, dns: FakeDns) -> None:
    found = await look_up(resolver, "Pbx.INVALID.")
    assert (found.cause, dns.asked) == (Cause.DNS_NXDOMAIN, [])


async def test_the_systems_hosts_file_knows_localhost_without_srv() -> None:
    if not (known := addresses_from_hosts("localhost")):
        pytest.skip("this machine's /etc/hosts has no localhost")
    found = await Resolver().resolve(parse_hostname("localhost"), PATIENCE_S, Transport.TLS)
    assert {address for address, _ in found.addresses} == set(known)
    assert {port for _, port in found.addresses} == {5061}


async def test_from_naptr_by_srv_to_addresses_of_both_families(dns: FakeDns) -> None:
    dns.zone |= {
        "pbx.example.net": ['NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.carrier.net.'],
        "_sip._udp.carrier.net": ["SRV 20 0 5062 b.carrier.net.", "SRV 10 0 5061 a.carrier.net."],
        "a.carrier.net": ["192.0.2.1", "2001:db8::1"],
        "b.carrier.net": ["CNAME c.carrier.net."],
        "c.carrier.net": ["192.0.2.3"],
    }
    found = await look_up(Resolver([dns.address], naptr=True))
    assert found.candidates == (
        Candidate(("192.0.2.1", 5061), 10, 0, "a.carrier.net"),
        Candidate(("2001:db8::1", 5061), 10, 0, "a.carrier.net"),
        Candidate(("192.0.2.3", 5062), 20, 0, "b.carrier.net"),
    )
    assert (found.cause, found.reason, found.ttl_s) == (Cause.OK, None, 60.0)
    assert found.took_ms > 0.0


async def test_naptr_is_asked_for_only_when_told_to(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    assert (await look_up(resolver)).addresses == (("192.0.2.1", 5060),)
    assert dns.asked[0] == SRV
    await look_up(Resolver([dns.address], naptr=True))
    assert "NAPTR pbx.example.net" in dns.asked


@pytest.mark.parametrize(
    ("silent_to", "rcodes", "zone", "cause", "reason"),
    [
        (SRV, {}, {}, Cause.DNS_TIMEOUT, f"no DNS server answered in time when asked for {SRV}"),
        ("", {SRV: "SERVFAIL"}, {}, Cause.DNS_ERROR, f"asked for {SRV}, "),
        ("", {}, {}, Cause.DNS_NXDOMAIN, "pbx.example.net does not exist"),
        ("", {}, {"pbx.example.net": []}, Cause.DNS_ERROR, "no SRV, A or AAAA record for pbx.example.net"),
        (
            "A pbx.example.net",
            {},
            {"pbx.example.net": []},
            Cause.DNS_TIMEOUT,
            "no DNS server answered in time when asked for A pbx.example.net",
        ),
    ],
    ids=["SRV unanswered", "SRV failed", "no name", "no record", "A unanswered"],
)
async def test_why_a_name_leads_nowhere(
    dns: FakeDns,
    resolver: Resolver,
    silent_to: str,
    rcodes: dict[str, str],
    zone: dict[str, list[str]],
    cause: Cause,
    reason: str,
) -> None:
    dns.silent_to, dns.rcodes, dns.zone = {silent_to}, rcodes, zone
    found = await look_up(resolver, timeout_s=SHORT_S if silent_to else PATIENCE_S)
    assert (found.cause, found.addresses, found.ttl_s) == (cause, (), 30.0)
    assert str(found.reason).startswith(reason)


async def test_what_came_in_time_serves_when_the_rest_does_not_come(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    dns.silent_to = {"AAAA pbx.example.net"}
    found = await look_up(resolver, timeout_s=1.0)
    assert (found.cause, found.addresses, found.ttl_s) == (Cause.OK, (("192.0.2.1", 5060),), 30.0)
    assert "AAAA pbx.example.net" in str(found.reason)


async def test_a_circle_of_aliases_is_told(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone |= {"pbx.example.net": ["CNAME b.net."], "b.net": ["CNAME pbx.example.net."]}
    found = await look_up(resolver)
    assert found.cause is Cause.DNS_ERROR
    assert "endless chain of aliases" in str(found.reason)


async def test_a_thousand_records_of_each_kind_are_borne(dns: FakeDns, resolver: Resolver) -> None:
    many = [f"10.0.{number // 250}.{number % 250}" for number in range(1000)]
    dns.zone["_sip._udp.pbx.example.net"] = [f"SRV 1 1 5060 s{number % 3}.net." for number in range(1000)]
    dns.zone |= {f"s{number}.net": many for number in range(3)}
    found = await look_up(resolver)
    assert len(found.addresses) == 64
    assert found.addresses == tuple((address, 5060) for address in many[:64])


@pytest.mark.parametrize("lie", Lie)
async def test_lies_lead_nowhere(dns: FakeDns, resolver: Resolver, lie: Lie) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    dns.lie = lie
    found = await look_up(resolver, timeout_s=SHORT_S)
    assert found.addresses == ()
    assert found.cause in (Cause.DNS_TIMEOUT, Cause.DNS_ERROR)


async def test_a_name_too_long_for_srv_still_has_addresses(dns: FakeDns, resolver: Resolver) -> None:
    name = ".".join(["a" * 61] * 4)
    dns.zone[name] = ["192.0.2.1"]
    assert (await look_up(resolver, name)).addresses == (("192.0.2.1", 5060),)


# kept


async def test_what_was_found_is_kept_until_its_ttl_has_passed(
    dns: FakeDns, resolver: Resolver, clock: Clock
) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    dns.ttls["pbx.example.net"] = 100
    first = await look_up(resolver)
    asked = len(dns.asked)
    dns.zone["pbx.example.net"] = ["192.0.2.2"]
    clock.now += 99.0
    kept = await look_up(resolver, "PBX.example.net.")
    assert (kept.candidates, kept.ttl_s, kept.took_ms) == (first.candidates, 1.0, 0.0)
    assert len(dns.asked) == asked
    clock.now += 1.0
    assert (await look_up(resolver)).addresses == (("192.0.2.2", 5060),)


async def test_fresh_asks_again_and_what_it_finds_is_kept(
    dns: FakeDns, resolver: Resolver, clock: Clock
) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    await look_up(resolver)
    dns.zone["pbx.example.net"] = ["192.0.2.2"]
    clock.now += 10.0
    assert (await look_up(resolver, fresh=True)).addresses == (("192.0.2.2", 5060),)
    kept = await look_up(resolver)
    assert (kept.addresses, kept.ttl_s) == ((("192.0.2.2", 5060),), 60.0)


async def test_a_failure_is_not_kept(dns: FakeDns, resolver: Resolver) -> None:
    assert (await look_up(resolver)).cause is Cause.DNS_NXDOMAIN
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    assert (await look_up(resolver)).cause is Cause.OK


async def test_another_port_or_transport_is_another_look_up(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    await look_up(resolver)
    assert (await look_up(resolver, "pbx.example.net:5070")).addresses == (("192.0.2.1", 5070),)
    tls = await resolver.resolve(parse_hostname("pbx.example.net"), PATIENCE_S, Transport.TLS)
    assert tls.addresses == (("192.0.2.1", 5061),)


# at the same time


async def test_many_who_ask_at_once_cost_one_look_up(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    found = await asyncio.gather(*(look_up(resolver) for _ in range(1000)))
    assert {each.addresses for each in found} == {(("192.0.2.1", 5060),)}
    assert sorted(dns.asked) == ["A pbx.example.net", "AAAA pbx.example.net", SRV]


async def test_fresh_ones_share_a_look_up_too(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    await asyncio.gather(*(look_up(resolver, fresh=True) for _ in range(10)))
    assert len(dns.asked) == 3


async def test_one_who_gives_up_leaves_the_look_up_to_the_others(dns: FakeDns, resolver: Resolver) -> None:
    dns.zone["pbx.example.net"] = ["192.0.2.1"]
    dns.holding = True
    first, second = (asyncio.create_task(look_up(resolver)) for _ in range(2))
    await until_asked(dns, 1)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    dns.release()
    assert (await second).addresses == (("192.0.2.1", 5060),)
    assert dns.asked.count(SRV) == 1


async def test_one_with_little_time_does_not_wait_for_one_with_much(dns: FakeDns, resolver: Resolver) -> None:
    dns.silent = True
    patient = asyncio.create_task(look_up(resolver))
    await until_asked(dns, 1)
    assert (await look_up(resolver, timeout_s=SHORT_S)).cause is Cause.DNS_TIMEOUT
    assert not patient.done()
    patient.cancel()
    await asyncio.gather(patient, return_exceptions=True)


async def test_only_so_many_names_are_looked_up_at_once_and_waiting_costs_none_its_time(
    dns: FakeDns, resolver: Resolver
) -> None:
    names = [f"n{number}.example.net" for number in range(200)]
    dns.zone |= {name: ["192.0.2.1"] for name in names}
    dns.holding = True
    looking = [asyncio.create_task(look_up(resolver, name)) for name in names]
    await until_asked(dns, 64)
    assert len(set(dns.asked)) == 64
    dns.release()
    assert {(await each).cause for each in looking} == {Cause.OK}
