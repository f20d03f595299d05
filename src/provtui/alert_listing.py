"""Which alerts are listed: those that pass the filter and, unless resolved ones are wanted, are not over."""

from provd.schema.alerts import Alert, AlertState, Severity
from provtui.alert_words import is_over
from provtui.filters import Filter, FilterError, Test, read_filter
from provtui.log_listing import LogListing
from provtui.text import clean

ALERT_HINT = "words  state=  severity=  rule=  provider="
"""What can be written into a filter of alerts."""

_ID_BYTES = 16


class AlertListing(LogListing[Alert]):
    """Alerts, newest first."""

    def __init__(self) -> None:
        super().__init__(alert_number)
        self.resolved_too = False

    def shows(self, record: Alert) -> bool:
        """Tell whether it passes the filter and, if only unresolved ones are wanted, is one."""
        return (self.resolved_too or not is_over(record)) and super().shows(record)


def alert_number(alert: Alert) -> int:
    """Give a number that is higher the later an alert opened; of two at once by their ids, as in provd."""
    opened = int("".join(each for each in alert.opened_at if each.isdigit()))
    return opened << 8 * _ID_BYTES | int.from_bytes(alert.id.encode()[:_ID_BYTES].ljust(_ID_BYTES, b"\0"))


def parse_alert_filter(text: str) -> Filter[Alert]:
    """Read a filter expression about alerts.

    A bare word is looked for in the title, the rule and the names of the providers that a list has. ``state``
    and ``severity`` take the beginning of one, ``rule`` a part, ``provider`` a part of a name. Raises
    FilterError.
    """
    return read_filter(
        text, _word, {"state": _state, "severity": _severity, "rule": _rule, "provider": _provider}
    )


def _word(word: str) -> Test[Alert]:
    return lambda alert: word in clean(f"{alert.title} {alert.rule} {_names(alert)}").casefold()


def _names(alert: Alert) -> str:
    return " ".join(each.name for each in alert.providers)


def _state(beginnings: list[str]) -> Test[Alert]:
    wanted = _begin_so("state", beginnings, [each.value for each in AlertState])
    return lambda alert: alert.state.value in wanted


def _severity(beginnings: list[str]) -> Test[Alert]:
    wanted = _begin_so("severity", beginnings, [each.value for each in Severity])
    return lambda alert: alert.severity.value in wanted


def _begin_so(key: str, beginnings: list[str], known: list[str]) -> frozenset[str]:
    for each in beginnings:
        if not any(name.startswith(each) for name in known):
            raise FilterError(f"no {key} {each!r}: use {', '.join(known)}")
    return frozenset(name for name in known if name.startswith(tuple(beginnings)))


def _rule(parts: list[str]) -> Test[Alert]:
    return lambda alert: any(part in alert.rule.casefold() for part in parts)


def _provider(parts: list[str]) -> Test[Alert]:
    return lambda alert: any(
        part in clean(each.name).casefold() for each in alert.providers for part in parts
    )
