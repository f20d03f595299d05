"""Which backend a configuration means."""

from pathlib import Path

import pytest

from provd.secrets.backends import Backend, choose_backend
from provd.secrets.errors import KeyringUnavailable

from .keyrings import HERE, InMemory

IN_A_SESSION = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}


def chosen(
    name: str,
    state_dir: Path,
    environ: dict[str, str] = IN_A_SESSION,
    key_file: Path | None = None,
    answers: bool | None = None,
) -> Backend:
    def answer() -> bool:
        if answers is None:
            pytest.fail("the Secret Service was asked")
        return answers

    return choose_backend(name, key_file, state_dir, environ, answer)


def test_auto_is_the_secret_service_where_that_answers_and_else_the_file(tmp_path: Path) -> None:
    assert chosen("auto", tmp_path, answers=True).name == "secret-service"
    assert chosen("auto", tmp_path, answers=False).name == "file"


@pytest.mark.parametrize("environ", [{}, {"DBUS_SESSION_BUS_ADDRESS": ""}])
def test_without_a_session_auto_asks_nobody(tmp_path: Path, environ: dict[str, str]) -> None:
    assert chosen("auto", tmp_path, environ).name == "file"


def test_auto_stays_with_the_file_once_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").touch()
    assert chosen("auto", tmp_path).name == "file"


def test_auto_is_the_file_for_which_a_master_key_was_provided(tmp_path: Path) -> None:
    assert chosen("auto", tmp_path, key_file=tmp_path / "key").name == "file"
    (tmp_path / "provd-master-key").touch()
    environ = {**IN_A_SESSION, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert chosen("auto", tmp_path / "state", environ).name == "file"


def test_a_named_backend_is_taken_whatever_answers(tmp_path: Path) -> None:
    (tmp_path / "keyring.json").touch()
    for name in ("file", "secret-service", f"{HERE}.InMemory"):
        assert chosen(name, tmp_path).name == name


def test_the_file_is_described_with_its_key(tmp_path: Path) -> None:
    file = f"the encrypted file {tmp_path}/keyring.json, key from"
    assert chosen("file", tmp_path).description == f"{file} {tmp_path}/master.key"
    assert chosen("file", tmp_path, key_file=Path("/etc/key")).description == f"{file} /etc/key"
    (tmp_path / "provd-master-key").touch()
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert chosen("file", tmp_path, environ).description == f"{file} systemd's credentials"


def test_a_class_of_somebody_elses_is_made(tmp_path: Path) -> None:
    backend = chosen(f"{HERE}.InMemory", tmp_path)
    assert backend.description == f"the keyring backend {HERE}.InMemory"
    assert type(backend.open()) is InMemory


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nonsense", "backend = 'nonsense' is none: use auto, file, secret-service, or a class's path"),
        ("", "backend = '' is none"),
        ("no.such.Class", "can't be imported: No module named 'no'. Install its package"),
        (f"{HERE}.NoSuchClass", "can't be imported: .* has no attribute 'NoSuchClass'"),
        (f"{HERE}.", "is none: use auto, file, secret-service"),
        (f"{HERE}.NOT_A_BACKEND", "is no keyring.backend.KeyringBackend: correct the name"),
        (f"{HERE}.file_keyring", "is no keyring.backend.KeyringBackend"),
        ("keyring.backends.fail.Keyring", "keeps nothing: name another"),
        ("keyring.backends.null.Keyring", "keeps nothing: name another"),
        (f"{HERE}.Unsuited", "does not work here: it needs an enclave. Change that"),
    ],
)
def test_a_name_that_is_no_backend_says_so_when_it_is_used(tmp_path: Path, name: str, says: str) -> None:
    backend = chosen(name, tmp_path)
    with pytest.raises(KeyringUnavailable, match=says):
        backend.open()


def test_the_secret_service_needs_a_session(tmp_path: Path) -> None:
    backend = chosen("secret-service", tmp_path, {})
    with pytest.raises(
        KeyringUnavailable, match=r"\$DBUS_SESSION_BUS_ADDRESS is not set: .* backend = \"file\""
    ):
        backend.open()
