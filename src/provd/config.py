"""The configuration: TOML, checked as a whole, every mistake named with its line."""

import difflib
import re
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from provd.agent.redirect.address import parse_listen_address
from provd.carriers.gateways import Gateways
from provd.carriers.registry import known_carriers
from provd.logs import LogFormat
from provd.routing.pattern import check_pattern, fits_any
from provd.schema.alerts import AlertName, RuleSpec, Severity
from provd.schema.fields import BindAddress, CodePolicyText, HeaderText, SipUri
from provd.schema.hostname import HostKind, parse_hostname
from provd.schema.probe import RollUp
from provd.schema.test_calls import MAX_SECONDS, CallMode

DEFAULT_SOCKET = Path("/run/provd/provd.sock")
DEFAULT_STATE_DIR = Path("/var/lib/provd")
_SOCKET_PATH_MAX = 107  # unix(7): sun_path holds 108 bytes with the final NUL


class ConfigError(Exception):
    """The configuration can't be used. ``mistakes`` has a line of text for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def _socket_path(path: Path) -> Path:
    if len(str(path).encode()) > _SOCKET_PATH_MAX:
        raise ValueError(f"is longer than the {_SOCKET_PATH_MAX} bytes that a socket's path may have")
    if not path.is_absolute():
        raise ValueError("is not an absolute path")
    return path


def _octal_mode(text: str) -> str:
    if not re.fullmatch(r"0?[0-7]{3}", text):
        raise ValueError('is not a file mode: write it in octal, like "0660"')
    return text


def _nameserver(text: str) -> str:
    if parse_hostname(text).kind is HostKind.NAME:
        raise ValueError('must be an IP address with an optional port, like "127.0.0.1:5353"')
    return text


def _user_or_group(name: Any) -> Any:
    if isinstance(name, bool) or not isinstance(name, (str, int)):
        raise ValueError('must be a user name, "@group" or a uid')
    return name


def _none_if_empty(text: Any) -> Any:
    return text or None


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DaemonSection(_Section):
    """``[daemon]``."""

    socket: Annotated[Path, AfterValidator(_socket_path)] = DEFAULT_SOCKET
    socket_mode: Annotated[str, AfterValidator(_octal_mode)] = "0660"
    socket_group: str = ""
    state_dir: Path = DEFAULT_STATE_DIR
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    log_format: LogFormat = "auto"


Who = Annotated[str | int, BeforeValidator(_user_or_group)]


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
    from_uri: Annotated[SipUri | None, BeforeValidator(_none_if_empty)] = None
    user_agent: Annotated[HeaderText, Field(min_length=1)] = "provd"
    contact: Annotated[SipUri | None, BeforeValidator(_none_if_empty)] = None
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

    nameservers: list[Annotated[str, AfterValidator(_nameserver)]] = []
    naptr: bool = False
    max_age_s: Annotated[float, Field(ge=30, le=30 * 86400)] = 86400.0


class TlsSection(_Section):
    """``[tls]``: whom we trust, and who we are; empty files are none."""

    ca_file: Annotated[Path | None, BeforeValidator(_none_if_empty)] = None
    cert_file: Annotated[Path | None, BeforeValidator(_none_if_empty)] = None
    key_file: Annotated[Path | None, BeforeValidator(_none_if_empty)] = None

    @model_validator(mode="after")
    def _key_has_a_certificate(self) -> "TlsSection":
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("key_file needs cert_file: the certificate that the key belongs to")
        return self


class PlatformSection(_Section):
    """``[platform]``: our own switch, as carriers know it."""

    sip_gateways: Gateways = []


def _base_url(text: str) -> str:
    if not text:
        return text
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"is no URL: {error}") from None
    local = url.host == "localhost" or url.host.startswith("127.") or url.host == "::1"
    if not url.host or url.scheme not in ("https", "http") or url.query or url.fragment:
        raise ValueError('must be an address like "https://api.example.com/v2"')
    if url.scheme == "http" and not local:
        raise ValueError("must be https: the key would go over the network for all to read")
    if url.userinfo:
        raise ValueError("must have no user name or password in it")
    return text


class CarrierSection(_Section):
    """``[carriers.NAME]``: an empty ``base_url`` is the carrier's own."""

    base_url: Annotated[str, AfterValidator(_base_url)] = ""


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

    backend: Annotated[str, Field(min_length=1)] = "auto"
    key_file: Annotated[Path | None, BeforeValidator(_none_if_empty)] = None


