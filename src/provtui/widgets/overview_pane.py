"""The overview of a provider: the verdict, a check's result, the last checks, facts and events."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content

from provd.schema.events import LoggedEvent
from provd.schema.health import CheckReport
from provd.schema.provider import Provider
from provtui import verdict
from provtui.panels.events import events_panel
from provtui.panels.overview import check_panel, facts_panel, strip_panel
from provtui.widgets.lines import Lines

WIDE = 110
"""From how many cells on facts and events stand side by side."""


class OverviewPane(VerticalScroll):
    """One column, or on a wide terminal two under the verdict."""

    def compose(self) -> ComposeResult:
        """Lay the parts out."""
        yield Lines(id="verdict")
        yield Lines(id="report")
        yield Lines(id="strip")
        with Container(id="panels"):
            yield Lines(id="facts")
            yield Lines(id="events")

    def show(
        self,
        provider: Provider,
        events: Sequence[LoggedEvent] | None,
        report: CheckReport | None,
        now: float,
        *,
        cells: int,
        wide: bool,
        checking: bool,
    ) -> None:
        """Show ``provider`` in ``cells`` cells; ``checking`` says that a check was asked for."""
        column = cells // 2 - 2 if wide else cells
        self._lines("verdict").show(_verdict(provider, now))
        self._lines("report").show(check_panel(report, cells, checking=checking))
        self._lines("report").display = checking or report is not None
        self._lines("strip").show(strip_panel(provider, cells))
        self._lines("facts").show(facts_panel(provider, now, column, columns=1 if wide else 2))
        self._lines("events").show(events_panel(events, now, column))

    def _lines(self, name: str) -> Lines:
        return self.query_one(f"#{name}", Lines)


def _verdict(provider: Provider, now: float) -> Content:
    lines = [verdict.headline(provider, now), Content(verdict.explanation(provider))]
    if step := verdict.next_step(provider):
        lines.append(step)
    return Content("\n").join([*lines, *verdict.remarks(provider, now)])
