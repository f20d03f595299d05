"""From answers to candidates (RFC 3263), without a DNS server: the answers are looked up in a dict."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.probe.naming.answers import Answer, Kind, Naptr, Outcome, Question, Record, Srv
from provd.probe.naming.locate import MAX_ADDRESSES, MAX_NAPTR, MAX_SRV, known_addresses, locate
from provd.probe.naming.resolution import Resolution
from provd.schema.health import Cause
from provd.schema.hostname import parse_hostname
from provd.schema.provider import Transport

NAME = "pbx.example.net"
UDP_SRV = f"SRV _sip._udp.{NAME}"


class Zone:
    """Answers by question, like "SRV _sip._udp.pbx.example.net"; what it does not have, does not exist."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[list[str]] = []

    def has(self, question: str, *records: Record, ttl_s: float = 300.0) -> None:
        outcome = Outcome.FOUND if records else Outcome.NO_RECORD
        self.answers[question] = Answer(_question(question), outcome, records, ttl_s)

    def fails(self, question: str, outcome: Outcome) -> None:
        self.answers[question] = Answer(_question(question), outcome, reason=f"{question} failed")

    def locate(
        self, hostname: str, transport: Transport = Transport.UDP, *, naptr: bool = False
    ) -> Resolution:
        steps = locate(parse_hostname(hostname), transport, naptr=naptr)
        try:
            questions = next(steps)
            while True:
                questions = steps.send(self._answer(questions))
        except StopIteration as end:
            resolution: Resolution = end.value
            return resolution

    def _answer(self, questions: Sequence[Question]) -> list[Answer]:
        self.asked.append([str(question) for question in questions])
        return [self.answers.get(str(question), _no_name(question)) for question in questions]


def _question(text: str) -> Question:
    kind, _, name = text.partition(" ")
    return Question(name, Kind(kind))


def _no_name(question: Question) -> Answer:
    return Answer(question, Outcome.NO_NAME, ttl_s=60.0, reason=f"{question.name} does not exist")


def targets(resolution: Resolution) -> list[str]:
    return [f"{name}:{port}" for (_, port), _, _, name in resolution.candidates]


@pytest.fixture
def zone() -> Zone:
    return Zone()


# what is asked


@pytest.mark.parametrize(
    ("transport", "service", "port"),
    [
        (Transport.UDP, "_sip._udp", 5060),
        (Transport.TCP, "_sip._tcp", 5060),
        (Transport.TLS, "_sips._tcp", 5061),
    ],
)
def test_without_srv_the_name_itself_has_the_address_and_the_transport_the_port(
    zone: Zone, transport: Transport, service: str, port: int
) -> None:
    zone.has(f"A {NAME}", "192.0.2.1")
    assert zone.locate(NAME, transport).addresses == (("192.0.2.1", port),)
    assert zone.asked == [[f"SRV {service}.{NAME}"], [f"A {NAME}", f"AAAA {NAME}"]]


def test_a_port_leaves_srv_and_naptr_out(zone: Zone) -> None:
    zone.has(f"A {NAME}", "192.0.2.1")
    zone.has(UDP_SRV, Srv(1, 1, 5070, "other.example.net"))
    (candidate,) = zone.locate(f"{NAME}:5080", naptr=True).candidates
    assert candidate == (("192.0.2.1", 5080), 0, 0, NAME)
    assert zone.asked == [[f"A {NAME}", f"AAAA {NAME}"]]


def test_the_final_dot_and_capitals_change_nothing(zone: Zone) -> None:
    zone.has(f"A {NAME}", "192.0.2.1")
    assert zone.locate("PBX.Example.NET.").addresses == (("192.0.2.1", 5060),)


def test_all_targets_are_asked_for_at_once_and_each_once(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(1, 1, 5060, "a.net"), Srv(2, 1, 5060, "b.net"), Srv(3, 1, 5070, "a.net"))
    zone.has("A a.net", "192.0.2.1")
    assert targets(zone.locate(NAME)) == ["a.net:5060", "a.net:5070"]
    assert zone.asked[1:] == [["A a.net", "AAAA a.net", "A b.net", "AAAA b.net"]]


# SRV


