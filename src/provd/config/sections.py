"""The sections of the configuration, their keys and what those are by default."""

import difflib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from provd.carriers.gateways import Gateways
from provd.carriers.registry import known_carriers
from provd.config import values
from provd.logs import LogFormat
from provd.routing.pattern import check_pattern, fits_any
from provd.schema.alerts import AlertName, RuleSpec, Severity
from provd.schema.fields import BindAddress, CodePolicyText, HeaderText, SipUri
from provd.schema.probe import RollUp
from provd.schema.test_calls import MAX_SECONDS, CallMode

DEFAULT_SOCKET = Path("/run/provd/provd.sock")
DEFAULT_STATE_DIR = Path("/var/lib/provd")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DaemonSection(_Section):
    """``[daemon]``."""

    socket: Annotated[Path, AfterValidator(values.socket_path)] = DEFAULT_SOCKET
    socket_mode: Annotated[str, AfterValidator(values.octal_mode)] = "0660"
    socket_group: str = ""
    state_dir: Path = DEFAULT_STATE_DIR
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    log_format: LogFormat = "auto"


Who = Annotated[str | int, BeforeValidator(values.user_or_group)]


class AccessSection(_Section):
    """``[access]``: users by name or uid, groups as ``@name``."""

    admins: list[Who] = []
    operators: list[Who] = []
    viewers: list[Who] = []


class ProbeSection(_Section):
    """``[probe]``: how providers are checked unless they say otherwise."""

    interval_s: Annotated[float, Field(ge=1, le=86400)] = 30.0
    timeout_s: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    fall: Annotated[int, Field(ge=1, le=100)] = 1
    rise: Annotated[int, Field(ge=1, le=100)] = 1
    codes: CodePolicyText = "any"
    rollup: RollUp = RollUp.ANY
    bind: BindAddress = "0.0.0.0:0"
    bind6: BindAddress = "[::]:0"
    from_uri: Annotated[SipUri | None, BeforeValidator(values.none_if_empty)] = None
    user_agent: Annotated[HeaderText, Field(min_length=1)] = "provd"
    contact: Annotated[SipUri | None, BeforeValidator(values.none_if_empty)] = None
    max_forwards: Annotated[int, Field(ge=0, le=255)] = 70
    max_rate: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _families_match(self) -> "ProbeSection":
        if self.bind.startswith("["):
            raise ValueError("bind is for IPv4: put an IPv6 address into bind6")
        if not self.bind6.startswith("["):
            raise ValueError('bind6 is for IPv6, in brackets, like "[::]:0"')
        return self


class DnsSection(_Section):
    """``[dns]``."""

    nameservers: list[Annotated[str, AfterValidator(values.nameserver)]] = []
    naptr: bool = False
    max_age_s: Annotated[float, Field(ge=30, le=30 * 86400)] = 86400.0


class TlsSection(_Section):
    """``[tls]``: whom we trust, and who we are; empty files are none."""

    ca_file: Annotated[Path | None, BeforeValidator(values.none_if_empty)] = None
    cert_file: Annotated[Path | None, BeforeValidator(values.none_if_empty)] = None
    key_file: Annotated[Path | None, BeforeValidator(values.none_if_empty)] = None

    @model_validator(mode="after")
    def _key_has_a_certificate(self) -> "TlsSection":
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file needs cert_file: the certificate that the key belongs to")
        return self


class PlatformSection(_Section):
    """``[platform]``: our own switch, as carriers know it."""

    sip_gateways: Gateways = []


class CarrierSection(_Section):
    """``[carriers.NAME]``: an empty ``base_url`` is the carrier's own."""

    base_url: Annotated[str, AfterValidator(values.base_url)] = ""


def _known_carriers(sections: dict[str, CarrierSection]) -> dict[str, CarrierSection]:
    known = known_carriers()
    for name in sections:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            raise ValueError(
                f"has {name}, which is no carrier"
                + (f"; did you mean {near[0]}?" if near else f": there are {', '.join(known)}")
            )
    return sections


class KeyringSection(_Section):
    """``[keyring]``: where carriers' keys are kept."""

    backend: Annotated[str, AfterValidator(values.keyring_backend)] = "auto"
    key_file: Annotated[Path | None, BeforeValidator(values.none_if_empty)] = None


class RedirectSection(_Section):
    """``[redirect]``: where INVITEs are answered with 302, and whose."""

    listen: Annotated[
        list[Annotated[str, AfterValidator(values.listen_address)]], AfterValidator(values.each_once)
    ] = []
    allow: list[Annotated[str, AfterValidator(values.network)]] = ["127.0.0.0/8", "::1"]
    uri_headers: bool = False


