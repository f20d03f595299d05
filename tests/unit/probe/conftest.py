"""A provider under watch, without sockets or clocks."""

from collections.abc import Callable

import pytest

from provd.probe.request import request_parts
from provd.probe.settings import ProbeIdentity, ProbeSettings
from provd.probe.target import Target, Watch
from provd.schema.hostname import parse_hostname

MakeTarget = Callable[..., Target]


@pytest.fixture
def make_target() -> MakeTarget:
    def make(
        hostname: str = "192.0.2.1:5060",
        address: tuple[str, int] | None = ("192.0.2.1", 5060),
        **settings: float,
    ) -> Target:
        watch = Watch(hostname, parse_hostname(hostname), ProbeSettings(**settings))  # type: ignore[arg-type]
        target = Target(watch, address)
        watch.targets = [target]
        if address is not None:
            target.request = request_parts(watch.host, ("198.51.100.1", 5061), ProbeIdentity("provd"))
        return target

    return make