def test_servers_come_by_priority_then_the_greater_weight(zone: Zone) -> None:
    zone.has(
        UDP_SRV,
        *(Srv(20, 9, 5060, "d.net"), Srv(10, 10, 5060, "b.net")),
        *(Srv(10, 60, 5060, "a.net"), Srv(10, 0, 5060, "c.net")),
    )
    for number, name in enumerate("abcd", 1):
        zone.has(f"A {name}.net", f"192.0.2.{number}")
    found = zone.locate(NAME)
    assert targets(found) == ["a.net:5060", "b.net:5060", "c.net:5060", "d.net:5060"]
    assert [(each.priority, each.weight) for each in found.candidates] == [
        (10, 60),
        (10, 10),
        (10, 0),
        (20, 9),
    ]
    assert found.reason is None


def test_an_address_that_comes_twice_keeps_its_best_priority(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(2, 5, 5060, "b.net"), Srv(1, 5, 5060, "a.net"), Srv(3, 5, 5070, "b.net"))
    zone.has("A a.net", "192.0.2.1")
    zone.has("A b.net", "192.0.2.1")
    assert [(each.address, each.priority) for each in zone.locate(NAME).candidates] == [
        (("192.0.2.1", 5060), 1),
        (("192.0.2.1", 5070), 3),
    ]


def test_a_target_of_a_dot_says_that_there_is_no_such_service(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 0, "."), ttl_s=120.0)
    zone.has(f"A {NAME}", "192.0.2.1")
    found = zone.locate(NAME)
    assert (found.cause, found.addresses, found.ttl_s) == (Cause.DNS_ERROR, (), 120.0)
    assert found.reason == f'{UDP_SRV} says that there is no such service (its target is ".")'


def test_a_target_of_a_dot_beside_others_is_left_out(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 5060, "."), Srv(1, 0, 5060, "a.net"))
    zone.has("A a.net", "192.0.2.1")
    assert targets(zone.locate(NAME)) == ["a.net:5060"]


def test_port_0_is_left_out_and_told(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 0, "b.net"), Srv(1, 0, 5060, "a.net"))
    zone.has("A a.net", "192.0.2.1")
    found = zone.locate(NAME)
    assert targets(found) == ["a.net:5060"]
    assert found.reason == f"{UDP_SRV} has a record with port 0"


def test_a_target_without_an_address_is_left_out_and_told(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 5060, "gone.net"), Srv(1, 0, 5060, "a.net"))
    zone.has("A a.net", "192.0.2.1")
    found = zone.locate(NAME)
    assert (found.cause, targets(found), found.ttl_s) == (Cause.OK, ["a.net:5060"], 300.0)
    assert found.reason == "gone.net does not exist"


def test_when_no_target_has_an_address_each_is_named(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 5060, "gone.net"), Srv(1, 0, 5060, "empty.net"))
    zone.has("A empty.net")
    zone.has("AAAA empty.net")
    zone.has(f"A {NAME}", "192.0.2.1")
    found = zone.locate(NAME)
    assert (found.cause, found.addresses) == (Cause.DNS_ERROR, ())
    assert found.reason == "gone.net does not exist; no A or AAAA record for empty.net"


def test_many_targets_without_addresses_are_counted(zone: Zone) -> None:
    zone.has(UDP_SRV, *(Srv(number, 0, 5060, f"s{number}.net") for number in range(10)))
    assert str(zone.locate(NAME).reason).endswith("s2.net does not exist; and 7 more")


def test_a_target_that_could_not_be_asked_for_is_asked_for_soon_again(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 5060, "late.net"), Srv(1, 0, 5060, "a.net"))
    zone.has("A a.net", "192.0.2.1")
    zone.fails("A late.net", Outcome.NO_ANSWER)
    zone.has("AAAA late.net")
    found = zone.locate(NAME)
    assert (found.cause, targets(found), found.ttl_s) == (Cause.OK, ["a.net:5060"], 30.0)
    assert found.reason == "A late.net failed"
    assert found.unheard == {("late.net", 4)}


