"""What the parts take as settings, out of the sections of the configuration."""

from provd.alerts.engine import Timing
from provd.api.access import Access, make_access
from provd.calls.impairment import Thresholds
from provd.config import (
    AccessSection,
    AlertsSection,
    CallsSection,
    HistorySection,
    ProbeSection,
    TestCallsSection,
    TlsSection,
)
from provd.probe.address import SocketAddress
from provd.probe.settings import ProbeSettings, RequestShape
from provd.probe.stream.tls import TlsFiles, TlsFilesError
from provd.schema.codes import parse_codes
from provd.schema.hostname import parse_hostname
from provd.schema.status import Role
from provd.schema.test_calls import CallTestRequest
from provd.services.alerts.channels import ConfiguredCommand
from provd.services.calls.retention import CallRetention
from provd.services.history.retention import Retention
from provd.services.test_calls.rules import Planned, Rules

_DAY_S = 86400


def access_of(section: AccessSection) -> Access:
    """Who may do what. Raises UnknownNameError."""
    return make_access(
        {Role.ADMIN: section.admins, Role.OPERATOR: section.operators, Role.VIEWER: section.viewers}
    )


def tls_files_of(section: TlsSection) -> TlsFiles:
    """Whom checks and calls trust, and who we are. Raises TlsFilesError, with the key in its words."""
    try:
        return TlsFiles(section.ca_file, section.cert_file, section.key_file)
    except TlsFilesError as error:
        raise TlsFilesError(f"[tls] {error.option}: {error}", error.option, error.reason) from error


def probe_defaults_of(section: ProbeSection) -> ProbeSettings:
    """How a provider is checked that does not say otherwise."""
    return ProbeSettings(
        interval_s=section.interval_s,
        timeout_s=section.timeout_s,
        fall=section.fall,
        rise=section.rise,
        codes=parse_codes(section.codes),
        rollup=section.rollup,
        shape=RequestShape(
            user_agent=section.user_agent,
            from_uri=section.from_uri,
            contact=section.contact,
            max_forwards=section.max_forwards,
        ),
    )


def socket_addresses_of(section: ProbeSection) -> tuple[SocketAddress, SocketAddress]:
    """Where checks come from, over IPv4 and IPv6."""
    return _socket_address(section.bind), _socket_address(section.bind6)


def retention_of(section: HistorySection) -> Retention:
    """How long the history is kept."""
    return Retention(
        minutes_s=round(section.minutes_h * 3600),
        hours_s=round(section.hours_d * _DAY_S),
        transitions_s=round(section.transitions_d * _DAY_S) or None,
        traces=section.traces,
        max_targets=section.max_targets,
    )


def audit_kept_s_of(section: HistorySection) -> float | None:
    """How long the audit log is kept; None: for ever."""
    return section.audit_d * _DAY_S or None


def calls_kept_of(section: HistorySection) -> CallRetention:
    """How long calls are kept."""
    return CallRetention(calls_s=section.calls_d * _DAY_S, rollups_s=section.call_rollups_d * _DAY_S)


def thresholds_of(section: CallsSection) -> Thresholds:
    """When calls say that a provider is impaired."""
    return Thresholds(section.min_attempts, section.ner_min_pct, section.ner_drop_pct)


def timing_of(alerts: AlertsSection) -> Timing:
    """When alerts are opened, told again and closed."""
    return Timing(
        group_wait_s=alerts.group_wait_s,
        clear_s=alerts.clear_s,
        remind_s=alerts.remind_h * 3600,
        escalate_after_s=alerts.escalate_after_min * 60,
    )


def commands_of(section: AlertsSection) -> dict[str, ConfiguredCommand]:
    """The programs that alerts are told to, by the name of their channel."""
    return {
        name: ConfiguredCommand(tuple(each.run), each.min_severity, each.timeout_s)
        for name, each in section.commands.items()
    }


def test_call_rules_of(section: TestCallsSection) -> Rules:
    """Which test calls may be placed, and which are by themselves."""
    return Rules(
        allow=tuple(section.allow),
        max_per_hour=section.max_per_hour,
        max_seconds_per_day=section.max_seconds_per_day,
        ring_s=section.ring_s,
        kept_s=section.kept_d * _DAY_S,
        schedule={
            name: Planned(
                each.provider,
                CallTestRequest(
                    destination=each.destination, mode=each.mode, max_duration_s=each.max_duration_s
                ),
                each.every_min * 60.0,
            )
            for name, each in section.schedule.items()
        },
    )


def _socket_address(text: str) -> SocketAddress:
    host, _, port = text.rpartition(":")
    return parse_hostname(host).host, int(port)
