"""What the daemon says of itself, of its keyring, and of the calls that it redirected."""

from textual.content import Content

from provtui.dialogs.report import ReportDialog
from provtui.panels.daemon import keyring_panel, redirects_panel, status_panel
from provtui.session import Session


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
