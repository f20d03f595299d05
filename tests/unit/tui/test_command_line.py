"""The command's own arguments."""

import pytest

from provtui import __main__, themes


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
