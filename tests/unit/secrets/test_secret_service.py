"""Asking whether there is a Secret Service, where there is none."""

import threading

import pytest

from provd.secrets import secret_service
from provd.secrets.secret_service import says_yes
from tests.fakes.daemon import PATIENCE_S


@pytest.mark.parametrize("address", [None, "", "unix:path=/nonexistent/bus", "nonsense"])
def test_without_a_bus_nobody_answers(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    if address is None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    else:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    assert secret_service.answers() is False


@pytest.mark.parametrize("answer", [True, False])
def test_the_answer_is_taken(answer: bool) -> None:
    assert says_yes(lambda: answer, PATIENCE_S) is answer


def test_who_does_not_answer_in_time_does_not_say_yes() -> None:
    released = threading.Event()
    assert says_yes(released.wait, 0.01) is False
    released.set()
