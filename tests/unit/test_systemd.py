"""What systemd and a service tell each other."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from provd.systemd import FIRST_FD, Inherited, Notifier, take_from
from tests.fakes.service_manager import FakeServiceManager

PID = 4711


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeServiceManager]:
    name = f"@provd-test-{os.getpid()}" if request.param == "abstract" else tmp_path / "notify"
    listening = FakeServiceManager(name)
    yield listening
    listening.close()


def test_each_state_is_told_as_sd_notify_has_it(manager: FakeServiceManager) -> None:
    notifier = Notifier(manager.address)
    notifier.ready("answers at /run/provd/provd.sock")
    notifier.alive()
    notifier.status("two\nlines")
    notifier.stopping()
    assert manager.heard() == [
        {"READY": "1", "STATUS": "answers at /run/provd/provd.sock"},
        {"WATCHDOG": "1"},
        {"STATUS": "two lines"},
        {"STOPPING": "1", "STATUS": "stopping"},
    ]


def test_reloading_has_the_time_of_the_monotonic_clock(manager: FakeServiceManager) -> None:
    Notifier(manager.address).reloading()
    (told,) = manager.heard()
    assert told["RELOADING"] == "1"
    assert int(told["MONOTONIC_USEC"]) > 0


@pytest.mark.parametrize("address", [None, ""])
def test_without_an_address_nobody_is_told(address: str | None, caplog: pytest.LogCaptureFixture) -> None:
    Notifier(address).ready("up")
    assert caplog.records == []


def test_a_manager_that_is_gone_is_no_error_for_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Notifier(str(tmp_path / "gone")).ready("up")
    assert [record.getMessage() for record in caplog.records] == [
        "systemd can't be told READY: No such file or directory"
    ]


def test_an_address_of_another_kind_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notifier = Notifier("vsock:2:1234")
        notifier.ready("up")
        notifier.alive()
    (record,) = caplog.records
    assert "vsock:2:1234" in record.getMessage()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(PID)}, 0.5),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(PID + 1)}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
    ],
)
def test_the_watchdog_is_for_the_process_that_is_meant(
    environ: dict[str, str], expected: float | None
) -> None:
    assert take_from(environ, PID).watchdog_s == expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, []),
        ({"LISTEN_PID": str(PID), "LISTEN_FDS": "1"}, ["unknown"]),
        ({"LISTEN_PID": str(PID), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "provd.socket"}, ["provd.socket"]),
        ({"LISTEN_PID": str(PID), "LISTEN_FDS": "3", "LISTEN_FDNAMES": "a::c"}, ["a", "unknown", "c"]),
        ({"LISTEN_PID": str(PID), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a"}, ["a", "unknown"]),
        ({"LISTEN_PID": str(PID + 1), "LISTEN_FDS": "1"}, []),
        ({"LISTEN_FDS": "1"}, []),
        ({"LISTEN_PID": str(PID), "LISTEN_FDS": "many"}, []),
    ],
)
def test_sockets_are_taken_by_the_process_that_is_meant(environ: dict[str, str], expected: list[str]) -> None:
    sockets = take_from(environ, PID).sockets
    assert sockets == tuple(Inherited(name, FIRST_FD + place) for place, name in enumerate(expected))


def test_what_was_said_is_taken_out_of_the_environment() -> None:
    said = {
        "NOTIFY_SOCKET": "@x",
        "WATCHDOG_USEC": "1",
        "WATCHDOG_PID": "1",
        "LISTEN_PID": "1",
        "LISTEN_FDS": "1",
        "LISTEN_FDNAMES": "a",
    }
    environ = {**said, "HOME": "/", "CREDENTIALS_DIRECTORY": "/run/credentials/provd.service"}
    take_from(environ, PID)
    assert environ == {"HOME": "/", "CREDENTIALS_DIRECTORY": "/run/credentials/provd.service"}
