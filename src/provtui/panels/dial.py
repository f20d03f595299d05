"""How a number would be dialled through a provider, as text."""

from textual.content import Content

from provd.schema.route import DialPreview
from provtui.dial_view import DialView
from provtui.panels.parts import hung
from provtui.text import clean, sentence

_LABEL = 10
_ABOUT = (
    "Type the number that is called: provd tells how it would be dialled through this provider, and what a "
    "carrier would likely refuse about it. Nothing is sent."
)


def dial_panel(view: DialView, cells: int) -> Content:
    """Write the answer in ``cells`` cells; while there is none, what this is for."""
    if view.error:
        return Content.styled(f"✗ {sentence(clean(view.error))}", ".ink--unhealthy")
    if view.preview is None:
        return Content("Asking provd…" if view.asked[0] else _ABOUT)
    return _preview(view.preview, cells)


def _preview(preview: DialPreview, cells: int) -> Content:
    facts = [
        ("number", preview.number),
        ("request", f"INVITE {preview.request_uri}"),
        ("sent to", preview.next_hop),
        ("country", preview.region or "unknown"),
        *(("header", f"{name}: {value}") for name, value in preview.headers.items()),
    ]
    lines = [
        line for label, text in facts for line in hung((f"{label:<{_LABEL}}", ".ink--faint"), text, cells)
    ]
    lines += [line for each in preview.warnings for line in warning_lines(each, cells)]
    if not preview.warnings:
        lines.append(Content.styled("✓ Nothing about it looks wrong. Nothing was sent.", ".ink--healthy"))
    return Content("\n").join(lines)


def warning_lines(text: str, cells: int, indent: int = 0) -> list[Content]:
    """Write a warning about a number in ``cells`` cells."""
    return hung((f"{' ' * indent}! ", ".ink--suspect"), clean(text), cells, ".ink--suspect")
