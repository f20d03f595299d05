"""What the tabs of the provider screen say, without a screen."""

from typing import Any

import pytest

from provd.schema.events import EventType, LoggedEvent
from provd.schema.health import HealthStatus
from provd.schema.history import History, ProviderHealth
from provd.schema.timestamps import to_timestamp
from provtui.panels.events import events_panel
from provtui.panels.history import history_panel
from provtui.panels.overview import check_panel, facts_panel
from provtui.panels.targets import targets_panel
from provtui.reading import Reading
from provtui.span import Span
from tests.fakes.fake_client import NOW, a_provider, a_report
from tests.fakes.health_figures import a_health, a_history, a_target, a_transition


def targets(reading: Reading[ProviderHealth], cells: int = 74) -> str:
    return str(targets_panel(reading, NOW, cells))


def history(reading: Reading[History], health: Reading[ProviderHealth] = Reading(), cells: int = 74) -> str:
    return str(history_panel(reading, health, Span.DAY, cells, 8, NOW))


def test_each_target_has_its_state_its_answer_its_stages_and_where_it_came_from() -> None:
    said = targets(Reading(a_health(a_provider("A"), NOW)))
    for part in (
        "1 of 2 up",
        "✓ healthy  203.0.113.9:5061  tls  200 OK  checked just now",
        "SRV sbc1.acme.example, priority 10, weight 60",
        "RTT 23ms  p50 23ms  p95 31ms  jitter 1.2ms  loss 0%",
        "took  dns 2.1ms  connect 12ms  tls 31ms  sip 23ms",
        "certificate CN=sbc1.acme.example, ends in 9 days (2026-04-29), from CN=R11",
        "server Kamailio 5.8",
        "✗ unhealthy  203.0.113.10:5060  udp  timeout",
        "No answer within 8 s.",
        "→ Ask the carrier whether this address is in service.",
        "×××××××× ",
        "last 48 checks",
    ):
        assert part in said, part


def test_an_answer_that_does_not_count_says_so() -> None:
    target = a_target(
        "a:5060", NOW, status=HealthStatus.UNHEALTHY, cause="reply_excluded", code=404, reason=""
    )
    assert "404, excluded" in targets(Reading(a_health(a_provider("A"), NOW, [target])))


def test_a_name_that_leads_nowhere_is_said_with_the_problem() -> None:
    provider = a_provider("A", health={"dns_problem": "the name does not exist"})
    said = targets(Reading(a_health(provider, NOW, [])))
    assert "! Looking its name up fails: the name does not exist." in said
    assert "leads to no address yet" in said


def test_a_target_that_was_never_checked_says_so() -> None:
    fields: dict[str, Any] = {"status": HealthStatus.UNKNOWN, "cause": None, "code": None, "checked_at": None}
    target = a_target("a:5060", NOW, samples=[], reason=None, **fields)
    assert "? unknown  a:5060  udp  —  not checked yet" in targets(
        Reading(a_health(a_provider("A"), NOW, [target]))
    )


def test_sentences_about_a_target_hang_under_their_beginning() -> None:
    words = {"explanation": "No answer " + "for a long while " * 8, "next_step": "Ask the carrier " * 8}
    provider = a_provider("A")
    target = a_target("a:5060", NOW, up=False, **words)
    assert_hung(targets(Reading(a_health(provider, NOW, [target]))), "  No answer", "  → Ask")
    report = a_report(provider)
    report.targets[:] = [report.targets[0].model_copy(update=words)]
    assert_hung(str(check_panel(report, 74, checking=False)), "  No answer", "  → Ask")


def assert_hung(text: str, *beginnings: str) -> None:
    lines = text.splitlines()
    for beginning in beginnings:
        at = next(number for number, line in enumerate(lines) if line.startswith(beginning))
        indent = " " * (len(beginning) - len(beginning.lstrip(" →")))
        assert lines[at + 1].startswith(indent)
        assert lines[at + 1][len(indent)] != " "
        assert all(len(line) <= 74 for line in lines[at : at + 2])


@pytest.mark.parametrize("write", [targets, history])
def test_loading_and_failing_are_said_in_words(write: Any) -> None:
    assert "Reading…" in write(Reading())
    assert "✗ Not read: provd is away. r reads it again." in write(Reading().after(None, "provd is away."))


def test_what_was_read_before_stays_when_reading_it_anew_fails() -> None:
    said = targets(Reading(a_health(a_provider("A"), NOW)).after(None, "provd is away"))
    assert "✗ Not read: provd is away. What is shown is older." in said
    assert "203.0.113.9:5061" in said


def test_a_later_success_takes_the_failure_away() -> None:
    health = a_health(a_provider("A"), NOW)
    assert Reading(health).after(None, "gone").after(health, "") == Reading(health)


