"""The metrics of each provider and each of its addresses, a line of text for each series.

All are gauges, which both text formats write alike. They are written here and not by prometheus_client, which
takes ten times as long for a line: at 10,000 providers there are 170,000.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from provd.probe.address import address_text
from provd.probe.target import StreamTarget, Target, Watch
from provd.probe.verdict import shown_target
from provd.schema.health import RECENT_RESULTS, HealthStatus
from provd.schema.rtt_figures import percentile
from provd.services.calls.recent import CallFigures
from provd.services.summary import recent_rtts

DISABLED = "disabled"
_STATES = (*(status.value for status in HealthStatus), DISABLED)
_TARGET_STATES = tuple(status.value for status in HealthStatus)
_DAY_S = 86_400


@dataclass(slots=True)
class Shown:
    """One provider, as of one scrape. ``labels`` and ``key`` are written already: all of them, and the id."""

    labels: str
    key: str
    state: str
    maintenance: bool
    watch: Watch | None
    impaired: bool
    calls: CallFigures | None
    rtt_ms: float | None
    p95_ms: float | None
    loss: float | None


class Family(NamedTuple):
    """One metric: its lines for a provider, given the time (seconds since 1970)."""

    name: str
    documentation: str
    lines: Callable[[Shown, float], Iterator[str]]

    @property
    def head(self) -> str:
        """What stands before its lines."""
        return f"# HELP {self.name} {self.documentation}\n# TYPE {self.name} gauge\n"


class Named(NamedTuple):
    """A provider, as it is labelled."""

    id: str
    name: str
    carrier: str


def escaped(value: str) -> str:
    """A label's value as both text formats write it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def shown(
    of: Named,
    watch: Watch | None,
    state: str,
    *,
    maintenance: bool,
    impaired: bool,
    calls: CallFigures | None,
) -> Shown:
    """Put together what the families need of a provider."""
    key = f'provider_id="{of.id}"'
    labels = f'{key},name="{escaped(of.name)}",carrier="{escaped(of.carrier)}"'
    made = Shown(labels, key, state, maintenance, watch, impaired, calls, None, None, None)
    if watch is not None:
        target = shown_target(watch)
        made.rtt_ms = None if target is None else target.rtt_ms
        recent = recent_rtts(watch.targets, RECENT_RESULTS)
        answered = [value for value in recent if value is not None]
        made.p95_ms = percentile(answered, 95)
        made.loss = 1 - len(answered) / len(recent) if recent else None
    return made


def _health(each: Shown, _now: float) -> Iterator[str]:
    for state in _STATES:
        yield f'provd_provider_health{{{each.labels},state="{state}"}} {int(state == each.state)}\n'


def _cause(each: Shown, _now: float) -> Iterator[str]:
    target = None if each.watch is None else shown_target(each.watch)
    if target is not None and target.cause is not None:
        yield f'provd_provider_cause{{{each.labels},cause="{target.cause.value}"}} 1\n'


def _target_lines(name: str, value: Callable[[Target, float], float | None]) -> Family:
    documentation = _TARGET_METRICS[name]

    def lines(each: Shown, now: float) -> Iterator[str]:
        for target, labels in _targets(each):
            found = value(target, now)
            if found is not None:
                yield f"{name}{{{labels}}} {found:.6g}\n"

    return Family(name, documentation, lines)


def _target_health(each: Shown, _now: float) -> Iterator[str]:
    for target, labels in _targets(each):
        for state in _TARGET_STATES:
            yield f'provd_target_health{{{labels},state="{state}"}} {int(state == target.status.value)}\n'


def _targets(each: Shown) -> Iterator[tuple[Target, str]]:
    if each.watch is not None:
        transport = each.watch.settings.transport.value
        for target in each.watch.targets:
            if target.address is not None:
                address = address_text(target.address)
                yield target, f'{each.key},address="{address}",transport="{transport}"'


def _target_rtt(target: Target, _now: float) -> float | None:
    return None if target.rtt_ms is None else target.rtt_ms / 1000


def _certificate_days(target: Target, now: float) -> float | None:
    certificate = target.certificate if isinstance(target, StreamTarget) else None
    return None if certificate is None else (certificate.not_after - now) / _DAY_S


def _plain(name: str, documentation: str, value: Callable[[Shown], float | None]) -> Family:
    def lines(each: Shown, _now: float) -> Iterator[str]:
        found = value(each)
        if found is not None:
            yield f"{name}{{{each.labels}}} {found:.10g}\n"

    return Family(name, documentation, lines)


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / 1000


def _of_calls(value: Callable[[CallFigures], float | None]) -> Callable[[Shown], float | None]:
    return lambda each: None if each.calls is None else value(each.calls)


def _up(each: Shown) -> float | None:
    if each.watch is None:
        return None
    return sum(target.status is HealthStatus.HEALTHY for target in each.watch.targets)


def _all(each: Shown) -> float | None:
    if each.watch is None:
        return None
    return sum(target.address is not None for target in each.watch.targets)


_TARGET_METRICS = {
    "provd_target_rtt_seconds": "Round-trip time of the last check of an address that was answered.",
    "provd_target_certificate_days": "Days until the certificate of an address ends.",
}

FAMILIES = (
    Family("provd_provider_health", "1 for the state that a provider is in, 0 for the others.", _health),
    Family("provd_provider_cause", "1 for why the last check of a provider ended as it did.", _cause),
    _plain(
        "provd_provider_impaired",
        "Whether its checks succeed while its calls fail.",
        lambda each: int(each.impaired),
    ),
    _plain("provd_provider_maintenance", "Whether it is in maintenance.", lambda each: int(each.maintenance)),
    _plain("provd_provider_targets", "Addresses that it leads to.", _all),
    _plain("provd_provider_targets_up", "Those of them that are up.", _up),
    _plain(
        "provd_provider_last_check_timestamp_seconds",
        "When its last check ended, since 1970.",
        lambda each: None if each.watch is None else each.watch.checked_at,
    ),
    _plain(
        "provd_provider_rtt_seconds", "Round-trip time of its last check.", lambda each: _seconds(each.rtt_ms)
    ),
    _plain(
        "provd_provider_rtt_p95_seconds",
        f"95th percentile of the round-trip times of its last {RECENT_RESULTS} checks.",
        lambda each: _seconds(each.p95_ms),
    ),
    _plain(
        "provd_provider_loss_ratio",
        f"Share of its last {RECENT_RESULTS} checks that had no answer.",
        lambda each: each.loss,
    ),
    _plain(
        "provd_provider_recent_calls",
        "Calls through it that ended in the last 15 minutes.",
        _of_calls(lambda calls: calls.attempts),
    ),
    _plain(
        "provd_provider_recent_asr_ratio",
        "Share of them that were answered.",
        _of_calls(lambda calls: calls.asr_pct / 100),
    ),
    _plain(
        "provd_provider_recent_ner_ratio",
        "Share of them that reached the called party.",
        _of_calls(lambda calls: calls.ner_pct / 100),
    ),
    _plain(
        "provd_provider_recent_pdd_p95_seconds",
        "95th percentile of their post-dial delay.",
        _of_calls(lambda calls: _seconds(calls.pdd_p95_ms)),
    ),
    Family("provd_target_health", "1 for the state that an address is in, 0 for the others.", _target_health),
    _target_lines("provd_target_rtt_seconds", _target_rtt),
    _target_lines("provd_target_certificate_days", _certificate_days),
)
"""In the order in which they are written."""