def test_when_no_target_could_be_asked_for_the_cause_is_that(zone: Zone) -> None:
    zone.has(UDP_SRV, Srv(0, 0, 5060, "late.net"), Srv(0, 0, 5060, "broken.net"))
    zone.fails("A broken.net", Outcome.FAILED)
    zone.has("AAAA broken.net")
    assert zone.locate(NAME).reason == "A broken.net failed; late.net does not exist"
    assert zone.locate(NAME).cause is Cause.DNS_ERROR
    zone.fails("A late.net", Outcome.NO_ANSWER)
    zone.has("AAAA late.net")
    assert zone.locate(NAME).cause is Cause.DNS_TIMEOUT


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [(Outcome.FAILED, Cause.DNS_ERROR), (Outcome.NO_ANSWER, Cause.DNS_TIMEOUT)],
)
@pytest.mark.parametrize("question", [UDP_SRV, f"NAPTR {NAME}"])
def test_a_question_that_failed_is_not_taken_for_absence(
    zone: Zone, question: str, outcome: Outcome, cause: Cause
) -> None:
    zone.has(f"A {NAME}", "192.0.2.1")
    zone.fails(question, outcome)
    found = zone.locate(NAME, naptr=True)
    assert (found.cause, found.addresses, found.ttl_s) == (cause, (), 30.0)
    assert found.reason == f"{question} failed"


# NAPTR


def test_naptr_names_the_service_of_the_transport(zone: Zone) -> None:
    zone.has(
        f"NAPTR {NAME}",
        Naptr(10, 10, "s", "SIPS+D2T", "", "_sips._tcp.secure.net"),
        Naptr(20, 10, "S", "sip+d2t", "", "_sip._tcp.plain.net"),
        Naptr(30, 10, "s", "SIP+D2U", "", "_sip._udp.plain.net"),
    )
    for service, name in (("_sips._tcp.secure.net", "t.net"), ("_sip._tcp.plain.net", "c.net")):
        zone.has(f"SRV {service}", Srv(0, 0, 5099, name))
    zone.has("SRV _sip._udp.plain.net", Srv(0, 0, 5099, "u.net"))
    for number, name in enumerate(("t.net", "c.net", "u.net"), 1):
        zone.has(f"A {name}", f"192.0.2.{number}")
    assert targets(zone.locate(NAME, Transport.TLS, naptr=True)) == ["t.net:5099"]
    assert targets(zone.locate(NAME, Transport.TCP, naptr=True)) == ["c.net:5099"]
    assert targets(zone.locate(NAME, Transport.UDP, naptr=True)) == ["u.net:5099"]


def test_naptr_of_the_lowest_order_counts_by_preference(zone: Zone) -> None:
    zone.has(
        f"NAPTR {NAME}",
        Naptr(20, 1, "s", "SIP+D2U", "", "_sip._udp.third.net"),
        Naptr(10, 2, "s", "SIP+D2U", "", "_sip._udp.second.net"),
        Naptr(10, 1, "s", "SIP+D2U", "", "_sip._udp.first.net"),
        Naptr(1, 1, "s", "SIP+D2T", "", "_sip._tcp.other.net"),
        Naptr(1, 1, "u", "SIP+D2U", "!.*!sip:x!", "."),
    )
    for number, name in enumerate(("first.net", "second.net", "third.net"), 1):
        zone.has(f"SRV _sip._udp.{name}", Srv(9 - number, 0, 5060, name))
        zone.has(f"A {name}", f"192.0.2.{number}")
    assert targets(zone.locate(NAME, naptr=True)) == ["first.net:5060", "second.net:5060"]
    assert zone.asked[1] == ["SRV _sip._udp.first.net", "SRV _sip._udp.second.net"]


@pytest.mark.parametrize(
    "record",
    [
        Naptr(1, 1, "s", "SIP+D2T", "", "_sip._tcp.other.net"),
        Naptr(1, 1, "a", "SIP+D2U", "", "other.net"),
        Naptr(1, 1, "s", "E2U+sip", "", "_sip._udp.other.net"),
        Naptr(1, 1, "s", "SIP+D2U", "!.*!x!", "."),
        Naptr(1, 1, "s", "SIP+D2U", "", "_sip._udp.gone.net"),
    ],
    ids=["another transport", "another flag", "another service", "no replacement", "no such service"],
)
def test_naptr_that_leads_nowhere_changes_nothing(zone: Zone, record: Naptr) -> None:
    zone.has(f"NAPTR {NAME}", record)
    zone.has(UDP_SRV, Srv(0, 0, 5070, "a.net"))
    zone.has("A a.net", "192.0.2.1")
    assert targets(zone.locate(NAME, naptr=True)) == ["a.net:5070"]


def test_naptr_to_the_usual_service_has_it_asked_for_once(zone: Zone) -> None:
    zone.has(f"NAPTR {NAME}", Naptr(1, 1, "s", "SIP+D2U", "", f"_sip._udp.{NAME}"))
    zone.has(f"A {NAME}", "192.0.2.1")
    assert targets(zone.locate(NAME, naptr=True)) == [f"{NAME}:5060"]
    assert zone.asked == [[f"NAPTR {NAME}"], [UDP_SRV], [f"A {NAME}", f"AAAA {NAME}"]]


