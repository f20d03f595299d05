"""The encrypted file as a keyring backend: what it keeps, and what it says when it can't."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backends import fail
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from provd.secrets.durable import SystemCalls
from provd.secrets.encrypted_file import EncryptedFileKeyring
from provd.secrets.master_key import find_master_key

from .keyrings import file_keyring

WRITER = [sys.executable, "-m", "tests.unit.secrets.writing"]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def keyring(tmp_path: Path) -> EncryptedFileKeyring:
    made = file_keyring(tmp_path)
    made.set_password("provd", "carrier", "s3cret")
    return made


def test_a_password_is_kept_replaced_and_forgotten(tmp_path: Path, keyring: EncryptedFileKeyring) -> None:
    assert file_keyring(tmp_path).get_password("provd", "carrier") == "s3cret"
    keyring.set_password("provd", "carrier", "other")
    keyring.set_password("provd", "second", "2")
    assert file_keyring(tmp_path).get_password("provd", "carrier") == "other"
    keyring.delete_password("provd", "carrier")
    assert file_keyring(tmp_path).get_password("provd", "carrier") is None
    assert keyring.get_password("provd", "second") == "2"


@settings(max_examples=30)
@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_any_text_is_kept(passwords: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for user, password in passwords.items():
            file_keyring(Path(folder)).set_password("provd", user, password)
        keyring = file_keyring(Path(folder))
        assert {user: keyring.get_password("provd", user) for user in passwords} == passwords


def test_reading_makes_no_files(tmp_path: Path) -> None:
    assert file_keyring(tmp_path).get_password("provd", "carrier") is None
    assert list(tmp_path.iterdir()) == []


def test_all_files_are_private_and_none_has_the_password(
    tmp_path: Path, keyring: EncryptedFileKeyring
) -> None:
    files = {each.name: each for each in tmp_path.iterdir()}
    assert set(files) == {"keyring.json", "keyring.lock", "master.key"}
    assert {each.stat().st_mode & 0o777 for each in files.values()} == {0o600}
    assert not [name for name, each in files.items() if b"s3cret" in each.read_bytes()]
    assert "s3cret" not in repr(keyring) + str(keyring) + str(vars(keyring))


def test_deleting_what_is_not_there_says_so(tmp_path: Path, keyring: EncryptedFileKeyring) -> None:
    for user, service in (("other", "provd"), ("carrier", "other")):
        with pytest.raises(PasswordDeleteError, match="has no entry"):
            keyring.delete_password(service, user)
    (tmp_path / "empty").mkdir()
    with pytest.raises(PasswordDeleteError, match="has no entry"):
        file_keyring(tmp_path / "empty").delete_password("provd", "carrier")


def test_without_its_master_key_nothing_is_read_or_written_but_deleting_works(
    tmp_path: Path, keyring: EncryptedFileKeyring
) -> None:
    before = (tmp_path / "keyring.json").read_bytes()
    (tmp_path / "master.key").unlink()
    missing = (
        r"the master key .*master\.key does not exist, and .*keyring\.json has entries .* Put back the key"
    )
    with pytest.raises(KeyringLocked, match=missing):
        keyring.get_password("provd", "carrier")
    with pytest.raises(KeyringLocked, match=missing):
        keyring.set_password("provd", "second", "2")
    assert (tmp_path / "keyring.json").read_bytes() == before
    assert not (tmp_path / "master.key").exists()
    keyring.delete_password("provd", "carrier")
    keyring.set_password("provd", "second", "2")
    assert keyring.get_password("provd", "second") == "2"


def test_with_another_master_key_nothing_is_read_or_written(
    tmp_path: Path, keyring: EncryptedFileKeyring
) -> None:
    before = (tmp_path / "keyring.json").read_bytes()
    (tmp_path / "master.key").write_bytes(os.urandom(32))
    for attempt in (
        lambda: keyring.get_password("provd", "carrier"),
        lambda: keyring.set_password("provd", "second", "2"),
    ):
        with pytest.raises(KeyringLocked, match=r"keyring\.json was encrypted with another master key than"):
            attempt()
    assert (tmp_path / "keyring.json").read_bytes() == before


def test_a_key_that_others_may_read_locks_the_keyring(tmp_path: Path, keyring: EncryptedFileKeyring) -> None:
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(KeyringLocked, match="chmod 0600"):
        keyring.get_password("provd", "carrier")


def test_a_key_that_somebody_is_to_provide_is_not_made(tmp_path: Path) -> None:
    given_key = find_master_key(tmp_path / "my.key", tmp_path, {})
    keyring = EncryptedFileKeyring(tmp_path / "keyring.json", given_key)
    with pytest.raises(
        KeyringLocked, match=r"my\.key does not exist: make one with: .*openssl rand .*my\.key 32"
    ):
        keyring.set_password("provd", "carrier", "s3cret")
    assert not (tmp_path / "my.key").exists()


def test_systemds_credential_opens_the_file(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "provd-master-key").write_text("ab" * 32 + "\n")
    (credentials / "provd-master-key").chmod(0o440)
    key = find_master_key(None, tmp_path, {"CREDENTIALS_DIRECTORY": str(credentials)})
    keyring = EncryptedFileKeyring(tmp_path / "keyring.json", key)
    keyring.set_password("provd", "carrier", "s3cret")
    assert keyring.get_password("provd", "carrier") == "s3cret"
    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"\0\0\0\0", b'{"version": 9}'])
def test_a_damaged_file_is_named_and_left_alone(
    tmp_path: Path, keyring: EncryptedFileKeyring, content: bytes
) -> None:
    file = tmp_path / "keyring.json"
    file.write_bytes(content)
    for attempt in (
        lambda: keyring.get_password("provd", "carrier"),
        lambda: keyring.get_password("provd", "never kept"),
        lambda: keyring.set_password("provd", "carrier", "other"),
        lambda: keyring.delete_password("provd", "carrier"),
    ):
        with pytest.raises(KeyringError, match=r"keyring\.json (is not|has) .* Restore it from a backup, or"):
            attempt()
    assert file.read_bytes() == content


def test_swapped_entries_are_noticed(tmp_path: Path, keyring: EncryptedFileKeyring) -> None:
    keyring.set_password("provd", "second", "2")
    file = tmp_path / "keyring.json"
    content = json.loads(file.read_text())
    users = content["entries"]["provd"]
    users["carrier"], users["second"] = users["second"], users["carrier"]
    file.write_text(json.dumps(content))
    for user in ("carrier", "second"):
        with pytest.raises(
            KeyringError, match=rf"keyring\.json the entry '{user}' of 'provd' was changed, or"
        ):
            keyring.get_password("provd", user)


def test_what_the_system_says_is_passed_on_with_the_files_name(tmp_path: Path) -> None:
    def no_space(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with pytest.raises(KeyringError, match=r"keyring\.json can't be written: No space left.*free space"):
        file_keyring(tmp_path, SystemCalls(write=no_space)).set_password("provd", "carrier", "s3cret")
    with pytest.raises(KeyringError, match=r"none/keyring\.lock can't be written: No such file"):
        file_keyring(tmp_path / "none").set_password("provd", "carrier", "s3cret")
    (tmp_path / "keyring.json").mkdir()
    with pytest.raises(KeyringError, match=r"keyring\.json can't be read: Is a directory"):
        file_keyring(tmp_path).get_password("provd", "carrier")


@pytest.mark.parametrize(
    ("step", "kept"), [("write", "old"), ("fsync", "old"), ("rename", "old"), ("fsync_directory", "new")]
)
def test_a_writer_that_is_killed_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, step: str, kept: str
) -> None:
    keyring = file_keyring(tmp_path)
    keyring.set_password("provd", "carrier", "old")
    ran = subprocess.run([*WRITER, "die", tmp_path, step], cwd=ROOT, check=False)
    assert ran.returncode == -signal.SIGKILL
    assert keyring.get_password("provd", "carrier") == kept
    keyring.set_password("provd", "carrier", "newest")
    assert keyring.get_password("provd", "carrier") == "newest"
    assert not (tmp_path / "keyring.json.new").exists()


def test_a_writer_that_is_killed_at_any_moment_loses_nothing_that_it_had_written(tmp_path: Path) -> None:
    keyring = file_keyring(tmp_path)
    for lines in range(1, 9):
        with subprocess.Popen([*WRITER, "on", tmp_path], cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                writer.stdout.readline()
            writer.kill()
            acknowledged = int([str(lines).encode(), *writer.stdout.read().split()][-1])
        assert int(keyring.get_password("provd", "carrier") or 0) in (acknowledged, acknowledged + 1)


def test_processes_that_write_at_once_lose_nothing_from_the_first_entry_on(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    writers = [
        subprocess.Popen(
            [*WRITER, "many", tmp_path, name, "20"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for name in names
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    keyring = file_keyring(tmp_path)
    wanted = [f"{name}-{number}" for name in names for number in range(20)]
    assert [keyring.get_password("provd", each) for each in wanted] == [
        f"secret of {each}" for each in wanted
    ]


def test_keyring_never_chooses_the_file_by_itself(tmp_path: Path) -> None:
    assert EncryptedFileKeyring.priority < fail.Keyring.priority
    program = (
        "import keyring, provd.secrets.encrypted_file\n"
        "print(type(keyring.get_keyring()).__module__)\n"
        "from keyring.backend import KeyringBackend\n"
        "print(provd.secrets.encrypted_file.EncryptedFileKeyring in KeyringBackend._classes)\n"
    )
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBUS", "PYTHON_KEY"))
    }
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["keyring.backends.fail", "True"]
