"""Names as a real DNS server has them: Knot DNS with NAPTR, SRV, A and AAAA, changed while it runs."""

from collections.abc import AsyncIterator

import pytest

from provd.probe.resolver import Candidate, Resolution, Resolver
from provd.schema.health import Cause
from provd.schema.hostname import parse_hostname
from provd.schema.provider import Transport
from tests.fakes.daemon import temporary_folder

from .peers.knot import PROGRAM, Knot, running_knot

# skip, as skipif is not counted in one line at the end
pytestmark = [] if PROGRAM else [pytest.mark.skip(reason="needs Knot DNS: the Debian package knot")]

PATIENCE_S = 20.0
ZONE = "carrier.test"
RECORDS = """
; a carrier that has everything, its NAPTR leading to other servers than its plain SRV
@               NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.sbc
@               NAPTR 20 10 "s" "SIP+D2T"  "" _sip._tcp.sbc
@               NAPTR 30 10 "s" "SIP+D2U"  "" _sip._udp.sbc
_sip._udp.sbc   SRV 10 60 5070 sbc1
_sip._udp.sbc   SRV 10 40 5070 sbc2
_sip._udp.sbc   SRV 20  0 5080 backup
_sip._tcp.sbc   SRV 10  0 5070 sbc2
_sips._tcp.sbc  SRV 10  0 5071 sbc1
_sip._udp       SRV 10  0 5060 sbc1
_sip._tcp       SRV 10  0 5060 sbc1
_sips._tcp      SRV 10  0 5061 sbc1
sbc1            A 127.0.0.11
sbc1            AAAA ::1
sbc2            A 127.0.0.12
backup          CNAME elsewhere
elsewhere       A 127.0.0.13
; others
plain           A 127.0.0.21
plain           AAAA ::1
alias           CNAME plain
broken-alias    CNAME nothing
circle1         CNAME circle2
circle2         CNAME circle1
text            TXT "no address here"
_sip._udp.shut  SRV 0 0 0 .
shut            A 127.0.0.31
_sip._udp.hole  SRV 0 0 5060 nothing
_sip._udp.hole  SRV 0 0 5060 text
""" + "\n".join(f"many A 10.0.{number // 250}.{number % 250}" for number in range(1000))


@pytest.fixture
async def knot() -> AsyncIterator[Knot]:
    async with temporary_folder() as folder, running_knot(folder, ZONE, RECORDS) as running:
        yield running


async def look_up(
    knot: Knot, host: str = ZONE, transport: Transport = Transport.UDP, *, naptr: bool = False
) -> Resolution:
    return await Resolver([knot.address], naptr=naptr).resolve(parse_hostname(host), PATIENCE_S, transport)


async def test_by_naptr_to_the_transports_own_servers(knot: Knot) -> None:
    udp = await look_up(knot, naptr=True)
    assert udp.candidates == (
        Candidate(("127.0.0.11", 5070), 10, 60, f"sbc1.{ZONE}"),
        Candidate(("::1", 5070), 10, 60, f"sbc1.{ZONE}"),
        Candidate(("127.0.0.12", 5070), 10, 40, f"sbc2.{ZONE}"),
        Candidate(("127.0.0.13", 5080), 20, 0, f"backup.{ZONE}"),
    )
    assert (udp.cause, udp.reason, udp.ttl_s) == (Cause.OK, None, 60.0)
    tcp = await look_up(knot, transport=Transport.TCP, naptr=True)
    assert tcp.addresses == (("127.0.0.12", 5070),)
    tls = await look_up(knot, transport=Transport.TLS, naptr=True)
    assert tls.addresses == (("127.0.0.11", 5071), ("::1", 5071))


@pytest.mark.parametrize(
    ("transport", "port"), [(Transport.UDP, 5060), (Transport.TCP, 5060), (Transport.TLS, 5061)]
)
async def test_without_naptr_by_the_names_own_srv(knot: Knot, transport: Transport, port: int) -> None:
    found = await look_up(knot, transport=transport)
    assert found.addresses == (("127.0.0.11", port), ("::1", port))


