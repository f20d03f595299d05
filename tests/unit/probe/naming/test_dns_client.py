"""Asking one question: what a DNS server does wrong, and where the system's servers are found."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.probe.naming.answers import Answer, Kind, Naptr, Outcome, Question, Srv
from provd.probe.naming.dns_client import DnsClient
from tests.fakes.dns import FakeDns, Lie, fake_dns

PATIENCE_S = 20.0
A = Question("a.net", Kind.A)


@pytest.fixture
async def dns() -> AsyncIterator[FakeDns]:
    async with fake_dns() as server:
        yield server


async def ask(client: DnsClient | FakeDns, question: Question = A, timeout_s: float = PATIENCE_S) -> Answer:
    if isinstance(client, FakeDns):
        client = DnsClient([client.address])
    return await client.ask(question, asyncio.get_running_loop().time() + timeout_s)


async def test_records_of_each_kind(dns: FakeDns) -> None:
    dns.zone["a.net"] = [
        *("192.0.2.1", "2001:db8::1", "SRV 1 2 5060 Sip.A.net.", "SRV 3 4 0 ."),
        'NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.A.net.',
    ]
    dns.ttls["a.net"] = 77
    assert (await ask(dns)).records == ("192.0.2.1",)
    assert (await ask(dns, Question("a.net", Kind.AAAA))).records == ("2001:db8::1",)
    srv = await ask(dns, Question("a.net", Kind.SRV))
    assert set(srv.records) == {Srv(1, 2, 5060, "sip.a.net"), Srv(3, 4, 0, ".")}
    assert srv.ttl_s == 77
    naptr = await ask(dns, Question("a.net", Kind.NAPTR))
    assert naptr.records == (Naptr(10, 20, "s", "SIP+D2U", "", "_sip._udp.a.net"),)


async def test_an_alias_is_followed_and_its_ttl_counts(dns: FakeDns) -> None:
    dns.zone |= {"a.net": ["CNAME b.net."], "b.net": ["192.0.2.2"]}
    dns.ttls |= {"a.net": 40, "b.net": 4000}
    answer = await ask(dns)
    assert (answer.records, answer.ttl_s) == (("192.0.2.2",), 40)


async def test_an_alias_of_nothing_says_of_what(dns: FakeDns) -> None:
    dns.zone["a.net"] = ["CNAME gone.net."]
    answer = await ask(dns)
    assert answer.outcome is Outcome.NO_NAME
    assert answer.reason == "a.net is an alias of gone.net, which does not exist"


async def test_aliases_in_a_circle_are_a_failure_that_says_so(dns: FakeDns) -> None:
    dns.zone |= {"a.net": ["CNAME b.net."], "b.net": ["CNAME a.net."]}
    answer = await ask(dns)
    assert answer.outcome is Outcome.FAILED
    assert "asked for A a.net" in answer.reason
    assert "endless chain of aliases" in answer.reason


@pytest.mark.parametrize(("negative_ttl", "ttl_s"), [(120, 120.0), (None, 0.0)], ids=["SOA", "no SOA"])
@pytest.mark.parametrize(
    ("zone", "outcome"), [({}, Outcome.NO_NAME), ({"a.net": ["::1"]}, Outcome.NO_RECORD)]
)
async def test_absence_holds_for_as_long_as_the_soa_says(
    dns: FakeDns,
    zone: dict[str, list[str]],
    outcome: Outcome,
    negative_ttl: int | None,
    ttl_s: float,
) -> None:
    dns.zone, dns.negative_ttl = zone, negative_ttl
    answer = await ask(dns)
    assert (answer.outcome, answer.ttl_s) == (outcome, ttl_s)
    assert "a.net" in answer.reason


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "YXDOMAIN"])
async def test_a_server_that_gives_an_error_is_a_failure(dns: FakeDns, rcode: str) -> None:
    dns.rcode = rcode
    answer = await ask(dns)
    assert answer.outcome is Outcome.FAILED
    assert "asked for A a.net" in answer.reason


async def test_the_reason_names_the_server_and_its_error(dns: FakeDns) -> None:
    dns.rcode = "SERVFAIL"
    host, _, port = dns.address.partition(":")
    assert (await ask(dns)).reason == f"asked for A a.net, {host} port {port} answered SERVFAIL"


async def test_a_lame_server_leaves_the_question_to_the_next(dns: FakeDns) -> None:
    dns.zone["a.net"] = ["192.0.2.1"]
    async with fake_dns() as lame:
        lame.rcode = "REFUSED"
        assert (await ask(DnsClient([lame.address, dns.address]))).records == ("192.0.2.1",)
        assert lame.asked == ["A a.net"]


async def test_a_silent_server_leaves_time_for_the_next(dns: FakeDns) -> None:
    dns.zone["a.net"] = ["192.0.2.1"]
    async with fake_dns() as silent:
        silent.silent = True
        answer = await ask(DnsClient([silent.address, dns.address]), timeout_s=3.0)
        assert answer.records == ("192.0.2.1",)
        assert silent.asked


async def test_a_lost_question_is_asked_again_in_time(dns: FakeDns) -> None:
    dns.silent = True
    asking = asyncio.create_task(ask(dns, timeout_s=1.0))
    assert (await asking).outcome is Outcome.NO_ANSWER
    assert len(dns.asked) >= 2


@pytest.mark.parametrize("lie", [Lie.WRONG_ID, Lie.OTHER_QUESTION, Lie.NOT_DNS, Lie.TRUNCATED])
async def test_what_is_no_answer_counts_as_none(dns: FakeDns, lie: Lie) -> None:
    dns.zone["a.net"] = ["192.0.2.1"]
    dns.lie = lie
    answer = await ask(dns, timeout_s=0.3)
    assert (answer.outcome, answer.records) == (Outcome.NO_ANSWER, ())
    assert answer.reason == "no DNS server answered in time when asked for A a.net"


async def test_records_of_another_name_are_not_taken(dns: FakeDns) -> None:
    dns.zone["a.net"] = ["192.0.2.1"]
    dns.lie = Lie.OTHER_OWNER
    assert (await ask(dns)).outcome is Outcome.NO_RECORD


async def test_an_answer_too_large_for_udp_is_fetched_by_tcp(dns: FakeDns) -> None:
    dns.zone["a.net"] = [f"10.0.{number // 250}.{number % 250}" for number in range(1000)]
    assert set((await ask(dns)).records) == set(dns.zone["a.net"])
    assert dns.asked_by_tcp == ["A a.net"]


async def test_past_the_deadline_nothing_is_waited_for(dns: FakeDns) -> None:
    dns.zone["a.net"] = ["192.0.2.1"]
    assert (await ask(dns, timeout_s=-1.0)).outcome is Outcome.NO_ANSWER


async def test_only_so_many_questions_are_out_at_once_and_those_that_wait_end_in_time(dns: FakeDns) -> None:
    dns.silent = True
    client = DnsClient([dns.address])
    questions = [Question(f"n{number}.net", Kind.A) for number in range(200)]
    deadline = asyncio.get_running_loop().time() + 1.0
    answers = await asyncio.gather(*(client.ask(question, deadline) for question in questions))
    assert {answer.outcome for answer in answers} == {Outcome.NO_ANSWER}
    assert len(set(dns.asked)) == 128


async def test_a_name_too_long_for_dns_does_not_exist(dns: FakeDns) -> None:
    long = ".".join(["a" * 61] * 4)
    answer = await ask(dns, Question(f"_sip._udp.{long}", Kind.SRV))
    assert answer.outcome is Outcome.NO_NAME
    assert "longer than" in answer.reason


def test_a_nameserver_must_be_an_address() -> None:
    with pytest.raises(ValueError, match="is not a DNS name"):
        DnsClient(["not an address"])


# as the system would


@pytest.mark.parametrize("text", [None, "", "search example.com\n", "nameserver nonsense\n"])
async def test_without_a_usable_resolv_conf_it_is_a_failure_that_names_the_file(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "resolv.conf"
    if text is not None:
        path.write_text(text)
    answer = await ask(DnsClient(resolv_conf=path, hosts_file=tmp_path / "hosts"))
    assert answer.outcome is Outcome.FAILED
    assert str(path) in answer.reason


async def test_a_resolv_conf_that_appears_or_changes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    client = DnsClient(resolv_conf=path, hosts_file=tmp_path / "hosts")
    assert "no DNS server is known" in (await ask(client)).reason
    for changed, (text, known) in enumerate([("nameserver 127.0.0.253\n", True), ("", False)], 1):
        path.write_text(text)
        os.utime(path, ns=(changed, changed))
        reason = (await ask(client, timeout_s=0.1)).reason
        assert ("no DNS server is known" not in reason) is known


async def test_a_resolv_conf_that_could_not_be_read_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    client = DnsClient(resolv_conf=path, hosts_file=tmp_path / "hosts")
    for text, known in (("", False), ("nameserver 127.0.0.253\n", True)):
        path.write_text(text)
        os.utime(path, ns=(1, 1))  # as when no file could be opened, or its mode was wrong
        reason = (await ask(client, timeout_s=0.1)).reason
        assert ("no DNS server is known" not in reason) is known


async def test_the_hosts_file_comes_before_dns(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.7 a.net\n2001:db8::7 six.net\n")
    client = DnsClient(resolv_conf=tmp_path / "resolv.conf", hosts_file=hosts)
    assert client.known_addresses("a.net") == ("192.0.2.7",)
    assert (await ask(client)).records == ("192.0.2.7",)
    assert (await ask(client, Question("a.net", Kind.AAAA))).outcome is Outcome.NO_RECORD
    assert (await ask(client, Question("six.net", Kind.AAAA))).records == ("2001:db8::7",)
    assert (await ask(client, Question("a.net", Kind.SRV))).outcome is Outcome.FAILED  # asked of DNS


async def test_the_hosts_file_is_the_systems_not_that_of_given_servers(dns: FakeDns, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("192.0.2.7 a.net\n")
    client = DnsClient([dns.address], hosts_file=hosts)
    assert client.known_addresses("a.net") == ()
    assert (await ask(client)).outcome is Outcome.NO_NAME