def test_hostile_targets_are_shown_as_text() -> None:
    target = a_target(
        "[red]1.2.3.4",
        NOW,
        name="\x1b]0;x\x07",
        server="\x9bA",
        reason="[@click=app.quit]",
        explanation="\u202e",
    )
    said = targets(Reading(a_health(a_provider("A"), NOW, [target])))
    assert not set("\x1b\x07\x9b\u202e") & set(said)
    assert "[red]1.2.3.4" in said
    assert "[@click=app.quit]" in said


def test_the_history_has_a_scale_loss_states_and_availability() -> None:
    provider = a_provider("A")
    found = a_history("id-a", NOW - 86400, NOW, 66)
    said = history(Reading(found), Reading(a_health(provider, NOW)))
    lines = said.splitlines()
    assert lines[0].startswith("RTT [  15 m  1 h  24 h  7 d  30 d  ]")
    assert lines[1].startswith("   60ms┤")
    assert lines[5].startswith("   30ms┤")
    assert lines[8].startswith("      0┤")
    assert "××××" in lines[8]
    for part in (
        "Checks        244, 8% lost   a point is 22 min, from figures of minutes",
        "Availability  24 h 99.98%   7 d 99.50%   30 d —",
        "18:02       ✓ healthy  200 at 203.0.113.9:5060: It answers again.",
        "16:22       ✗ unhealthy  timeout at 203.0.113.9:5060: No answer within 8 …",
    ):
        assert part in said, part
    assert all(len(line) <= 74 for line in lines)


def test_a_history_of_nothing_says_so() -> None:
    found = a_history("id-a", NOW - 86400, NOW, 66)
    empty = [
        point.model_copy(update={"count": 0, "p50_ms": None, "loss_pct": None}) for point in found.points
    ]
    said = history(Reading(found.model_copy(update={"points": empty, "transitions": []})))
    assert "Nothing was checked in this time." in said
    assert "Changes of state in 24 h\nNone." in said


def test_a_flood_of_transitions_is_cut_and_counted() -> None:
    found = a_history("id-a", NOW - 86400, NOW, 66)
    many = [a_transition(NOW - 60 * number, HealthStatus.UNHEALTHY) for number in range(1000)]
    said = history(Reading(found.model_copy(update={"transitions": many})))
    assert "the newest 100 of 1000" in said
    assert said.count("✗ unhealthy") == 100


EVENTS: list[tuple[EventType, dict[str, object], str]] = [
    (
        EventType.HEALTH_FLAPPING,
        {"name": "A", "flapping": True, "explanation": "It goes up and down."},
        "It goes up and down.",
    ),
    (
        EventType.HEALTH_ADDRESSES,
        {"name": "A", "addresses": ["b:1"], "added": ["b:1"], "removed": ["a:1"]},
        "addresses: +b:1 -a:1",
    ),
    (
        EventType.HEALTH_CERTIFICATE,
        {
            "name": "A",
            "address": "a:1",
            "threshold_days": 14,
            "certificate": {"subject": "a", "issuer": "b", "not_after": to_timestamp(NOW), "days_left": 13},
            "explanation": "The certificate ends in 13 days.",
        },
        "The certificate ends in 13 days.",
    ),
    (
        EventType.PROVIDER_MAINTENANCE,
        {"name": "A", "by": "ana", "maintenance": {"by": "ana", "reason": "works"}},
        "◇ maintenance by ana, no end: works",
    ),
    (
        EventType.PROVIDER_MAINTENANCE,
        {"name": "A", "by": "ana", "maintenance": {"by": "ana", "until": to_timestamp(NOW + 3600)}},
        "◇ maintenance by ana, until 04:10",
    ),
    (EventType.PROVIDER_MAINTENANCE, {"name": "A", "by": "", "maintenance": None}, "◇ maintenance ended"),
    (
        EventType.PROVIDER_MAINTENANCE,
        {"name": "A", "by": "bo", "maintenance": None},
        "maintenance ended by bo",
    ),
    (EventType.HEALTH_FLAPPING, {"name": "A"}, "health.flapping"),
]


@pytest.mark.parametrize(("kind", "data", "said"), EVENTS)
def test_each_kind_of_event_is_said_in_words(kind: EventType, data: dict[str, object], said: str) -> None:
    at = to_timestamp(NOW - 60)
    event = LoggedEvent(seq=1, type=kind, at=at, provider_id="a", data={"provider_id": "a", "at": at, **data})
    assert said in str(events_panel([event], NOW, 100))


def test_the_facts_name_the_settings_of_checks() -> None:
    probe = {"interval_s": 30, "codes": "2xx,404", "tls_verify": False, "headers": {"X-A": "1"}}
    provider = a_provider("A", probe=probe, health={"tls_days_left": 9, "availability_24h_pct": 99.98})
    said = str(facts_panel(provider, NOW, 200, columns=1))
    for part in ("every 30 s, codes 2xx,404, headers X-A, tls verify no", "99.98% of 24 h", "ends in 9 days"):
        assert part in said, part