def test_one_service_that_fails_leaves_the_other(zone: Zone) -> None:
    services = ("_sip._udp.a.net", "_sip._udp.b.net")
    zone.has(f"NAPTR {NAME}", *(Naptr(1, 1, "s", "SIP+D2U", "", service) for service in services))
    zone.fails(f"SRV {services[0]}", Outcome.NO_ANSWER)
    zone.has(f"SRV {services[1]}", Srv(0, 0, 5060, "b.net"))
    zone.has("A b.net", "192.0.2.1")
    found = zone.locate(NAME, naptr=True)
    assert (targets(found), found.ttl_s) == (["b.net:5060"], 30.0)
    assert found.reason == f"SRV {services[0]} failed"


# no address


def test_a_name_that_does_not_exist(zone: Zone) -> None:
    found = zone.locate(NAME)
    assert (found.cause, found.reason) == (Cause.DNS_NXDOMAIN, f"{NAME} does not exist")


@pytest.mark.parametrize(
    ("hostname", "naptr", "kinds"),
    [
        (f"{NAME}:5060", True, "A or AAAA"),
        (NAME, False, "SRV, A or AAAA"),
        (NAME, True, "NAPTR, SRV, A or AAAA"),
    ],
)
def test_no_records_are_named_by_what_was_asked(zone: Zone, hostname: str, naptr: bool, kinds: str) -> None:
    zone.has(f"A {NAME}")
    zone.has(f"AAAA {NAME}")
    found = zone.locate(hostname, naptr=naptr)
    assert (found.cause, found.reason) == (Cause.DNS_ERROR, f"no {kinds} record for {NAME}")


def test_one_family_serves_while_the_other_fails(zone: Zone) -> None:
    zone.has(f"A {NAME}", "192.0.2.1")
    zone.fails(f"AAAA {NAME}", Outcome.FAILED)
    found = zone.locate(NAME)
    assert (found.cause, found.addresses, found.ttl_s) == (Cause.OK, (("192.0.2.1", 5060),), 30.0)
    assert found.reason == f"AAAA {NAME} failed"
    assert found.unheard == {(NAME, 6)}


def test_one_family_that_is_absent_does_not_hide_that_the_other_failed(zone: Zone) -> None:
    zone.fails(f"A {NAME}", Outcome.NO_ANSWER)
    zone.has(f"AAAA {NAME}")
    found = zone.locate(NAME)
    assert (found.cause, found.reason, found.ttl_s) == (Cause.DNS_TIMEOUT, f"A {NAME} failed", 30.0)


def test_addresses_that_no_server_can_have_are_no_addresses(zone: Zone) -> None:
    zone.has(f"A {NAME}", "0.0.0.0")
    zone.has(f"AAAA {NAME}")
    found = zone.locate(NAME)
    assert (found.cause, found.addresses) == (Cause.DNS_ERROR, ())
    assert found.reason == f"{NAME} leads to 0.0.0.0, which is no address of a host"


# limits


def test_of_many_addresses_the_same_first_ones_are_used_in_whatever_order_they_come(zone: Zone) -> None:
    many = [f"10.0.{number // 250}.{number % 250}" for number in range(1000)]
    zone.has(f"A {NAME}", *many)
    found = zone.locate(NAME)
    assert found.addresses == tuple((address, 5060) for address in many[:MAX_ADDRESSES])
    assert found.reason == f"only the first {MAX_ADDRESSES} of 1000 addresses are used"
    zone.has(f"A {NAME}", *reversed(many))
    assert zone.locate(NAME) == found


def test_of_many_servers_the_preferred_ones_are_used(zone: Zone) -> None:
    zone.has(UDP_SRV, *(Srv(1000 - number, 0, 5060, f"s{number}.net") for number in range(1000)))
    for number in range(1000):
        zone.has(f"A s{number}.net", f"10.0.{number // 250}.{number % 250}")
    found = zone.locate(NAME)
    assert targets(found) == [f"s{999 - number}.net:5060" for number in range(MAX_SRV)]
    assert found.reason == f"only the first {MAX_SRV} of 1000 SRV records are used"


