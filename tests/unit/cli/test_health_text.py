"""A provider's health in full, as people see it."""

from typing import Any

from provd.cli.health_text import health_text
from provd.schema.history import ProviderHealth
from provd.schema.maintenance import Maintenance
from tests.fakes.fake_client import a_provider

AT = "2026-04-20 03:10:00.000000"


def a_health(**fields: Any) -> ProviderHealth:
    provider = a_provider("Acme")
    target = {"address": "192.0.2.1:5060", "transport": "udp", "status": "healthy", "explanation": "Fine."}
    change = {
        "at": AT,
        "previous": "healthy",
        "status": "unhealthy",
        "address": "192.0.2.1:5060",
        "explanation": "No answer within 5 s.",
    }
    return ProviderHealth.model_validate(
        {
            "provider_id": provider.id,
            "name": "Acme",
            "health_status": "healthy",
            "health_checked_at": AT,
            "health": provider.health,
            "availability": {"day_pct": 99.931, "week_pct": 100.0, "month_pct": None},
            "targets": [target],
            "transitions": [change],
            **fields,
        }
    )


def test_it_has_the_summary_the_targets_and_the_changes() -> None:
    summary, targets, changes = health_text(a_provider("Acme"), a_health()).split("\n\n")
    assert "availability  99.931 % in 24 h, 100 % in 7 days, - in 30 days" in summary
    assert [line.split()[0] for line in targets.splitlines()] == ["TARGET", "udp:192.0.2.1:5060"]
    assert changes.splitlines()[1].split() == [
        *("2026-04-20", "03:10:00", "healthy", "unhealthy", "192.0.2.1:5060", "-"),
        *("No", "answer", "within", "5", "s."),
    ]


def test_a_provider_that_is_not_watched_has_a_summary_alone() -> None:
    assert "\n\n" not in health_text(a_provider("Acme"), a_health(targets=[], transitions=[]))


def test_the_health_that_was_asked_for_wins_over_the_record_read_before_it() -> None:
    old = a_provider("Acme", health={"explanation": "Old."}, maintenance=Maintenance(by="mara"))
    said = health_text(old, a_health(health_status="unhealthy"))
    assert "Old." not in said
    assert "unhealthy maintenance: " in said


def test_what_to_do_is_said_once_for_all_targets() -> None:
    targets = [
        {"address": f"192.0.2.{number}:5060", "transport": "udp", "status": "unhealthy", "next_step": "Call."}
        for number in (1, 2)
    ]
    assert health_text(a_provider("Acme"), a_health(targets=targets)).count("Call.") == 1


def test_remote_text_is_harmless() -> None:
    hostile = "\x1b[2Jevil\x9b\u202e\n"
    health = a_provider("Acme", health={"server": hostile, "reason": hostile, "dns_problem": hostile}).health
    targets = [{"address": "a", "transport": "udp", "status": "healthy", "explanation": hostile}]
    said = health_text(a_provider(hostile), a_health(name=hostile, health=health, targets=targets))
    assert not set("\x1b\x9b\u202e") & set(said)