class HistorySection(_Section):
    """``[history]``."""

    events: Annotated[int, Field(ge=1000, le=100_000_000)] = 100_000
    minutes_h: Annotated[float, Field(ge=1, le=24 * 400)] = 48.0
    hours_d: Annotated[float, Field(ge=1, le=3660)] = 400.0
    transitions_d: Annotated[float, Field(ge=0, le=36600)] = 0.0
    audit_d: Annotated[float, Field(ge=0, le=36600)] = 0.0
    traces: Annotated[int, Field(ge=0, le=1_000_000)] = 1000
    max_targets: Annotated[int, Field(ge=0, le=1_000_000)] = 100_000
    calls_d: Annotated[float, Field(ge=8, le=3660)] = 90.0
    call_rollups_d: Annotated[float, Field(ge=15, le=3660)] = 400.0

    @model_validator(mode="after")
    def _figures_outlive_calls(self) -> "HistorySection":
        if self.call_rollups_d < self.calls_d:
            raise ValueError("call_rollups_d must not be less than calls_d: figures are made of rollups")
        return self


class MetricsSection(_Section):
    """``[metrics]``: where /metrics is served beside the socket; empty: nowhere."""

    listen: Annotated[str, AfterValidator(values.loopback_address)] = ""


class CallsSection(_Section):
    """``[calls]``: when a provider whose checks succeed is impaired."""

    min_attempts: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    ner_min_pct: Annotated[float, Field(ge=0, le=100)] = 50.0
    ner_drop_pct: Annotated[float, Field(ge=0.1, le=100)] = 30.0


class AlertCommand(_Section):
    """``[alerts.commands.NAME]``: a program that is run for each message."""

    run: Annotated[list[str], AfterValidator(values.program)]
    min_severity: Severity = Severity.INFO
    timeout_s: Annotated[float, Field(ge=1, le=600)] = 30.0


class AlertsSection(_Section):
    """``[alerts]``: when something is told, and by which programs. Other channels are made over the API."""

    built_in: bool = True
    journal: bool = True
    group_wait_s: Annotated[float, Field(ge=0, le=3600)] = 10.0
    clear_s: Annotated[float, Field(ge=0, le=86400)] = 60.0
    remind_h: Annotated[float, Field(ge=0, le=24 * 30)] = 4.0
    escalate_after_min: Annotated[float, Field(ge=0, le=60 * 24 * 30)] = 0.0
    escalate_to: list[AlertName] = []
    kept_d: Annotated[float, Field(ge=1, le=3660)] = 400.0
    rules: dict[AlertName, RuleSpec] = {}
    commands: dict[AlertName, AlertCommand] = {}


class PlannedTestCall(_Section):
    """``[test_calls.schedule.NAME]``: a call that is placed again and again."""

    provider: Annotated[str, Field(min_length=1)]
    destination: Annotated[str, Field(min_length=1)]
    mode: CallMode = CallMode.RING
    every_min: Annotated[float, Field(ge=5, le=60 * 24 * 30)] = 60.0
    max_duration_s: Annotated[int, Field(ge=1, le=MAX_SECONDS)] = 10


class TestCallsSection(_Section):
    """``[test_calls]``: which numbers provd may call to prove that a trunk carries calls, and how often."""

    allow: list[Annotated[str, AfterValidator(check_pattern)]] = []
    max_per_hour: Annotated[int, Field(ge=1, le=10_000)] = 10
    max_seconds_per_day: Annotated[int, Field(ge=0, le=86_400)] = 600
    ring_s: Annotated[float, Field(ge=1, le=60)] = 60.0
    kept_d: Annotated[float, Field(ge=1, le=3660)] = 90.0
    schedule: dict[AlertName, PlannedTestCall] = {}

    @model_validator(mode="after")
    def _schedules_are_allowed(self) -> "TestCallsSection":
        for name, each in self.schedule.items():
            if not fits_any(each.destination, self.allow):
                raise ValueError(
                    f"schedule.{name} calls {each.destination}, which allow does not have: add it"
                )
        return self


class Config(_Section):
    """The whole file; every section and key has a default."""

    daemon: DaemonSection = DaemonSection()
    access: AccessSection = AccessSection()
    probe: ProbeSection = ProbeSection()
    dns: DnsSection = DnsSection()
    tls: TlsSection = TlsSection()
    platform: PlatformSection = PlatformSection()
    carriers: Annotated[dict[str, CarrierSection], AfterValidator(_known_carriers)] = {}
    keyring: KeyringSection = KeyringSection()
    redirect: RedirectSection = RedirectSection()
    history: HistorySection = HistorySection()
    alerts: AlertsSection = AlertsSection()
    calls: CallsSection = CallsSection()
    metrics: MetricsSection = MetricsSection()
    test_calls: TestCallsSection = TestCallsSection()