def test_of_many_naptr_only_a_few_are_followed(zone: Zone) -> None:
    zone.has(
        f"NAPTR {NAME}",
        *(Naptr(1, number, "s", "SIP+D2U", "", f"_sip._udp.s{number}.net") for number in range(1000)),
    )
    zone.locate(NAME, naptr=True)
    assert len(zone.asked[1]) == MAX_NAPTR


# how long it holds


@pytest.mark.parametrize(
    ("naptr_ttl", "srv_ttl", "address_ttl", "ttl_s"),
    [
        (300, 200, 100, 100),
        (300, 100, 200, 100),
        (100, 200, 300, 100),
        (1, 200, 300, 30),
        (9e5, 9e5, 9e5, 3600),
    ],
)
def test_the_least_ttl_of_the_records_holds_within_bounds(
    zone: Zone, naptr_ttl: float, srv_ttl: float, address_ttl: float, ttl_s: float
) -> None:
    zone.has(f"NAPTR {NAME}", Naptr(1, 1, "s", "SIP+D2U", "", "_sip._udp.a.net"), ttl_s=naptr_ttl)
    zone.has("SRV _sip._udp.a.net", Srv(0, 0, 5060, "a.net"), ttl_s=srv_ttl)
    zone.has("A a.net", "192.0.2.1", ttl_s=address_ttl)
    assert zone.locate(NAME, naptr=True).ttl_s == ttl_s


def test_what_is_absent_beside_a_record_does_not_shorten_its_ttl(zone: Zone) -> None:
    zone.has(UDP_SRV, ttl_s=40)
    zone.has(f"A {NAME}", "192.0.2.1", ttl_s=500)
    zone.has(f"AAAA {NAME}", ttl_s=50)
    assert zone.locate(NAME).ttl_s == 500


def test_absence_holds_as_long_as_the_least_of_the_answers_says(zone: Zone) -> None:
    zone.has(UDP_SRV, ttl_s=900)
    zone.has(f"A {NAME}", ttl_s=800)
    zone.has(f"AAAA {NAME}", ttl_s=700)
    assert zone.locate(NAME).ttl_s == 700


# any answers at all

_NAMES = st.sampled_from(["a.net", "b.net", ".", NAME])
_SMALL = st.integers(0, 3)
_RECORDS: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.A: st.ip_addresses(v=4).map(str),
    Kind.AAAA: st.ip_addresses(v=6).map(str),
    Kind.SRV: st.builds(Srv, _SMALL, _SMALL, st.integers(0, 65535), _NAMES),
    Kind.NAPTR: st.builds(
        *(Naptr, _SMALL, _SMALL, st.sampled_from(["s", "S", "u", ""])),
        *(st.sampled_from(["SIP+D2U", "x"]), st.just(""), _NAMES.map("_sip._udp.{}".format)),
    ),
}


@st.composite
def _answers(draw: st.DrawFn) -> tuple[str, Outcome, list[Record]]:
    kind = draw(st.sampled_from(Kind))
    name = draw(_NAMES)
    question = f"SRV _sip._udp.{name}" if kind is Kind.SRV else f"{kind} {name}"
    records: list[Record] = draw(st.lists(_RECORDS[kind], min_size=1, max_size=5))
    return question, draw(st.sampled_from(Outcome)), records


@given(st.lists(_answers(), max_size=8), st.booleans())
def test_whatever_dns_says_there_are_candidates_or_a_cause_and_a_reason(
    said: list[tuple[str, Outcome, list[Record]]], naptr: bool
) -> None:
    zone = Zone()
    for question, outcome, records in said:
        if outcome is Outcome.FOUND:
            zone.has(question, *records)
        else:
            zone.fails(question, outcome)
    found = zone.locate(NAME, naptr=naptr)
    assert (found.cause is Cause.OK) == bool(found.candidates)
    assert found.candidates or found.reason
    assert len(set(found.addresses)) == len(found.addresses) <= MAX_ADDRESSES
    assert 30 <= found.ttl_s <= 3600
    assert len(zone.asked) <= 4


# without DNS


def test_known_addresses_are_candidates_for_the_least_time() -> None:
    found = known_addresses("pbx", ["0.0.0.0", "::1", "127.0.0.1"], 5060)
    assert found.addresses == (("127.0.0.1", 5060), ("::1", 5060))
    assert {each.name for each in found.candidates} == {"pbx"}
    assert found.ttl_s == 30.0
