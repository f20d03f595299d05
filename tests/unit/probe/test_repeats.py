"""The same answer again: the short way comes to what the long way comes to."""

from dataclasses import fields
from typing import Any

from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from provd.probe.assessor import Assessor
from provd.probe.result import ProbeResult, result_of
from provd.probe.settings import ProbeSettings
from provd.probe.target import Answer, Target, Watch
from provd.probe.uplink import FAILING_AT_ONCE
from provd.schema.codes import parse_codes
from provd.schema.health import Cause
from provd.schema.hostname import parse_hostname
from provd.schema.probe import RollUp

OK = Answer(b"SIP/2.0 200 OK\r\n", 200, "OK", None)
RENAMED = Answer(b"SIP/2.0 200 OK\r\n", 200, "OK", "Edge 2")
MISSING = Answer(b"SIP/2.0 404 Not Found\r\n", 404, "Not Found", None)
BUSY = Answer(b"\0", 503, "Service Unavailable", None)
BUSY_FOR_S = 7
WALL = 1.8e9
_NOT_COMPARED = ("watch", "exchange")  # each side has its own

settings = st.builds(
    ProbeSettings,
    rise=st.integers(1, 3),
    fall=st.integers(1, 3),
    codes=st.sampled_from([None, parse_codes("2xx"), parse_codes("2xx,404")]),
    rollup=st.sampled_from(RollUp),
)
FIRST, SECOND = range(1), range(1, 2)
of = st.sampled_from([FIRST, FIRST, SECOND, range(FAILING_AT_ONCE)])
checks = st.tuples(
    of,
    st.integers(0, 1),
    st.sampled_from([OK, OK, OK, RENAMED, MISSING, BUSY, Cause.TIMEOUT, Cause.LOCAL]),
    st.integers(1, 3),
)
steps = st.lists(st.one_of(checks, checks, checks, st.tuples(of, settings)), min_size=5, max_size=40)


class Assessed:
    """Providers of two addresses each. ``short``: what can be taken as a repeat is."""

    def __init__(self, first: ProbeSettings, *, short: bool, traced: set[str]) -> None:
        self.samples: list[tuple[object, int]] = []
        self.confirmed: list[object] = []
        self.taken = 0
        self._short = short
        self.assessor = Assessor(
            lambda target, packed: self.samples.append((target.address, packed)),
            lambda target: self.confirmed.append(target.address),
        )
        self.assessor.sampling, self.assessor.traced = True, traced
        self.watches = [self._watch(number, first) for number in range(FAILING_AT_ONCE)]

    @staticmethod
    def _watch(number: int, first: ProbeSettings) -> Watch:
        name = f"192.0.2.{number}"
        made = Watch(name, parse_hostname(name), first)
        made.targets = tuple(Target(made, (name, port)) for port in (5060, 5061))
        return made

    def check(self, target: Target, answer: Answer | Cause, at: float) -> None:
        if isinstance(answer, Cause):
            self._assess(ProbeResult(target, at, answer))
        elif answer is BUSY:
            self._assess(ProbeResult(target, at, Cause.OK, BUSY, rtt_ms=20.0, retry_after_s=BUSY_FOR_S))
        elif answer is target.answer:
            repeat = (target, at, 20.0, b"branch", b"received")
            if not self._short or not self.assessor.repeat(target, WALL + at, 20.0):
                self._assess(result_of(repeat))
            else:
                self.taken += 1
        else:
            self._assess(ProbeResult(target, at, Cause.OK, answer, rtt_ms=20.0))

    def _assess(self, result: ProbeResult) -> None:
        self.assessor.assess(result, WALL + result.at, traced=False)

    def shown(self) -> object:
        """Everything that others can see, but how often it was a success."""
        told = [
            [type(each), *(getattr(each, one.name) for one in fields(each) if one.name not in _NOT_COMPARED)]
            for each in self.assessor.take_findings()
        ]
        return (
            told,
            [each.key for each in self.assessor.take_checked()],
            [each.key for each in self.assessor.take_renewed()],
            dict(self.assessor.counts),
            self.assessor.uplink.suspect,
            set(self.assessor.uplink.failing),
            self.samples,
            self.confirmed,
            [(each.status, each.since, each.busy_until, each.flapping) for each in self.watches],
            [
                (each.status, each.cause, each.answer, each.reason, each.rtt_ms, each.checked_at, each.fails)
                for watch in self.watches
                for each in watch.targets
            ],
        )


@examples(max_examples=300)
@example(ProbeSettings(rise=2), [(FIRST, 0, OK, 1), (FIRST, 1, Cause.TIMEOUT, 1), (FIRST, 1, OK, 2)], set())
@example(ProbeSettings(), [(FIRST, 0, OK, 1), (FIRST, 1, BUSY, 1), (FIRST, 0, OK, 1)], set())
@example(
    ProbeSettings(),
    [
        (SECOND, 0, OK, 1),
        (FIRST, 0, OK, 1),
        (FIRST, 0, Cause.LOCAL, 1),
        (SECOND, 0, OK, 1),
        (FIRST, 0, OK, 1),
    ],
    set(),
)
@example(
    ProbeSettings(),
    [(FIRST, 0, MISSING, 1), (FIRST, ProbeSettings(codes=parse_codes("2xx"))), (FIRST, 0, MISSING, 1)],
    set(),
)
@given(settings, steps, st.sets(st.just("192.0.2.0")))
def test_both_ways_come_to_the_same(
    first: ProbeSettings, walk: list[tuple[Any, ...]], traced: set[str]
) -> None:
    sides = [Assessed(first, short=short, traced=traced) for short in (False, True)]
    at = 0.0
    for numbers, *what in walk:
        for number in numbers:
            for side in sides:
                watch = side.watches[number]
                if len(what) == 1:
                    (watch.settings,) = what
                    continue
                which, answer, times = what
                for time in range(times):
                    side.check(watch.targets[which], answer, at + time)
            at += 3.0
            assert sides[0].shown() == sides[1].shown()


def test_the_usual_answer_takes_the_short_way() -> None:
    side = Assessed(ProbeSettings(), short=True, traced=set())
    for at in range(1, 11):
        side.check(side.watches[0].targets[0], OK, float(at))
    assert side.taken == 9
