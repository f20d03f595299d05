"""What several panels have in them."""

from collections.abc import Iterable
from textwrap import wrap

from textual.content import Content

from provd.schema.health import CertificateInfo, Stages
from provtui import figures
from provtui.span import Span
from provtui.text import clean, width
from provtui.widgets.column_layout import Run
from provtui.widgets.fleet_columns import spark_runs


def heading(text: str) -> Content:
    """Write a heading."""
    return Content.styled(text, ".ink--title")


def spans_line(title: str, chosen: Span, spans: Iterable[Span]) -> Content:
    """Write a heading, and after it the ranges between the keys that go from one to the next."""
    parts: list[tuple[str, str] | str] = [("[ ", ".ink--key")]
    for span in spans:
        parts += [(f" {span.label} ", ".ink--here") if span is chosen else f" {span.label} "]
    return Content.assemble(heading(f"{title} "), *parts, (" ]", ".ink--key"))


def inked(runs: Iterable[Run]) -> Content:
    """Write runs in their inks."""
    return Content.assemble(*((text, f".{ink}") if ink else text for text, ink in runs))


def runs(drawn: str) -> Content:
    """Write a sparkline in its inks."""
    return inked(spark_runs(drawn))


def stages_text(stages: Stages) -> str:
    """Write how long each stage took that there was."""
    timed = (("dns", stages.dns), ("connect", stages.connect), ("tls", stages.tls), ("sip", stages.sip))
    return "  ".join(f"{name} {figures.rtt_text(ms)}" for name, ms in timed if ms is not None)


def certificate_text(certificate: CertificateInfo) -> str:
    """Write whose certificate it is, when it ends, and who issued it."""
    ends = figures.days_left_text(certificate.days_left)
    return clean(
        f"certificate {certificate.subject}, {ends} ({certificate.not_after[:10]}), from {certificate.issuer}"
    )


def hung(lead: tuple[str, str], text: str, cells: int, ink: str = "") -> list[Content]:
    """Write ``text`` after ``lead`` in lines of at most ``cells`` cells, those after the first indented."""
    indent = width(lead[0])
    lines = wrap(clean(text), max(cells - indent, 20)) or [""]
    leads = [lead, *[(" " * indent, "")] * (len(lines) - 1)]
    return [Content.assemble(start, (line, ink)) for start, line in zip(leads, lines, strict=True)]


def said_of_target(text: str, cells: int) -> list[Content]:
    """Write a sentence under a target."""
    return hung(("  ", ""), text, cells)


def step(text: str, cells: int) -> list[Content]:
    """Write what to do, under a target."""
    return hung(("  → ", ".ink--key"), text, cells, ".ink--step")
