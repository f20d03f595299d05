"""The configuration."""

from provd.config.loading import ConfigError, load_config, with_line
from provd.config.sections import (
    AccessSection,
    AlertsSection,
    CallsSection,
    Config,
    DaemonSection,
    HistorySection,
    ProbeSection,
    TestCallsSection,
    TlsSection,
)

__all__ = [
    "AccessSection",
    "AlertsSection",
    "CallsSection",
    "Config",
    "ConfigError",
    "DaemonSection",
    "HistorySection",
    "ProbeSection",
    "TestCallsSection",
    "TlsSection",
    "load_config",
    "with_line",
]
