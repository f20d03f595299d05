"""What the long proofs measured, in the closing lines."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests recorded under the name ``figure``."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "figure" and report.when == "call":
                terminalreporter.line(str(value))
