"""Providers and checks as people see them."""

import pytest

from provd.cli.provider_table import check_table, provider_facts, provider_table
from provd.schema.health import Cause, CheckReport, HealthStatus, Stages, TargetResult
from provd.schema.timestamps import to_timestamp
from tests.fakes.fake_client import NOW, a_provider

HOSTILE = "\x1b[31mred\x07\u202e"


def a_target(address: str | None = "192.0.2.1:5060", **fields: object) -> TargetResult:
    values = {
        "cause": Cause.OK,
        "code": 200,
        "explanation": "The carrier answers.",
        "rtt_ms": 12.34,
        "stages_ms": Stages(dns=1.25, sip=12.34),
        "checked_at": to_timestamp(NOW),
    }
    return TargetResult.model_validate({"address": address, **values, **fields})


def a_report(*targets: TargetResult, status: HealthStatus = HealthStatus.HEALTHY) -> CheckReport:
    return CheckReport(
        provider_id="1", health_status=status, health_checked_at=to_timestamp(NOW), targets=list(targets)
    )


def a_row(**fields: object) -> list[str]:
    """The cells of one provider's line, which has no blanks in its name."""
    table = provider_table([a_provider(**fields)])  # type: ignore[arg-type]
    return [cell for cell in table.splitlines()[1].split("  ") if cell]


def facts_of(**fields: object) -> dict[str, str]:
    lines = provider_facts(a_provider(**fields)).splitlines()  # type: ignore[arg-type]
    width = (
        len("next step") + 2 if any(line.startswith("next step") for line in lines) else len("transport") + 2
    )
    return {line[:width].strip(): line[width:] for line in lines}


def test_a_healthy_provider_is_a_line_of_figures() -> None:
    row = a_row(name="Acme", id="42", carrier="acme", health={"loss_pct": 3.3})
    assert [cell.strip() for cell in row] == [
        *("Acme", "healthy", "ok", "200", "23.0 ms", "3.3 %", "4 s", "sip.acme.example", "acme", "42")
    ]


def test_what_was_not_measured_is_a_dash() -> None:
    row = a_row(name="Acme", id="42", status=HealthStatus.UNKNOWN)
    assert [cell.strip() for cell in row] == [
        *("Acme", "unknown", "-", "-", "-", "-", "-", "sip.acme.example", "-", "42")
    ]


def test_a_failure_has_its_cause_and_no_code() -> None:
    row = a_row(status=HealthStatus.UNHEALTHY, health={"loss_pct": 100.0})
    assert [cell.strip() for cell in row[1:6]] == ["unhealthy", "timeout", "-", "-", "100 %"]


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ([], "healthy"),
        (["suspect"], "healthy suspect"),
        (["flapping"], "healthy flapping"),
        (["stale"], "healthy stale"),
        (["stale", "flapping", "suspect"], "healthy suspect flapping stale"),
    ],
)
def test_what_weakens_a_state_stands_beside_it(flags: list[str], state: str) -> None:
    health = dict.fromkeys(flags, True)
    assert a_row(health=health)[1].strip() == state
    assert facts_of(health=health)["health"].startswith(f"{state}: ")


def test_a_disabled_provider_is_just_that() -> None:
    assert a_row(enabled=False, health={"stale": True})[1].strip() == "disabled"
    assert facts_of(enabled=False)["enabled"] == "no"


def test_each_provider_is_a_line_in_the_given_order() -> None:
    lines = provider_table([a_provider("b"), a_provider("a")]).splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "b", "a"]


def test_the_facts_have_all_that_was_set() -> None:
    said = facts_of(
        name="Acme",
        id="42",
        detail="the second",
        carrier="acme",
        tags=["eu", "backup"],
        codecs="PCMA,opus",
        transport="tls",
        tech_prefix="+1",
        tech_postfix="@b.example",
        tech_headers={"X-A": "1", "X-B": "2"},
        revision=7,
    )
    expected = {
        "name": "Acme",
        "id": "42",
        "detail": "the second",
        "carrier": "acme",
        "tags": "eu, backup",
        "codecs": "PCMA,opus",
        "transport": "tls",
        "prefix": "+1",
        "postfix": "@b.example",
        "headers": "X-A: 1, X-B: 2",
        "enabled": "yes",
        "revision": "7",
        "rtt": "23.0 ms (p50 23.0 ms, p95 31.0 ms)",
        "jitter": "1.2 ms",
        "targets": "2 of 2 up",
        "server": "Kamailio 5.8",
    }
    assert said | expected == said


def test_facts_that_are_not_there_are_a_dash_or_never() -> None:
    said = facts_of(status=HealthStatus.UNKNOWN)
    assert {key for key, value in said.items() if value == "-"} == {
        *("since", "jitter", "loss", "server", "detail", "carrier", "tags", "codecs"),
        *("prefix", "postfix", "headers"),
    }
    assert said["checked"] == "never"


def test_the_next_step_is_said_only_when_there_is_one() -> None:
    assert "next step" not in facts_of()
    assert "firewall" in facts_of(status=HealthStatus.UNHEALTHY)["next step"]


def test_remote_text_is_harmless_and_stays_on_its_line() -> None:
    provider = a_provider("two\nlines", health={"server": HOSTILE, "explanation": HOSTILE, "reason": HOSTILE})
    for text in (provider_table([provider]), provider_facts(provider)):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert len(provider_table([provider]).splitlines()) == 2
    assert len(provider_facts(provider).splitlines()) == len(provider_facts(a_provider()).splitlines())


def test_a_check_has_a_line_for_each_target_and_then_the_health() -> None:
    dead = a_target(
        "192.0.2.2:5060",
        cause=Cause.TIMEOUT,
        code=None,
        retransmits=3,
        explanation="No answer within 5 s.",
        next_step="Check the firewall.",
        stages_ms=Stages(dns=1.25),
    )
    assert check_table(a_report(a_target(), dead)).splitlines() == [
        "ADDRESS         CAUSE    CODE  DNS     SIP      RESENT  WHY",
        "192.0.2.1:5060  ok       200   1.2 ms  12.3 ms  0       The carrier answers.",
        "192.0.2.2:5060  timeout  -     1.2 ms  -        3       No answer within 5 s.",
        "health: healthy",
        "Check the firewall.",
    ]


def test_a_next_step_of_many_targets_is_said_once() -> None:
    targets = [a_target(f"192.0.2.{number}:5060", next_step=step) for number, step in enumerate("abab")]
    assert check_table(a_report(*targets)).splitlines()[-3:] == ["health: healthy", "a", "b"]


def test_a_name_without_an_address_has_a_line_too() -> None:
    failed = a_target(
        None, cause=Cause.DNS_NXDOMAIN, code=None, stages_ms=Stages(), explanation="The name does not exist."
    )
    lines = check_table(a_report(failed, status=HealthStatus.UNHEALTHY)).splitlines()
    assert lines[1].split()[:6] == ["-", "dns_nxdomain", "-", "-", "-", "0"]
    assert lines[2] == "health: unhealthy"
