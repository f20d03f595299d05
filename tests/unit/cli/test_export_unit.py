"""The units: what is printed is what packaging/ has, with the paths of the virtual environment."""

import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from provd.cli.export_unit import export_unit
from provd.units import PLACES, Scope, unit_files

PACKAGING = Path(__file__).parents[3] / "packaging"
FILES = {
    "provd.service": PACKAGING / "systemd" / "provd.service",
    "provd.socket": PACKAGING / "systemd" / "provd.socket",
    "provd-backup.service": PACKAGING / "systemd" / "provd-backup.service",
    "provd-backup.timer": PACKAGING / "systemd" / "provd-backup.timer",
    "provd.conf": PACKAGING / "sysusers.d" / "provd.conf",
}

app = typer.Typer()
app.command()(export_unit)


def printed(*arguments: str) -> str:
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.mark.parametrize("name", FILES)
def test_packaging_has_what_is_printed_for_opt_provd(name: str) -> None:
    assert printed("--prefix", "/opt/provd", name) == FILES[name].read_text()


def test_each_file_comes_after_a_line_that_says_where_it_goes() -> None:
    said = printed("--prefix", "/opt/provd")
    for name, folder in PLACES[Scope.SYSTEM].items():
        assert f"# {folder}/{name}\n{FILES[name].read_text()}\n" in said


@pytest.mark.parametrize("option", ["--user", "--system"])
def test_the_service_runs_provd_of_this_virtual_environment(
    option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", "/srv/provd")
    assert "ExecStart=/srv/provd/bin/provd run" in printed(option, "provd.service")


def test_a_path_with_odd_characters_is_one_word_of_the_command() -> None:
    (service,) = [text for name, text in unit_files(Scope.USER, Path("/a b/50%")) if name == "provd.service"]
    assert "ExecStart=/a\\x20b/50%%/bin/provd run" in service


def test_a_users_unit_may_be_in_the_home_and_the_machines_not() -> None:
    assert "/home/ann/venv/bin/provd" in printed("--user", "--prefix", "/home/ann/venv")
    ran = CliRunner().invoke(app, ["--prefix", "/home/ann/venv"])
    assert ran.exit_code == 1
    assert "/opt/provd" in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["provd.timer"], "there is no file provd.timer"), (["--prefix", "venv"], "not an absolute path")],
)
def test_mistakes_are_told(arguments: list[str], says: str) -> None:
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 1
    assert says in ran.stderr


def test_who_calls_is_not_hidden_from_the_daemon() -> None:
    for scope in Scope:
        for name, text in unit_files(scope, Path("/opt/provd")):
            if name == "provd-backup.service":
                continue  # nobody calls on it
            assert not any(line.startswith("PrivateUsers=") for line in text.splitlines())
