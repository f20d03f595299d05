"""Who would carry a call, in order, and who is passed over, as text."""

from textual.content import Content

from provd.schema.health import HealthStatus
from provd.schema.route import Attempt, Resolution, Skipped
from provtui.condition import OF_STATUS, Condition
from provtui.panels.dial import warning_lines
from provtui.panels.parts import heading, hung
from provtui.text import clean, crop

_INDENT = 4
_NO_ROUTE = "No route is for this number. a in the list adds one; with the target all it takes every number."
_REASONS = {
    "unhealthy": Condition.UNHEALTHY,
    "disabled": Condition.DISABLED,
    "maintenance": Condition.MAINTENANCE,
}


def resolution_panel(found: Resolution, cells: int) -> Content:
    """Write ``found`` in ``cells`` cells."""
    country = f"  {found.region}" if found.region else "  country unknown"
    lines = [Content.assemble((found.destination, ".ink--title"), (country, ".ink--faint"))]
    if not found.attempts and not found.skipped:
        lines += hung(("✗ ", ".ink--unhealthy"), _NO_ROUTE, cells)
    elif found.message:
        lines += hung(("! ", ".ink--suspect"), found.message, cells, ".ink--suspect")
    if found.attempts:
        lines += [Content(""), heading("Tried in this order")]
        for rank, attempt in enumerate(found.attempts, 1):
            lines += _attempt(rank, attempt, cells)
    if found.skipped:
        lines += [Content(""), heading("Passed over")]
        for skipped in found.skipped:
            lines += _skipped(skipped, cells)
    return Content("\n").join(lines)


def _attempt(rank: int, attempt: Attempt, cells: int) -> list[Content]:
    condition = _condition(attempt.health_status)
    state = f"{condition.label}, last resort" if attempt.last_resort else condition.label
    name = crop(clean(attempt.provider), max(12, cells - _INDENT - 2 - len(state)))
    lines = [
        Content.assemble(
            (f"{rank:>2}  ", ".ink--key"), (name, ".ink--name"), "  ", (state, f".{condition.ink}")
        ),
        _faint(
            f"route {clean(attempt.route)}: {attempt.target}, priority {attempt.priority}, "
            f"weight {attempt.weight}",
            cells,
        ),
    ]
    lines += hung((f"{' ' * _INDENT}INVITE ", ".ink--faint"), attempt.request_uri, cells)
    lines += hung((f"{' ' * _INDENT}to     ", ".ink--faint"), attempt.next_hop, cells)
    for name, value in attempt.headers.items():
        lines += hung((" " * _INDENT, ""), f"{name}: {value}", cells, ".ink--faint")
    for warning in attempt.warnings:
        lines += warning_lines(warning, cells, _INDENT)
    return lines


def _skipped(skipped: Skipped, cells: int) -> list[Content]:
    condition = _REASONS.get(skipped.reason, Condition.UNKNOWN)
    reason = f"{condition.glyph} {clean(skipped.reason)}"
    name = crop(clean(skipped.provider), max(12, cells - _INDENT - 2 - len(reason)))
    return [
        Content.assemble("    ", (name, ".ink--name"), "  ", (reason, f".{condition.ink}")),
        _faint(f"route {clean(skipped.route)}", cells),
        *hung((" " * _INDENT, ""), skipped.message, cells),
    ]


def _condition(status: str) -> Condition:
    known = {each.value: condition for each, condition in OF_STATUS.items()}
    return known.get(status, OF_STATUS[HealthStatus.UNKNOWN])


def _faint(text: str, cells: int) -> Content:
    return Content.styled(" " * _INDENT + crop(text, cells - _INDENT), ".ink--faint")
