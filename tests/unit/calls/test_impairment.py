"""When a provider whose checks succeed is impaired."""

from provd.calls.impairment import Thresholds, impairment
from provd.calls.rollup import CallRollup

LIMITS = Thresholds(min_attempts=20, ner_min_pct=50, ner_drop_pct=30)


def calls(**codes: int) -> CallRollup:
    rollup = CallRollup()
    for code, number in codes.items():
        for _ in range(number):
            rollup.add(int(code.removeprefix("c")))
    return rollup


def test_calls_that_do_not_arrive_say_how_many_and_with_which_code() -> None:
    assert impairment(calls(c200=6, c503=20, c500=4), None, LIMITS) == (
        "its checks succeed, but of the 30 calls of the last 15 min only 6 reached the called party "
        "(NER 20 %, and less than 50 % is too little): 20 ended with 503"
    )


def test_nothing_is_said_of_few_calls() -> None:
    assert impairment(calls(c503=19), None, LIMITS) is None
    assert impairment(calls(c503=20), None, LIMITS) is not None


def test_called_parties_who_do_not_answer_are_no_fault_of_the_provider() -> None:
    assert impairment(calls(c486=10, c480=10, c487=10, c603=10), None, LIMITS) is None


def test_a_fall_since_the_week_before_is_enough() -> None:
    now = calls(c200=12, c503=8)
    assert impairment(now, calls(c200=18, c503=2), LIMITS) == (
        "its checks succeed, but of the 20 calls of the last 15 min only 12 reached the called party "
        "(NER 60 %; a week before it was 90 %): 8 ended with 503"
    )
    assert impairment(now, calls(c200=17, c503=3), LIMITS) is None
    assert impairment(now, calls(c200=9), LIMITS) is None, "too few calls then to compare with"


def test_a_threshold_of_zero_switches_the_rule_off() -> None:
    assert impairment(calls(c503=100), None, Thresholds(20, 0, 100)) is None
