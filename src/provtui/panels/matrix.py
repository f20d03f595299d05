"""Who would carry each country, as text: one calling code a line."""

from collections.abc import Sequence
from itertools import groupby

from textual.content import Content

from provd.schema.route import Carrying, Matrix, MatrixRow
from provtui.panels.parts import heading, hung
from provtui.text import clean, fit

_CODE, _REGIONS = 6, 12
_LEGEND = "> is tried next   / share the calls by weight   (…) passed over now"


def matrix_panel(found: Matrix, cells: int) -> Content:
    """Write ``found`` in ``cells`` cells; the countries that only routes for any number are for, together."""
    own = [row for row in found.result if row.exceptions or any(c.target != "all" for c in row.carried_by)]
    others = [row for row in found.result if row not in own]
    lines = [Content.styled(_LEGEND, ".ink--faint")] if found.result else []
    for row in own:
        lines += _row(row, cells)
    if others:
        which = "every other country" if own else "every country"
        lines += [Content(""), heading(f"{_codes(len(others))}: {which}")]
        lines += hung((" " * _CODE, ""), _carriers(others[0].carried_by), cells)
    if found.nobody:
        lines += [Content(""), heading(f"{_codes(len(found.nobody))}: nobody")]
        lines += hung((" " * _CODE, ""), " ".join(found.nobody), cells, ".ink--faint")
    return Content("\n").join(lines)


def _row(row: MatrixRow, cells: int) -> list[Content]:
    regions = ",".join(row.regions[:3]) + ("…" if len(row.regions) > 3 else "")
    lead = f"{fit(row.country_code, _CODE)}{fit(regions, _REGIONS)}"
    lines = hung((lead, ".ink--name"), _carriers(row.carried_by) or "nobody, but for what follows", cells)
    if row.exceptions:
        lines += hung((" " * len(lead), ""), f"but {' '.join(row.exceptions)}", cells, ".ink--faint")
    return lines


def _carriers(carrying: Sequence[Carrying]) -> str:
    """Write them in their order; those of one target and priority share the calls."""
    groups = groupby(carrying, key=lambda each: (each.target, each.priority))
    return " > ".join(" / ".join(_carrier(each) for each in group) for _, group in groups)


def _carrier(each: Carrying) -> str:
    return clean(each.provider) + (f" ({each.reason})" if each.reason else "")


def _codes(count: int) -> str:
    return f"{count} calling code{'' if count == 1 else 's'}"
