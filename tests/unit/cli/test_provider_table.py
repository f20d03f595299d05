"""Providers as people see them."""

import pytest

from provd.cli.provider_table import provider_facts, provider_table
from provd.schema.health import HealthStatus
from provd.schema.maintenance import Maintenance
from tests.fakes.fake_client import a_provider

HOSTILE = "\x1b[31mred\x07\u202e"


def a_row(**fields: object) -> list[str]:
    """The cells of one provider's line, which has no blanks in its name."""
    table = provider_table([a_provider(**fields)])  # type: ignore[arg-type]
    return [cell for cell in table.splitlines()[1].split("  ") if cell]


def facts_of(**fields: object) -> dict[str, str]:
    lines = provider_facts(a_provider(**fields)).splitlines()  # type: ignore[arg-type]
    (checked,) = (line for line in lines if line.startswith("checked "))
    width = len(checked) - len(checked.removeprefix("checked").lstrip())
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
        (["impaired"], "healthy impaired"),
        (["flapping"], "healthy flapping"),
        (["stale"], "healthy stale"),
        (["stale", "flapping", "suspect"], "healthy suspect flapping stale"),
    ],
)
def test_what_weakens_a_state_stands_beside_it(flags: list[str], state: str) -> None:
    health = dict.fromkeys(flags, True)
    assert a_row(health=health)[1].strip() == state
    assert facts_of(health=health)["health"].startswith(f"{state}: ")


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"health": {"busy_until": "2026-04-20 03:12:00.000000"}}, "healthy busy"),
        ({"health": {"tls_days_left": 31}}, "healthy"),
        ({"health": {"tls_days_left": 30}}, "healthy cert 30 d"),
        ({"health": {"tls_days_left": -1}}, "healthy cert -1 d"),
        ({"maintenance": Maintenance(by="mara")}, "healthy maintenance"),
        ({"maintenance": Maintenance(by="mara"), "status": HealthStatus.UNHEALTHY}, "unhealthy maintenance"),
    ],
)
def test_what_an_operator_must_know_first_stands_beside_the_state(
    fields: dict[str, object], state: str
) -> None:
    assert a_row(**fields)[1].strip() == state


def test_the_facts_say_more_of_what_is_rarely_so() -> None:
    rare = {"maintenance", "busy until", "dns", "certificate", "warning"}
    assert not rare & facts_of().keys()
    said = facts_of(
        maintenance=Maintenance(by="mara", reason="new SBC"),
        warnings=["checked every 15 s"],
        health={
            "busy_until": "2026-04-20 03:12:00.000000",
            "dns_problem": "192.0.2.53 did not answer",
            "resolved_age_s": 5400.0,
            "tls_days_left": 61,
        },
    )
    assert {name: said[name] for name in rare} == {
        "maintenance": "until it is ended, by mara: new SBC",
        "busy until": "2026-04-20 03:12:00.000000",
        "dns": "192.0.2.53 did not answer; the addresses are 1.5 h old",
        "certificate": "ends in 61 days",
        "warning": "checked every 15 s",
    }


@pytest.mark.parametrize(
    ("days", "words"), [(1, "ends in 1 day"), (0, "ends within a day"), (-1, "has ended")]
)
def test_a_certificate_that_is_about_to_end_says_so(days: int, words: str) -> None:
    assert facts_of(health={"tls_days_left": days})["certificate"] == words


def test_how_it_is_checked_is_shown_as_it_is_typed() -> None:
    said = facts_of(probe={"interval_s": 15.0, "codes": "2xx", "headers": {"X-A": "1"}})
    assert said["probe"] == "interval_s=15 codes=2xx headers.X-A=1"


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
        "rtt": "23.0 ms (p50 23.0 ms, p95 23.0 ms)",
        "jitter": "1.2 ms",
        "targets": "2 of 2 up",
        "server": "Kamailio 5.8",
    }
    assert said | expected == said


def test_facts_that_are_not_there_are_a_dash_or_never() -> None:
    said = facts_of(status=HealthStatus.UNKNOWN)
    assert {key for key, value in said.items() if value == "-"} == {
        *("since", "jitter", "loss", "server", "detail", "carrier", "tags", "codecs"),
        *("prefix", "postfix", "headers", "probe"),
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


def test_an_impaired_provider_says_how_its_calls_went() -> None:
    facts = facts_of(health={"impaired": True, "impaired_reason": "its checks succeed, but calls fail"})
    assert facts["impaired"] == "its checks succeed, but calls fail"
    assert "impaired" not in facts_of()
