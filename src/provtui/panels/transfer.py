"""What became, or would become, of an import, and of reported calls, as text."""

from textual.content import Content

from provd.schema.calls import CallReport
from provd.schema.transfer import Became, FailedLine, ImportReport, LineChange
from provtui import figures
from provtui.panels.difference import difference_lines
from provtui.panels.parts import heading, hung
from provtui.text import clean

_GLYPHS = {Became.CREATED: ("+ ", ".ink--healthy"), Became.UPDATED: ("~ ", ".ink--key")}
_MOST = 200


def import_panel(report: ImportReport, cells: int) -> Content:
    """Write the counts, what was left out and why, and of a dry run what would become of each line."""
    lines = [counts_line(report)]
    left_out = "Would be left out" if report.dry_run else "Left out"
    lines += _told(left_out, report.failed, report.failed_total, ("✗ ", ".ink--unhealthy"), cells)
    lines += _told(
        "Has no place here", report.warnings, report.warnings_total, ("! ", ".ink--suspect"), cells
    )
    changes = [change for change in report.changes if change.became is not Became.UNCHANGED]
    if changes:
        lines += [Content(""), heading("What would change")]
        for change in changes[:_MOST]:
            lines += _change(change, cells)
        if len(changes) > _MOST:
            lines.append(Content.styled(f"and {len(changes) - _MOST} more", ".ink--faint"))
    return Content("\n").join(lines)


def calls_panel(report: CallReport, cells: int) -> Content:
    """Write what became of reported calls: the counts, and what was left out and why."""
    count = figures.count_text
    counts = f"{count(report.created)} taken, {count(report.duplicates)} known already, "
    lines = [Content(f"{counts}{count(report.failed_total)} left out")]
    failed = [FailedLine(line=each.line or 0, message=each.message) for each in report.failed]
    lines += _told("Left out", failed, report.failed_total, ("✗ ", ".ink--unhealthy"), cells)
    return Content("\n").join(lines)


def counts_line(report: ImportReport) -> Content:
    """Write how many records become what."""
    count = figures.count_text
    said = (
        f"{count(report.created)} created, {count(report.updated)} changed, "
        f"{count(report.unchanged)} as they are, {count(report.failed_total)} left out"
    )
    routes = report.routes
    if routes.created + routes.updated + routes.unchanged:
        said += (
            f"; routes: {count(routes.created)} created, {count(routes.updated)} changed, "
            f"{count(routes.unchanged)} as they are"
        )
    return Content(said)


def _told(
    title: str, shown: list[FailedLine], total: int, glyph: tuple[str, str], cells: int
) -> list[Content]:
    if not total:
        return []
    lines = [Content(""), heading(title)]
    for each in shown[:_MOST]:
        lines += hung(glyph, f"line {each.line}: {each.message}", cells)
    if total > len(shown[:_MOST]):
        lines.append(
            Content.styled(f"and {figures.count_text(total - len(shown[:_MOST]))} more", ".ink--faint")
        )
    return lines


def _change(change: LineChange, cells: int) -> list[Content]:
    glyph = _GLYPHS[change.became]
    head = Content.assemble(glyph, (clean(change.name), ".ink--name"), f"  {change.kind}, line {change.line}")
    if change.became is not Became.UPDATED:
        return [head]
    before = {each.field: each.before for each in change.fields}
    after = {each.field: each.after for each in change.fields}
    return [head, *difference_lines(before, after, cells)]
