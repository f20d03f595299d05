"""Shows what the long proofs measured."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures of each test."""
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        if report.when == "call" and report.user_properties:
            terminalreporter.section(report.nodeid.rpartition("::")[2])
            for name, value in report.user_properties:
                terminalreporter.line(f"{name}: {value}")
