"""Every cause and code has words."""

import pytest

from provd.probe.explain import explain
from provd.schema.health import Cause


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.OK])
def test_every_failure_says_what_is_wrong_and_what_to_do(cause: Cause) -> None:
    words = explain(cause, None, None, timeout_s=5)
    assert words.explanation.endswith(".")
    assert words.next_step


@pytest.mark.parametrize("code", range(100, 700))
def test_every_code_has_a_sentence_that_names_it(code: int) -> None:
    words = explain(Cause.OK, code, "x", timeout_s=5)
    assert words.explanation.endswith((".", "now."))
    assert code == 200 or words.explanation.startswith(f"{code}: ")


def test_a_timeout_names_the_time() -> None:
    assert explain(Cause.TIMEOUT, None, None, timeout_s=2.5).explanation == "No answer within 2.5 s."


def test_our_own_failure_says_what_the_system_said() -> None:
    words = explain(Cause.LOCAL, None, "Network is unreachable", timeout_s=5)
    assert "Network is unreachable" in words.explanation
    assert "nothing about the carrier" in words.explanation
