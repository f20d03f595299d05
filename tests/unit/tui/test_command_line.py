"""The command's own arguments."""

import pytest

from provtui import __main__, themes
from provtui.app import ProvTui
from tests.fakes.fake_client import FakeDaemon


def test_every_theme_can_be_asked_for() -> None:
    assert set(__main__.THEMES) == {theme.name for theme in themes.THEMES}


def test_help_teaches_by_example(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["provtui", "--help"])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == 0
    assert "provtui --local --demo" in capsys.readouterr().out


def test_a_wrong_option_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["provtui", "--loca"])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == 2


def test_a_demo_without_a_private_daemon_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["provtui", "--demo"])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == 2
    assert "provtui: error: --demo is for a private daemon: add --local\n" in capsys.readouterr().err


def test_low_bandwidth_repaints_every_two_seconds_and_moves_nothing() -> None:
    slow, usual = (ProvTui(lambda: FakeDaemon([]), low_bandwidth=low) for low in (True, False))
    assert (slow.session.refresh_s, slow.animation_level) == (2.0, "none")
    assert (usual.session.refresh_s, usual.animation_level) == (0.5, "full")
