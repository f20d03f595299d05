"""A provider under watch, without sockets or clocks; and what tests over loopback need of the kernel."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from provd.probe.settings import ProbeSettings
from provd.probe.stamps import ask_for_stamps, read_stamp
from provd.probe.target import Target, Watch
from provd.schema.hostname import parse_hostname
from tests.fakes.source import NOWHERE

MakeTarget = Callable[..., Target]

_ASIDE_S = 0.01
_PATIENCE_S = 10.0


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


@pytest.fixture(scope="session")
def kernel_stamps() -> Iterator[None]:
    """The kernel notes when datagrams come: it begins a few ms after the first socket asks for it, and ends
    with the last one. Until then it notes when they are taken in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("127.0.0.1", 0))
        ask_for_stamps(asking)
        give_up_at = time.monotonic() + _PATIENCE_S
        while _age_s(asking) < _ASIDE_S:
            assert time.monotonic() < give_up_at, "the kernel does not note when datagrams come"
        yield


def _age_s(asking: socket.socket) -> float:
    asking.sendto(b"when", asking.getsockname())
    time.sleep(_ASIDE_S)
    _, ancillary, _, _ = asking.recvmsg(64, 512)
    came = read_stamp(ancillary)
    assert came is not None
    return time.time() - came