def _listen_address(text: str) -> str:
    return str(parse_listen_address(text))


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(
            f'is no network: {error}; write an IP address or a network, like "192.0.2.7" or "192.0.2.0/24"'
        ) from None
    return text


def _each_once(addresses: list[str]) -> list[str]:
    fixed = [text for text in addresses if not text.endswith(":0")]
    twice = next((text for text in fixed if fixed.count(text) > 1), None)
    if twice is not None:
        raise ValueError(f"has {twice} twice: leave one out")
    return addresses


class RedirectSection(_Section):
    """``[redirect]``: where INVITEs are answered with 302, and whose."""

    listen: Annotated[list[Annotated[str, AfterValidator(_listen_address)]], AfterValidator(_each_once)] = []
    allow: list[Annotated[str, AfterValidator(_network)]] = ["127.0.0.0/8", "::1"]
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


def _loopback_address(text: str) -> str:
    if not text:
        return text
    address = parse_listen_address(f"tcp:{text}")
    if not ip_address(address.host).is_loopback:
        raise ValueError(
            f"has {address.host}, which others than this machine may reach, and nobody is asked there who "
            'they are: write "127.0.0.1:9817", and put a proxy that asks before it'
        )
    return text


class MetricsSection(_Section):
    """``[metrics]``: where /metrics is served beside the socket; empty: nowhere."""

    listen: Annotated[str, AfterValidator(_loopback_address)] = ""


class CallsSection(_Section):
    """``[calls]``: when a provider whose checks succeed is impaired."""

    min_attempts: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    ner_min_pct: Annotated[float, Field(ge=0, le=100)] = 50.0
    ner_drop_pct: Annotated[float, Field(ge=0.1, le=100)] = 30.0


def _program(command: list[str]) -> list[str]:
    if not command or not command[0].startswith("/"):
        raise ValueError(
            'must begin with a program\'s whole path, like ["/usr/local/bin/page-me", "--urgent"]'
        )
    return command


class AlertCommand(_Section):
    """``[alerts.commands.NAME]``: a program that is run for each message."""

    run: Annotated[list[str], AfterValidator(_program)]
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


def load_config(path: Path) -> Config:
    """Read and check a file; ConfigError with every mistake in it."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: can't be read: {error}"]) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: is not TOML: {error}"]) from error
    try:
        return Config.model_validate(data)
    except ValidationError as error:
        mistakes = [(_line_of(text, each["loc"]), _in_words(each)) for each in error.errors()]
        raise ConfigError(
            [f"{path}:{line}: {words}" if line else f"{path}: {words}" for line, words in sorted(mistakes)]
        ) from error


def _in_words(error: Any) -> str:
    loc = list(error["loc"])
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).lstrip(".")
    if error["type"] == "extra_forbidden":
        what = "key" if len(loc) > 1 else "section"
        near = difflib.get_close_matches(str(loc[-1]), _known(loc[:-1]), 1, 0.5)
        return f"{name}: unknown {what}" + (f"; did you mean {near[0]}?" if near else "")
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"


def _known(loc: list[Any]) -> list[str]:
    model: Any = Config
    for part in loc:
        if get_origin(model) is dict:
            model = get_args(model)[1]
            continue
        field = model.model_fields.get(str(part))
        if field is None:
            return []
        model = field.annotation
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _line_of(text: str, loc: tuple[int | str, ...]) -> int:
    """The line of a key, else of the table that it is missing from; 0 when neither is found as it is
    usually written."""
    wanted = [str(part) for part in loc if isinstance(part, str)]
    table: list[str] = []
    best, at = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\s*([^\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"' -]+?)\s*=", line)
        if header:
            path = table = _dotted(header.group(1))
        elif key:
            path = table + _dotted(key.group(1))
        else:
            continue
        if len(path) > best and path == wanted[: len(path)]:
            best, at = len(path), number
    return at


def _dotted(name: str) -> list[str]:
    return [part.strip().strip("\"'") for part in name.split(".")]
