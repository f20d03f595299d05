"""The assessor: what others hear of."""

from itertools import count

import pytest

from provd.probe.assessor import Assessor
from provd.probe.findings import CertificateExpiry, UplinkChange
from provd.probe.result import ProbeResult
from provd.probe.settings import ProbeSettings
from provd.probe.stream.certificate import Certificate
from provd.probe.stream.progress import StreamOutcome
from provd.probe.target import Answer, StreamTarget, Target, Watch
from provd.probe.uplink import FAILING_AT_ONCE
from provd.schema.codes import parse_codes
from provd.schema.health import Cause
from provd.schema.hostname import parse_hostname
from provd.schema.provider import Transport

OK = Answer(b"SIP/2.0 200 OK\r\n", 200, "OK", None)
BUSY = Answer(b"\0", 503, "Service Unavailable", None)


class Assessed:
    """An assessor, and ``trunks`` whose checks end when a test says so."""

    def __init__(self, number: int = FAILING_AT_ONCE, **settings: object) -> None:
        self.assessor = Assessor(lambda *_: None, lambda _: None)
        self.trunks = [self.trunk(each, **settings) for each in range(number)]
        self._at = count(1.0)
        for trunk in self.trunks:
            self.tell(trunk, OK)

    def trunk(self, number: int, **settings: object) -> Watch:
        name = f"192.0.2.{number + 1}"
        made = Watch(name, parse_hostname(name), ProbeSettings(**settings))  # type: ignore[arg-type]
        made.targets = (Target(made, (name, 5060)),)
        return made

    def tell(self, trunk: Watch, answer: Answer | None, cause: Cause = Cause.OK) -> None:
        at, rtt_ms = next(self._at), None if answer is None else 5.0
        result = ProbeResult(trunk.targets[0], at, cause, answer, rtt_ms=rtt_ms)
        self.assessor.assess(result, 1e9 + at, traced=False)

    def uplink(self) -> list[bool]:
        found = self.assessor.take_findings()
        return [each.suspect for each in found if isinstance(each, UplinkChange)]


@pytest.mark.parametrize("cause", [Cause.TIMEOUT, Cause.UNREACHABLE, Cause.DNS_TIMEOUT, Cause.LOCAL])
def test_our_uplink_is_suspected_when_all_fall_silent_at_once_and_not_after_an_answer(cause: Cause) -> None:
    assessed = Assessed()
    for trunk in assessed.trunks:
        assessed.tell(trunk, None, cause)
    assert assessed.uplink() == [True]
    assessed.tell(assessed.trunks[0], OK)
    assert assessed.uplink() == [False]
    for trunk in assessed.trunks[1:]:  # they were silent before
        assessed.tell(trunk, None, cause)
    assert assessed.uplink() == []


def test_a_carrier_that_answers_with_a_code_that_is_not_accepted_does_answer() -> None:
    assessed = Assessed(codes=parse_codes("2xx"))
    for trunk in assessed.trunks:
        assessed.tell(trunk, BUSY)
    assert {each.targets[0].cause for each in assessed.trunks} == {Cause.REPLY_EXCLUDED}
    assert assessed.uplink() == []
    for trunk in assessed.trunks:
        assessed.tell(trunk, None, Cause.TIMEOUT)
    assert assessed.uplink() == [True]
    assessed.tell(assessed.trunks[0], BUSY)
    assert assessed.uplink() == [False]


def test_a_suspicion_ends_with_an_answer_also_when_those_that_failed_are_gone() -> None:
    assessed = Assessed()
    for trunk in assessed.trunks:
        assessed.tell(trunk, None, Cause.TIMEOUT)
    for trunk in assessed.trunks:
        assessed.assessor.forget(trunk)
    assert assessed.uplink() == [True]
    assessed.tell(assessed.trunk(99), OK)
    assert assessed.uplink() == [False]


DAY_S = 86400.0


class Served(Assessed):
    """One trunk over TLS, whose certificate is as a test says."""

    def __init__(self) -> None:
        super().__init__(0, transport=Transport.TLS)
        self.trunks = [self.trunk(0, transport=Transport.TLS)]
        self.target = StreamTarget(self.trunks[0], ("192.0.2.1", 5061))
        self.trunks[0].targets = (self.target,)
        self.told: list[tuple[int, int]] = []

    def check(self, day: int, ends_on: int, *, reused: bool = False) -> None:
        self.target.certificate = Certificate("CN=c", "CN=ca", ends_on * DAY_S, ())
        stream = StreamOutcome(
            Cause.OK, None, None, 0.0, 5.0, None, None, self.target.certificate, b"", b"", reused, None
        )
        result = ProbeResult(self.target, float(day), Cause.OK, OK, rtt_ms=5.0, stream=stream)
        self.assessor.assess(result, day * DAY_S, traced=False)
        for each in self.assessor.take_findings():
            if isinstance(each, CertificateExpiry):
                self.told.append((day, each.threshold))


def test_the_end_of_each_certificate_is_announced_also_of_one_that_is_short() -> None:
    served, ends_on = Served(), 28
    for day in range(90):
        if day in (22, 44):  # renewed twice; then it is forgotten
            ends_on = day + 28
        served.check(day, ends_on)
    assert served.told == [
        *((0, 30), (14, 14), (21, 7)),
        *((22, 30), (36, 14), (43, 7)),
        *((44, 30), (58, 14), (65, 7)),
    ]


def test_what_an_old_connection_showed_is_not_announced_when_there_may_be_a_newer_one() -> None:
    served = Served()
    served.check(0, 40)
    served.check(15, 40, reused=True)
    assert served.told == []
    served.check(15, 90)
    assert served.told == []
    served.check(83, 90)
    assert served.told == [(83, 7)]
