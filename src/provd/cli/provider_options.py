"""The options that say what a provider's record has."""

from typing import Annotated, Any

import typer

from provd.cli.failures import ExitCode, fail
from provd.cli.probe_options import ProbeOptionError, read_options
from provd.schema.probe import ProbeOverrides
from provd.schema.provider import Transport

Hostname = Annotated[str | None, typer.Option(help="DNS name, IPv4 or [IPv6], with an optional :port.")]
Detail = Annotated[str | None, typer.Option(help="A longer description.")]
Carrier = Annotated[str | None, typer.Option(help="The company whose trunk it is, like telnyx.")]
Codecs = Annotated[str | None, typer.Option(help="SDP encoding names with commas between them.")]
TransportOption = Annotated[Transport | None, typer.Option(help="How SIP is carried.")]
Prefix = Annotated[str | None, typer.Option(help="Put before the dialled number.")]
Postfix = Annotated[str | None, typer.Option(help="Put after the dialled number, or @host.")]
Header = Annotated[
    list[str] | None, typer.Option(help="A SIP header of every call, 'Name: value'; repeat for more.")
]
Tag = Annotated[list[str] | None, typer.Option(help="A tag; repeat for more.")]
Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is in use and checked.")]
Interval = Annotated[float | None, typer.Option(help="Seconds between two checks.")]
Timeout = Annotated[float | None, typer.Option(help="Seconds to wait for an answer.")]
Fall = Annotated[int | None, typer.Option(help="Failures in a row that make it unhealthy.")]
Rise = Annotated[int | None, typer.Option(help="Successes in a row that make it healthy again.")]
Probe = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE",
        help="How it is checked, where that is not as the daemon's configuration says; KEY= unsets; repeat "
        f"for more. Keys: {', '.join(name for name in ProbeOverrides.model_fields if name != 'headers')}, "
        "headers.NAME.",
    ),
]


def given(**options: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def read_headers(lines: list[str] | None) -> dict[str, str] | None:
    """Read ``Name: value`` lines; empty ones are passed over. Exits on what is no header."""
    if lines is None:
        return None
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        if not colon:
            fail(ExitCode.USAGE, f"the header {line!r} has no colon: write 'Name: value'")
        if name.strip() in headers:
            fail(ExitCode.USAGE, f"the header {name.strip()!r} is given twice")
        headers[name.strip()] = value.strip()
    return headers


def read_probe(
    lines: list[str] | None,
    interval: float | None,
    timeout: float | None,
    fall: int | None,
    rise: int | None,
) -> dict[str, Any]:
    """What the options say of checks; None for what is to be unset. Exits on what can't be read."""
    named = given(interval_s=interval, timeout_s=timeout, fall=fall, rise=rise)
    try:
        options = read_options(lines or [])
    except ProbeOptionError as error:
        fail(ExitCode.USAGE, f"--probe: {error}")
    if twice := named.keys() & options.keys():
        fail(ExitCode.USAGE, f"--probe: {', '.join(sorted(twice))} is given by an option of its own too")
    return named | options
