"""Traces as text: the list of exchanges, and one exchange as a ladder with its SIP as it was."""

import re

from textual.content import Content

from provd.schema.health import Cause
from provd.schema.trace import TracedExchange
from provtui import figures
from provtui.condition import Condition
from provtui.panels.parts import heading
from provtui.text import clean, crop, fit, width
from provtui.trace_view import Follow, TraceView

MOST_LINES = 300
MOST_CHARACTERS = 2000
"""Of one line; what a peer sends must not cost more than it is worth."""

_REST_OF_ROW = 44
_LINE_END = re.compile(r"\r\n|\r|\n")
_FOLLOWING = {
    Follow.OFF: ("  f follows live", ".ink--faint"),
    Follow.OPENING: ("  ◌ asking to follow…", ".ink--unknown"),
    Follow.LIVE: ("  ● following live; f stops", ".ink--healthy"),
    Follow.LOST: ("  ✗ no longer followed", ".ink--unhealthy"),
}


def trace_head(view: TraceView) -> Content:
    """Write how many exchanges there are, whether they are followed, and what went wrong."""
    said, ink = _FOLLOWING[view.follow]
    count = f"  {len(view.exchanges)} exchanges, newest first" if view.exchanges else ""
    if not view.read and not view.error:
        count = "  Reading…"
    parts: list[Content | tuple[str, str]] = [heading("Trace"), (count, ".ink--faint"), (said, ink)]
    if view.error:
        again = "f tries again" if view.follow is Follow.LOST else "r reads it again"
        parts.append((f"  {clean(view.error)}. {again}.".replace("..", "."), ".ink--unhealthy"))
    return Content.assemble(*parts)


def exchange_lines(view: TraceView, rows: int, cells: int) -> tuple[int, Content]:
    """Write the ``rows`` exchanges around the chosen one, and the index of the first of them."""
    if not view.exchanges:
        none = "No check has been traced yet." if view.read else ""
        return 0, Content.styled(none, ".ink--faint")
    first = max(0, min(view.chosen - rows // 2, len(view.exchanges) - rows))
    shown = view.exchanges[first : first + max(1, rows)]
    widest = max(width(_peer(exchange)) for exchange in view.exchanges)
    column = max(1, min(widest, cells - _REST_OF_ROW))
    lines = [
        _row(exchange, column, chosen=first + place == view.chosen) for place, exchange in enumerate(shown)
    ]
    return first, Content("\n").join(lines)


def message_text(exchange: TracedExchange | None) -> Content:
    """Write what was sent and what came back, each under its arrow."""
    if exchange is None:
        return Content("")
    peer = _peer(exchange)
    out = f"provd ───▶ {peer}  {exchange.transport}  {exchange.at[11:23]} UTC"
    again = f"  sent again {exchange.retransmits}x" if exchange.retransmits else ""
    answer = figures.answer_text(exchange.code, exchange.cause)
    took = "" if exchange.rtt_ms is None else f"  after {figures.rtt_text(exchange.rtt_ms)}"
    back = f"provd ◀─── {peer}  {answer}{took}"
    return Content("\n").join(
        [
            Content.assemble((out, ".ink--key"), (again, ".ink--faint")),
            *_message(exchange.sent, "Nothing could be sent."),
            Content(""),
            Content.styled(back, ".ink--key"),
            *_message(exchange.received, "No answer came."),
        ]
    )


def _peer(exchange: TracedExchange) -> str:
    return clean(exchange.target or "no address")


def _row(exchange: TracedExchange, column: int, *, chosen: bool) -> Content:
    condition = Condition.HEALTHY if exchange.cause is Cause.OK else Condition.UNHEALTHY
    outcome = fit(f"{condition.glyph} {figures.answer_text(exchange.code, exchange.cause)}", 10)
    again = f"  sent again {exchange.retransmits}x" if exchange.retransmits else ""
    return Content.assemble(
        ("▌" if chosen else " ", ".ink--key"),
        (exchange.at[5:23], ".ink--title" if chosen else ".ink--faint"),
        f"  {fit(_peer(exchange), column)} {exchange.transport}  ",
        (outcome, f".{condition.ink}"),
        figures.rtt_text(exchange.rtt_ms).rjust(7),
        (again, ".ink--faint"),
    )


def _message(text: str, otherwise: str) -> list[Content]:
    """Write a SIP message line by line, its first line marked; a very long one is cut, and says so."""
    if not text:
        return [Content.styled(otherwise, ".ink--faint")]
    lines = _LINE_END.split(text.rstrip("\r\n"))
    shown = [crop(clean(line[: MOST_CHARACTERS + 1]), MOST_CHARACTERS) for line in lines[:MOST_LINES]]
    written = [Content.styled(shown[0], ".ink--title"), *map(Content, shown[1:])]
    if len(lines) > MOST_LINES:
        left_out = f"… {figures.count_text(len(lines) - MOST_LINES)} more lines"
        written.append(Content.styled(left_out, ".ink--faint"))
    return written
