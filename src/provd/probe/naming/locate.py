"""Locating SIP servers (RFC 3263 section 4): what to ask DNS next, and what the answers lead to."""

from collections.abc import Generator, Mapping, Sequence

from provd.probe.naming.addresses import HostAddresses, addresses_of
from provd.probe.naming.answers import Answer, Kind, Naptr, Outcome, Question, Srv
from provd.probe.naming.resolution import Candidate, Resolution, bounded_ttl, in_words
from provd.schema.health import Cause
from provd.schema.hostname import HostPort
from provd.schema.provider import Transport

MAX_SRV = 32
MAX_ADDRESSES = 64
MAX_NAPTR = 4

_SERVICES = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}
_NAPTR_SERVICES = {Transport.UDP: "sip+d2u", Transport.TCP: "sip+d2t", Transport.TLS: "sips+d2t"}
_CAUSES = {
    Outcome.NO_NAME: Cause.DNS_NXDOMAIN,
    Outcome.NO_ANSWER: Cause.DNS_TIMEOUT,
    Outcome.FAILED: Cause.DNS_ERROR,
    Outcome.NO_RECORD: Cause.DNS_ERROR,
    Outcome.FOUND: Cause.DNS_ERROR,  # addresses, but none that can be used
}

Steps = Generator[Sequence[Question], Sequence[Answer], Resolution]


def default_port(transport: Transport) -> int:
    """The port when neither the hostname nor SRV gives one (RFC 3261 section 19.1.2)."""
    return 5061 if transport is Transport.TLS else 5060


def locate(host: HostPort, transport: Transport, *, naptr: bool) -> Steps:
    """Lead from a name to candidates.

    A generator: it yields questions that can be asked at the same time, is sent their answers in that
    order, and returns the Resolution. With a port it asks for addresses alone; else for NAPTR when
    ``naptr``, for SRV, and for addresses only once it is known that there is no SRV record.
    """
    name = host.host.rstrip(".").lower()
    if host.port is not None:
        return (yield from _by_address(name, host.port, "A or AAAA", []))
    usual = f"{_SERVICES[transport]}.{name}"
    before: list[Answer] = []
    pointed: list[str] = []
    if naptr:
        (pointers,) = yield [Question(name, Kind.NAPTR)]
        if pointers.outcome.is_failure:
            return _failure(pointers)
        before.append(pointers)
        pointed = pointed_services(pointers, transport)
    for services in filter(None, (pointed, [] if usual in pointed else [usual])):
        answers = yield [Question(service, Kind.SRV) for service in services]
        if any(answer.records for answer in answers):
            pointing = before if services is pointed else []
            return (yield from _by_servers([*pointing, *answers]))
        for answer in answers:
            if answer.outcome.is_failure:
                return _failure(answer)
        before.extend(answers)
    kinds = "NAPTR, SRV, A or AAAA" if naptr else "SRV, A or AAAA"
    return (yield from _by_address(name, default_port(transport), kinds, before))


def known_addresses(name: str, addresses: Sequence[str], port: int) -> Resolution:
    """The resolution of a name whose addresses are known without DNS."""
    answer = Answer(Question(name, Kind.A), Outcome.FOUND, tuple(addresses))
    return _resolution([Srv(0, 0, port, name)], {name: addresses_of(name, [answer])}, [], [])


def pointed_services(pointers: Answer, transport: Transport) -> list[str]:
    """The names of SRV records that NAPTR points to for a transport (RFC 3263 section 4.1).

    Those of the lowest order among the fitting ones, by preference.
    """
    fitting = sorted(
        record
        for record in pointers.records
        if isinstance(record, Naptr)
        and record.service.lower() == _NAPTR_SERVICES[transport]
        and record.flags.lower() == "s"
        and record.replacement != "."
    )
    first_group = [record.replacement for record in fitting if record.order == fitting[0].order]
    return list(dict.fromkeys(first_group))[:MAX_NAPTR]


