"""The columns of tables of routes."""

from provtui.condition import condition_of, state_label
from provtui.figures import DASH
from provtui.route_lines import RouteLine
from provtui.text import clean, fit
from provtui.widgets.column_layout import Cell, Column, Growth

_PLAIN, _FAINT = "", "ink--faint"


def _ink(line: RouteLine) -> str:
    return _PLAIN if line.route.enabled else _FAINT


def _target(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit(line.route.target, cells), "ink--name" if line.route.enabled else _FAINT),)


def _priority(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit(str(line.route.priority), cells, right=True), _ink(line)),)


def _weight(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit(str(line.route.weight), cells, right=True), _FAINT),)


def _name(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit(clean(line.route.name), cells), _ink(line)),)


def _provider(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit(line.provider_name, cells), _ink(line)),)


def _state(line: RouteLine, now: float, cells: int) -> Cell:
    if line.provider is None:
        return ((fit(DASH, cells), _FAINT),)
    ink = condition_of(line.provider).ink if line.route.enabled else _FAINT
    return ((fit(state_label(line.provider), cells), ink),)


def _enabled(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit("yes" if line.route.enabled else "– no", cells), _FAINT),)


def _detail(line: RouteLine, now: float, cells: int) -> Cell:
    return ((fit(clean(line.route.detail), cells), _FAINT),)


_TARGET = Column("TARGET", 8, _target)
_PRIORITY = Column("PRIO", 5, _priority, right=True)
_WEIGHT = Column("WEIGHT", 6, _weight, right=True)
_NAME = Column("ROUTE", 14, _name)
_ON = Column("ENABLED", 7, _enabled)
_DETAIL = Column("DETAIL", 20, _detail, rank=1)

COLUMNS: tuple[Column[RouteLine], ...] = (
    _TARGET,
    _PRIORITY,
    _WEIGHT,
    _NAME,
    Column("PROVIDER", 14, _provider),
    Column("STATE", 11, _state),
    _ON,
    _DETAIL,
)
"""Those of all routes, left to right."""

GROWTH = (
    Growth("TARGET", 12),
    Growth("ROUTE", 18),
    Growth("PROVIDER", 18),
    Growth("TARGET", 16),
    Growth("ROUTE", 24),
    Growth("PROVIDER", 24),
    Growth("DETAIL", 30),
    Growth("ROUTE", 40),
    Growth("PROVIDER", 40),
    Growth("DETAIL", 80),
)
"""Where more width is worth most, first to last."""

COLUMNS_OF_ONE: tuple[Column[RouteLine], ...] = (_TARGET, _PRIORITY, _WEIGHT, _NAME, _ON, _DETAIL)
"""Those of the routes that lead to one provider."""

GROWTH_OF_ONE = (Growth("TARGET", 16), Growth("ROUTE", 30), Growth("DETAIL", 80))
"""Where more width is worth most to them."""
