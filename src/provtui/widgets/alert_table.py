"""Alerts as a table: one line an alert, newest first."""

from provd.schema.alerts import Alert, AlertState
from provtui import figures
from provtui.alert_listing import AlertListing
from provtui.alert_words import is_over, providers_text, severity_run, state_word
from provtui.text import clean, fit
from provtui.widgets.column_layout import Cell, Column, Growth
from provtui.widgets.record_table import RecordTable

_PLAIN, _FAINT = "", "ink--faint"


def _ink(alert: Alert, ink: str) -> str:
    """Give ``ink``, fainter for what is over."""
    return _FAINT if is_over(alert) else ink


def _severity(alert: Alert, now: float, cells: int) -> Cell:
    text, ink = severity_run(alert.severity)
    return ((fit(text, cells), _ink(alert, ink)),)


def _state(alert: Alert, now: float, cells: int) -> Cell:
    ink = "ink--name" if alert.state is AlertState.OPEN else _FAINT
    return ((fit(state_word(alert.state), cells), ink),)


def _since(alert: Alert, now: float, cells: int) -> Cell:
    text = figures.duration_text(figures.seconds_since(alert.opened_at, now))
    if cells >= 18:
        text = f"{text:<6} {figures.clock_text(alert.opened_at, now)}"
    return ((fit(text, cells), _ink(alert, _PLAIN)),)


def _rule(alert: Alert, now: float, cells: int) -> Cell:
    return ((fit(clean(alert.rule), cells), _FAINT),)


def _providers(alert: Alert, now: float, cells: int) -> Cell:
    return ((fit(providers_text(alert), cells, right=True), _ink(alert, _PLAIN)),)


def _by(alert: Alert, now: float, cells: int) -> Cell:
    return ((fit(clean(alert.acknowledged_by) or figures.DASH, cells), _FAINT),)


def _title(alert: Alert, now: float, cells: int) -> Cell:
    return ((fit(clean(alert.title), cells), _ink(alert, _PLAIN)),)


ALERT_COLUMNS: tuple[Column[Alert], ...] = (
    Column("SEVERITY", 10, _severity),
    Column("STATE", 8, _state),
    Column("SINCE", 6, _since),
    Column("RULE", 9, _rule),
    Column("PROVIDERS", 10, _providers, right=True),
    Column("BY", 6, _by, rank=1),
    Column("WHAT", 22, _title),
)
"""Left to right."""

ALERT_GROWTH = (
    Growth("WHAT", 30),
    Growth("RULE", 11),
    Growth("BY", 8),
    Growth("SINCE", 18, whole=True),
    Growth("WHAT", 50),
    Growth("RULE", 20),
    Growth("BY", 14),
    Growth("WHAT", 80),
    Growth("RULE", 40),
    Growth("BY", 24),
    Growth("WHAT", 240),
)
"""Where more width is worth most, first to last."""


class AlertTable(RecordTable[Alert]):
    """Lists alerts; resolved ones too when that is said."""

    def __init__(self) -> None:
        self.listing = AlertListing()
        super().__init__(self.listing, ALERT_COLUMNS, ALERT_GROWTH)

    def show_resolved(self, wanted: bool) -> None:
        """List resolved ones too, or only those that are not over."""
        self.listing.resolved_too = wanted
        self.relist()
