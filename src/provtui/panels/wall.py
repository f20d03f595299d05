"""The fleet for a big screen, as lines: problems first and large, the others small."""

from collections.abc import Sequence
from textwrap import wrap

from provd.schema.provider import Provider
from provtui import figures, verdict
from provtui.condition import condition_of, state_label
from provtui.text import ELLIPSIS, clean, crop, fit
from provtui.widgets.column_layout import Run

Line = list[Run]

_TILE, _CELL = 38, 26
"""The least widths, in cells, of a problem's tile and of another provider's cell."""

_WIDEST = 80
"""The width, in cells, beyond which a tile is not made wider while there are others."""

_HEIGHTS = (7, 6, 5, 4, 3, 2)
"""Lines of a tile, the empty one under it included; what fits is taken. Else each problem has one line."""

_FAINT = "ink--faint"


def wall_lines(providers: Sequence[Provider], now: float, cells: int, rows: int) -> list[Line]:
    """Draw ``providers`` in ``rows`` lines of ``cells`` cells; what there is no room for is counted."""
    problems: list[Provider] = []
    others: list[Provider] = []
    for provider in providers:
        (problems if condition_of(provider).is_problem else others).append(provider)
    problems.sort(key=lambda each: clean(each.name).casefold())
    problems.sort(key=lambda each: each.health.since or "", reverse=True)  # the newest first, of those alike
    problems.sort(key=lambda each: condition_of(each).severity)
    columns = max(1, cells // _CELL)
    if len(others) <= rows * columns:  # else nobody could look for a name in it
        others.sort(key=lambda each: (condition_of(each).severity, clean(each.name).casefold()))
    needed = -(-len(others) // columns)
    least = min(needed, max(1, rows // 4))  # lines that the others have in any case
    lines = _problems(problems, now, cells, rows - least) if problems else _all_well(others)
    return (lines + _others(others, cells, rows - len(lines)))[:rows]


def _all_well(others: Sequence[Provider]) -> list[Line]:
    if not others:
        return [[("There is no provider yet.", _FAINT)]]
    return [
        [("", "")],
        [(f"  ✓ No problems among {figures.count_text(len(others))}", "ink--healthy")],
        [("", "")],
    ]


def _problems(problems: Sequence[Provider], now: float, cells: int, rows: int) -> list[Line]:
    columns = _columns(len(problems), cells, rows)
    across = -(-len(problems) // columns)
    height = next((each for each in _HEIGHTS if across * each <= rows), 1)
    shown = problems
    if height == 1 and across > rows:
        shown = problems[: max(1, rows - 1) * columns]
    width = cells // columns
    lines: list[Line] = []
    for row in _batched(shown, columns):
        tiles = [_tile(each, now, width - 1, height) for each in row]
        drawn = zip(*tiles, strict=True)
        lines += [[run for part in parts for run in (*part, (" ", ""))] for parts in drawn]
    if len(shown) < len(problems):
        more = figures.count_text(len(problems) - len(shown))
        lines.append([(f"  and {more} more problems", "ink--unhealthy")])
    return lines


def _columns(count: int, cells: int, rows: int) -> int:
    """Choose how many tiles stand side by side: the fewest with which all have their full height."""
    most = max(1, min(count, cells // _TILE))
    fewest = min(most, max(1, cells // _WIDEST))
    return next((each for each in range(fewest, most) if -(-count // each) * _HEIGHTS[0] <= rows), most)


def _batched(providers: Sequence[Provider], count: int) -> list[Sequence[Provider]]:
    return [providers[first : first + count] for first in range(0, len(providers), count)]


def _tile(provider: Provider, now: float, cells: int, height: int) -> list[Line]:
    """Draw a tile of ``height`` lines of exactly ``cells`` cells."""
    condition = condition_of(provider)
    since = provider.health.since
    lasting = figures.duration_text(figures.seconds_since(since, now))
    if height == 1:
        cause = figures.answer_text(provider.health.code, provider.health.cause)
        end = f" {cause} {lasting}"
        name = fit(f"{condition.glyph} {clean(provider.name)}", cells - len(end))
        return [[(name, condition.ink), (end, _FAINT)]]
    room = cells - 2
    at = "" if since is None else f" for {lasting}, since {figures.clock_text(since, now)}"
    state = f"{state_label(provider).partition(' ')[2]}{at}".replace(" for now", " just now")
    utc = " UTC" if at and len(state) + len(" UTC") <= room else ""
    body: list[Line] = [
        [(f"{condition.glyph} {clean(provider.name)}", condition.ink)],
        [(f"{state}{utc}", "ink--name")],
    ]
    body += _wrapped(verdict.explanation(provider), "", room, max(1, height - 4))
    body += _wrapped(verdict.next_step(provider).plain, "ink--step", room, height - 1 - len(body))
    body = body[: height - 1]
    body += [[]] * (height - 1 - len(body))
    drawn = [[("▌ ", condition.ink), *_fitted(line, room)] for line in body]
    return [*drawn, [(" " * cells, "")]]


def _wrapped(text: str, ink: str, cells: int, most: int) -> list[Line]:
    """Write ``text`` in at most so many lines, with an ellipsis where it goes on."""
    if most < 1:
        return []
    return [[(line, ink)] for line in wrap(text, cells, max_lines=most, placeholder=ELLIPSIS)]


def _fitted(line: Line, cells: int) -> Line:
    """Give ``line``, one run or none, in exactly ``cells`` cells."""
    text, ink = line[0] if line else ("", "")
    return [(fit(text, cells), ink)]


def _others(others: Sequence[Provider], cells: int, rows: int) -> list[Line]:
    if rows < 1 or not others:
        return []
    columns = max(1, cells // _CELL)
    width = cells // columns
    shown = others
    if -(-len(others) // columns) > rows:
        shown = others[: max(0, rows - 1) * columns]
    lines = [[run for each in row for run in _cell(each, width)] for row in _batched(shown, columns)]
    if len(shown) < len(others):
        more = figures.count_text(len(others) - len(shown))
        lines.append([(f"  and {more} more without a problem", _FAINT)])
    return lines


def _cell(provider: Provider, cells: int) -> Line:
    condition = condition_of(provider)
    rtt = figures.rtt_text(provider.health.rtt_ms)
    name = fit(crop(clean(provider.name), cells - 11), cells - 11)
    return [(f" {condition.glyph} ", condition.ink), (name, ""), (f"{rtt:>7} ", _FAINT)]