@pytest.mark.parametrize("naptr", [False, True])
@pytest.mark.parametrize(("host", "port"), [("plain", 5060), ("alias", 5060)])
async def test_without_srv_by_address(knot: Knot, host: str, port: int, naptr: bool) -> None:
    found = await look_up(knot, f"{host}.{ZONE}", naptr=naptr)
    assert found.addresses == (("127.0.0.21", port), ("::1", port))


async def test_with_a_port_by_address_whatever_srv_says(knot: Knot) -> None:
    found = await look_up(knot, f"shut.{ZONE}:5099", naptr=True)
    assert found.addresses == (("127.0.0.31", 5099),)


@pytest.mark.parametrize(
    ("host", "cause", "reason"),
    [
        ("nothing", Cause.DNS_NXDOMAIN, f"nothing.{ZONE} does not exist"),
        (
            "broken-alias",
            Cause.DNS_NXDOMAIN,
            f"broken-alias.{ZONE} is an alias of nothing.{ZONE}, which does not exist",
        ),
        ("text", Cause.DNS_ERROR, f"no SRV, A or AAAA record for text.{ZONE}"),
        (
            "shut",
            Cause.DNS_ERROR,
            f'SRV _sip._udp.shut.{ZONE} says that there is no such service (its target is ".")',
        ),
        (
            "hole",
            Cause.DNS_ERROR,
            f"nothing.{ZONE} does not exist; no A or AAAA record for text.{ZONE}",
        ),
    ],
)
async def test_why_a_name_leads_nowhere(knot: Knot, host: str, cause: Cause, reason: str) -> None:
    found = await look_up(knot, f"{host}.{ZONE}")
    assert (found.cause, found.addresses, found.reason) == (cause, (), reason)


async def test_aliases_in_a_circle_lead_nowhere(knot: Knot) -> None:
    found = await look_up(knot, f"circle1.{ZONE}")
    assert (found.cause, found.addresses) == (Cause.DNS_ERROR, ())
    assert found.reason


async def test_a_zone_of_another_carrier_is_refused_and_told(knot: Knot) -> None:
    found = await look_up(knot, "elsewhere.example")
    assert found.cause is Cause.DNS_ERROR
    assert str(found.reason).endswith("answered REFUSED")


async def test_a_thousand_addresses_come_by_tcp_and_the_first_ones_are_used(knot: Knot) -> None:
    found = await look_up(knot, f"many.{ZONE}")
    assert found.addresses == tuple((f"10.0.0.{number}", 5060) for number in range(64))
    assert found.reason == "only the first 64 of 1000 addresses are used"


async def test_absence_holds_as_long_as_the_zone_says(knot: Knot) -> None:
    await knot.publish(RECORDS, negative_ttl_s=45)
    assert (await look_up(knot, f"nothing.{ZONE}")).ttl_s == 45.0


async def test_a_zone_changed_while_it_runs_is_followed_when_the_ttl_has_passed(knot: Knot) -> None:
    now = [1000.0]
    resolver = Resolver([knot.address], clock=lambda: now[0])
    host = parse_hostname(f"plain.{ZONE}")
    assert (await resolver.resolve(host, PATIENCE_S)).addresses == (("127.0.0.21", 5060), ("::1", 5060))
    await knot.publish("plain A 127.0.0.22\n_sip._udp.plain SRV 1 2 5090 plain", ttl_s=100)
    now[0] += 59.0
    kept = await resolver.resolve(host, PATIENCE_S)
    assert (kept.addresses, kept.ttl_s) == ((("127.0.0.21", 5060), ("::1", 5060)), 1.0)
    now[0] += 1.0
    followed = await resolver.resolve(host, PATIENCE_S)
    assert followed.candidates == (Candidate(("127.0.0.22", 5090), 1, 2, f"plain.{ZONE}"),)
    assert followed.ttl_s == 100.0


async def test_fresh_sees_a_change_at_once(knot: Knot) -> None:
    resolver = Resolver([knot.address])
    host = parse_hostname(f"plain.{ZONE}:5060")
    await resolver.resolve(host, PATIENCE_S)
    await knot.publish("plain A 127.0.0.22")
    assert (await resolver.resolve(host, PATIENCE_S, fresh=True)).addresses == (("127.0.0.22", 5060),)
    await knot.publish("other A 127.0.0.22")
    assert (await resolver.resolve(host, PATIENCE_S, fresh=True)).cause is Cause.DNS_NXDOMAIN
