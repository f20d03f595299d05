"""What the daemon says of itself, its keyring, the calls it redirected, and its messages about alerts."""

from textual.content import Content

from provtui.dialogs.report import ReportDialog
from provtui.panels.alert import deliveries_lines
from provtui.panels.daemon import keyring_panel, redirects_panel, status_panel
from provtui.session import Session
from provtui.text import clean

_MESSAGES = 200
_METRICS_BYTES = 200_000


def status_report(session: Session) -> ReportDialog:
    """Make the dialog that shows how the daemon does."""

    async def read(cells: int) -> Content:
        client = session.client
        return status_panel(await client.version(), await client.status(), cells)

    return ReportDialog("How provd does", read)


def keyring_report(session: Session) -> ReportDialog:
    """Make the dialog that shows where carriers' keys are kept."""

    async def read(cells: int) -> Content:
        return keyring_panel(await session.client.keyring(), cells)

    return ReportDialog("Where carriers' keys are kept", read)


def redirects_report(session: Session) -> ReportDialog:
    """Make the dialog that shows the redirect server, and what it was asked about."""

    async def read(cells: int) -> Content:
        client = session.client
        status, found = await client.status(), await client.redirects()
        return redirects_panel(status.redirect, found.result, session.clock(), cells)

    return ReportDialog("Redirected calls", read)


def deliveries_report(session: Session) -> ReportDialog:
    """Make the dialog that shows the messages about alerts, newest first."""

    async def read(cells: int) -> Content:
        page = await session.client.alerts.deliveries(page_size=_MESSAGES)
        lines = deliveries_lines(page.result, cells, titles=True)
        if not lines:
            return Content("No message yet: nothing was wrong, or no channel is told.")
        if page.next_page_token:
            lines.append(Content.styled("Older ones: provctl alerts deliveries", ".ink--faint"))
        return Content("\n").join(lines)

    return ReportDialog("Messages about alerts", read)


def metrics_report(session: Session) -> ReportDialog:
    """Make the dialog that shows the figures for Prometheus, as far as they are not too many to look at."""

    async def read(cells: int) -> Content:
        text, whole = await session.client.metrics(_METRICS_BYTES)
        lines = [Content(clean(line)) for line in text.splitlines()]
        if not whole:
            more = (
                f"The first {_METRICS_BYTES // 1000} kB. All: curl --unix-socket SOCKET http://provd/metrics"
            )
            lines.insert(0, Content.styled(more, ".ink--suspect"))
        return Content("\n").join(lines)

    return ReportDialog("Figures for Prometheus", read)
