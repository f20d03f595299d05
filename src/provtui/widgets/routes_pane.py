"""The routes that lead to one provider."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from provd.schema.provider import Provider
from provtui.figures import count_text
from provtui.panels.parts import heading
from provtui.route_lines import RouteLines
from provtui.route_state import RouteState
from provtui.text import clean
from provtui.widgets.lines import Lines
from provtui.widgets.route_table import RouteTable

_NONE = "No route leads to it, so no call is sent to it by routing. 2 shows all routes; a adds one there."


class RoutesPane(Vertical):
    """Shows those of the routes that lead to a provider, in the order in which they are tried."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._listed: tuple[str, Mapping[str, object]] = ("", {})

    def compose(self) -> ComposeResult:
        """Lay the table out under what is said of it."""
        yield Lines(id="routes-said")
        yield RouteTable(of_one=True, id="routes-of-one")

    @property
    def table(self) -> RouteTable:
        """The table."""
        return self.query_one(RouteTable)

    def show(self, known: RouteState, provider: Provider, now: float, *, stale: bool) -> None:
        """Show what leads to ``provider`` of the routes that are ``known``."""
        listed = (provider.id, known.routes)
        if listed[0] != self._listed[0] or listed[1] is not self._listed[1]:
            self._listed = listed
            leading = {key: r for key, r in known.routes.items() if r.provider_id == provider.id}
            self.table.show(RouteLines(leading, {provider.id: provider}), now)
        count = len(self.table.ids)
        self.query_one("#routes-said", Lines).show(_said(known, count))
        self.table.display = count > 0
        self.table.set_stale(stale)
        self.table.flush(now)


def _said(known: RouteState, count: int) -> Content:
    if known.error:
        older = " What is shown is older." if known.read else ""
        return Content.styled(
            f"✗ Not read: {clean(known.error)}.{older}".replace("..", "."), ".ink--unhealthy"
        )
    if not known.read:
        return Content.styled("Reading…", ".ink--faint")
    if not count:
        return Content(_NONE)
    lead = "routes lead" if count > 1 else "route leads"
    changing = "  2 shows all routes, and changes them"
    return Content.assemble(heading(f"{count_text(count)} {lead} to it"), (changing, ".ink--faint"))
