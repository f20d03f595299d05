"""What alerts say to people."""

from provd.alerts.condition import Found
from provd.alerts.engine import Timing
from provd.alerts.wording import message, title
from provd.schema.alerts import Metric, RuleSpec, Severity

from .clock import DOWN, EPOCH, UP, Bench

NOW = RuleSpec(metric=Metric.HEALTH, severity=Severity.CRITICAL)


def bench() -> Bench:
    return Bench(Timing(group_wait_s=0), unhealthy=NOW)


def test_one_says_what_since_when_why_and_the_next_step() -> None:
    shown = bench()
    shown.shows("a", name="Acme EU", status=DOWN, explanation="No answer within 5 s.", next_step="Check it.")
    shown.wait(1)
    (alert,) = shown.open
    told = message(alert, "opened", EPOCH + 90)
    assert told.title == "[CRITICAL] Acme EU: unhealthy: timeout"
    assert told.body.splitlines() == [
        "Since 2027-01-15 08:00:00 UTC, for 1 min.",
        "",
        "Why: No answer within 5 s.",
        "Next: Check it.",
        "",
        f"Rule unhealthy, alert {alert.id}.",
        f"Take it on: provctl alerts ack {alert.id}",
    ]


def test_many_are_told_by_their_reasons_the_commonest_first() -> None:
    shown = bench()
    for number in range(30):
        why = "It refuses." if number < 10 else "No answer within 5 s."
        shown.shows(str(number), name=f"gw{number}", status=DOWN, explanation=why)
    shown.wait(1)
    told = message(shown.open[0], "opened", EPOCH + 1)
    assert told.title == "[CRITICAL] 30 providers: unhealthy"
    lines = told.body.splitlines()
    assert lines[2] == "20: gw10, gw11, gw12, gw13, gw14, gw15, gw16, gw17 and 12 more"
    assert lines[3:5] == [
        "Why: No answer within 5 s.",
        "10: gw0, gw1, gw2, gw3, gw4, gw5, gw6, gw7 and 2 more",
    ]


def test_those_with_rare_reasons_are_counted() -> None:
    shown = bench()
    for number in range(9):
        shown.shows(str(number), status=DOWN, explanation=f"Reason {number}.")
    shown.wait(1)
    assert "and 3 more, for other reasons" in message(shown.open[0], "opened", EPOCH).body


def test_what_is_over_says_how_long_it_took() -> None:
    shown = bench()
    shown.shows("a", name="Acme", status=DOWN)
    shown.wait(7200)
    (alert,) = shown.open
    shown.shows("a", status=UP)
    shown.wait(60)
    told = message(alert, "resolved", EPOCH + 7300)
    assert told.title == "[RESOLVED] Acme: unhealthy: timeout"
    assert "2 h 1 min later" in told.body
    assert "It is well again." in told.body
    assert "ack" not in told.body


def test_what_was_excluded_meanwhile_says_why() -> None:
    shown = bench()
    shown.shows("a", name="Acme", status=DOWN)
    shown.shows("b", name="Bolt", status=DOWN)
    shown.wait(1)
    (alert,) = shown.open
    shown.shows("a", excluded="it is in maintenance")
    shown.shows("b", status=UP)
    shown.wait(61)
    body = message(alert, "resolved", EPOCH + 61).body
    assert "it is in maintenance: Acme" in body
    assert "well again: Bolt" in body


def test_a_reminder_tells_how_many_are_left() -> None:
    shown = bench()
    shown.shows("a", status=DOWN)
    shown.shows("b", status=DOWN)
    shown.wait(1)
    shown.shows("b", status=UP)
    shown.wait(61)
    told = message(shown.open[0], "reminded", EPOCH + 61)
    assert told.title.startswith("[STILL CRITICAL]")
    assert "1 of 2 are well again" in told.body


def test_who_left_an_alert_for_another_reason_is_not_counted_as_well_again() -> None:
    shown = bench()
    for name in ("a", "b", "c", "d"):
        shown.shows(name, status=DOWN)
    shown.wait(1)
    shown.shows("b", unchecked="it is no longer checked")
    shown.shows("c", excluded="it is disabled")
    shown.wait(1)
    first = message(shown.open[0], "reminded", EPOCH + 2).body.splitlines()[0]
    assert first == "Since 2027-01-15 08:00:00 UTC, for 2 s. 2 of 4 left it for another reason."
    shown.shows("d", status=UP)
    shown.wait(61)
    first = message(shown.open[0], "reminded", EPOCH + 63).body.splitlines()[0]
    assert first.endswith("1 of 4 are well again. 2 of 4 left it for another reason.")


def test_what_a_peer_wrote_can_not_draw_on_a_terminal() -> None:
    shown = bench()
    shown.shows("a", name="Ac\x1b[31mme", status=DOWN, explanation="503 \x1b]0;owned\x07 \r\nX: y")
    shown.wait(1)
    told = message(shown.open[0], "opened", EPOCH)
    assert told.title.isprintable()
    assert all(line.isprintable() for line in told.body.split("\n"))
    assert "X: y" in told.body


def test_the_uplink_has_no_name() -> None:
    shown = Bench(Timing(group_wait_s=0), uplink=RuleSpec(metric=Metric.UPLINK))
    shown.engine.uplink(Found("everything fails at once", "Ours.", "Look."), shown.now)
    shown.wait(1)
    assert title(shown.open[0]) == "our own uplink is suspect: everything fails at once"