def _by_address(name: str, port: int, kinds: str, before: list[Answer]) -> Steps:
    answers = yield [Question(name, Kind.A), Question(name, Kind.AAAA)]
    host = addresses_of(name, answers)
    if host.addresses:
        return _resolution([Srv(0, 0, port, name)], {name: host}, [], [])
    absent = host.outcome is Outcome.NO_RECORD
    reason = f"no {kinds} record for {name}" if absent else host.problem
    ttls = [] if host.outcome.is_failure else [host.ttl_s, *(answer.ttl_s for answer in before)]
    return Resolution(cause=_CAUSES[host.outcome], reason=reason, ttl_s=bounded_ttl(*ttls))


def _by_servers(answers: Sequence[Answer]) -> Steps:
    """From SRV records to the addresses of their targets. ``answers`` may include the NAPTR before them."""
    ttls = [answer.ttl_s for answer in answers if answer.records]
    problems = [answer.reason for answer in answers if answer.outcome.is_failure]
    if problems:
        ttls.append(0.0)
    servers: list[Srv] = []
    for answer in answers:
        records = [record for record in answer.records if isinstance(record, Srv)]
        if records and all(record.target == "." for record in records):
            problems.append(f'{answer.question} says that there is no such service (its target is ".")')
        usable = [record for record in records if record.target != "." and record.port]
        if any(record.target != "." and not record.port for record in records):
            problems.append(f"{answer.question} has a record with port 0")
        servers.extend(sorted(usable, key=lambda srv: (srv.priority, -srv.weight, srv.target, srv.port)))
    if not servers:
        return Resolution(cause=Cause.DNS_ERROR, reason=in_words(problems), ttl_s=bounded_ttl(*ttls))
    if len(servers) > MAX_SRV:
        problems.append(f"only the first {MAX_SRV} of {len(servers)} SRV records are used")
    del servers[MAX_SRV:]
    names = list(dict.fromkeys(server.target for server in servers))
    found = yield [Question(name, kind) for name in names for kind in (Kind.A, Kind.AAAA)]
    hosts = {name: addresses_of(name, found[2 * n : 2 * n + 2]) for n, name in enumerate(names)}
    return _resolution(servers, hosts, problems, ttls)


def _resolution(
    servers: Sequence[Srv], hosts: Mapping[str, HostAddresses], problems: list[str], ttls: list[float]
) -> Resolution:
    """Put servers and their addresses together; the reason has ``problems`` and those of the addresses."""
    problems = [*problems, *(host.problem for host in hosts.values() if host.problem)]
    candidates: dict[tuple[str, int], Candidate] = {}
    for server in servers:
        for address in hosts[server.target].addresses:
            place = (address, server.port)
            candidates.setdefault(place, Candidate(place, server.priority, server.weight, server.target))
    for host in hosts.values():
        if host.outcome.is_failure:
            ttls = [0.0]  # what could not be asked may have more to say soon
        elif host.addresses or not candidates:
            ttls = [*ttls, host.ttl_s]
    if not candidates:
        late = any(host.outcome is Outcome.NO_ANSWER for host in hosts.values())
        cause = Cause.DNS_TIMEOUT if late else Cause.DNS_ERROR
        return Resolution(cause=cause, reason=in_words(problems), ttl_s=bounded_ttl(*ttls))
    if len(candidates) > MAX_ADDRESSES:
        problems.insert(0, f"only the first {MAX_ADDRESSES} of {len(candidates)} addresses are used")
    first = tuple(candidates.values())[:MAX_ADDRESSES]
    unheard = frozenset((name, version) for name, host in hosts.items() for version in host.unheard)
    return Resolution(first, reason=in_words(problems), ttl_s=bounded_ttl(*ttls), unheard=unheard)


def _failure(answer: Answer) -> Resolution:
    return Resolution(cause=_CAUSES[answer.outcome], reason=answer.reason)
