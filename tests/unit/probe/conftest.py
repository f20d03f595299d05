"""A provider under watch, without sockets or clocks."""

from collections.abc import Callable

import pytest

from provd.probe.settings import ProbeSettings
from provd.probe.target import Target, Watch
from provd.schema.hostname import parse_hostname
from tests.fakes.source import NOWHERE

MakeTarget = Callable[..., Target]


@pytest.fixture
def make_target() -> MakeTarget:
    def make(
        hostname: str = "192.0.2.1:5060",
        address: tuple[str, int] | None = ("192.0.2.1", 5060),
        **settings: object,
    ) -> Target:
        watch = Watch(hostname, parse_hostname(hostname), ProbeSettings(**settings))  # type: ignore[arg-type]
        target = Target(watch, address)
        watch.targets = (target,)
        if address is not None:
            target.source = NOWHERE
        return target

    return make
