"""Targets as people see them: what a check of each said, and how each does."""

from provd.cli.target_table import check_table, target_table
from provd.schema.health import Cause, CertificateInfo, CheckReport, HealthStatus, Stages, TargetResult
from provd.schema.history import TargetHealth
from provd.schema.timestamps import to_timestamp
from tests.fakes.fake_client import NOW

CERTIFICATE = CertificateInfo(
    subject="CN=sip.acme.example", issuer="CN=CA", not_after=to_timestamp(NOW), days_left=61
)
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


def a_target_health(address: str = "192.0.2.1:5060", **fields: object) -> TargetHealth:
    values = {
        "transport": "udp",
        "status": HealthStatus.HEALTHY,
        "cause": Cause.OK,
        "code": 200,
        "explanation": "The carrier answers.",
        "rtt_p95_ms": 31.04,
        "loss_pct": 0.0,
        "stages_ms": Stages(dns=1.25, sip=12.34),
    }
    return TargetHealth.model_validate({"address": address, **values, **fields})


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


def test_a_check_over_tls_has_the_stages_and_the_certificate_too() -> None:
    secure = a_target(
        "192.0.2.1:5061",
        certificate=CERTIFICATE,
        stages_ms=Stages(dns=1.25, connect=20.0, tls=41.5, sip=12.34),
    )
    header, line, _ = check_table(a_report(secure)).splitlines()
    assert header.split() == [
        *("ADDRESS", "CAUSE", "CODE", "DNS", "CONNECT", "TLS", "SIP", "RESENT", "CERTIFICATE", "WHY")
    ]
    assert "1.2 ms  20.0 ms  41.5 ms  12.3 ms" in line
    assert "61 d: CN=sip.acme.example" in line


def test_each_target_has_a_line_with_its_stages() -> None:
    down = a_target_health(
        "192.0.2.2:5060",
        status=HealthStatus.UNHEALTHY,
        cause=Cause.TIMEOUT,
        code=None,
        loss_pct=100.0,
        rtt_p95_ms=None,
        stages_ms=Stages(),
        explanation="Nothing.",
    )
    assert target_table([a_target_health(explanation="Fine."), down]).splitlines() == [
        "TARGET              HEALTH     CAUSE    CODE  DNS     SIP      P95      LOSS   WHY",
        "udp:192.0.2.1:5060  healthy    ok       200   1.2 ms  12.3 ms  31.0 ms  0 %    Fine.",
        "udp:192.0.2.2:5060  unhealthy  timeout  -     -       -        -        100 %  Nothing.",
    ]


def test_a_target_that_was_never_checked_is_all_dashes() -> None:
    blank = TargetHealth.model_validate(
        {"address": "192.0.2.1:5060", "transport": "udp", "status": "unknown", "explanation": "Not yet."}
    )
    cells = target_table([blank]).splitlines()[1].split()
    assert cells == ["udp:192.0.2.1:5060", "unknown", *("-" for _ in range(6)), "Not", "yet."]


def test_what_an_srv_record_said_stands_beside_its_target() -> None:
    table = target_table(
        [
            a_target_health(name="a.acme.example", priority=10, weight=60),
            a_target_health("192.0.2.2:5060", name="b.acme.example", priority=0, weight=0),
            a_target_health("192.0.2.3:5060"),
        ]
    )
    header, *lines = table.splitlines()
    place = header.index("NAME")
    assert [line[place:].split("  ")[0] for line in lines] == [
        *("a.acme.example (priority 10, weight 60)", "b.acme.example", "-")
    ]


def test_a_certificate_cannot_move_the_cursor() -> None:
    hostile = CERTIFICATE.model_copy(update={"subject": HOSTILE})
    tables = target_table([a_target_health(certificate=hostile)]) + check_table(
        a_report(a_target(certificate=hostile, next_step=HOSTILE))
    )
    assert not {"\x1b", "\x07", "\u202e"} & set(tables)
