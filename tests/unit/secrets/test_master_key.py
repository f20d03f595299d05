"""Where the master key is looked for, and which files are taken for one."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.secrets.errors import KeyringUnavailable
from provd.secrets.master_key import MasterKey, decode_key, find_master_key, why_unsafe

KEY = bytes(range(200, 232))


def write_key(path: Path, content: bytes = KEY, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_configured_key_file_comes_first(tmp_path: Path) -> None:
    credential = write_key(tmp_path / "credentials" / "provd-master-key", b"c" * 32)
    configured = write_key(tmp_path / "configured")
    environ = {"CREDENTIALS_DIRECTORY": str(credential.parent)}
    found = find_master_key(configured, tmp_path, environ)
    assert (found.path, found.given, found.read()) == (configured, True, KEY)


def test_systemds_credential_comes_before_the_state_directorys_key(tmp_path: Path) -> None:
    credential = write_key(tmp_path / "credentials" / "provd-master-key")
    write_key(tmp_path / "master.key", bytes(32))
    found = find_master_key(None, tmp_path, {"CREDENTIALS_DIRECTORY": str(credential.parent)})
    assert (found.path, found.given, found.read()) == (credential, True, KEY)
    assert found.origin == "systemd's credentials"


@pytest.mark.parametrize("environ", [{}, {"CREDENTIALS_DIRECTORY": ""}, {"CREDENTIALS_DIRECTORY": "/none"}])
def test_without_either_it_is_the_state_directorys(tmp_path: Path, environ: dict[str, str]) -> None:
    found = find_master_key(None, tmp_path, environ)
    assert (found.path, found.given, found.read()) == (tmp_path / "master.key", False, None)


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_a_made_key_is_random_private_and_never_made_twice(tmp_path: Path) -> None:
    key = find_master_key(None, tmp_path, {})
    key.make()
    made = key.path.read_bytes()
    assert len(made) == 32
    assert key.read() == made
    assert key.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        key.make()
    assert key.path.read_bytes() == made
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]
    other = MasterKey(tmp_path / "other", "", given=False, mode_matters=True)
    other.make()
    assert other.read() != made


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o610])
def test_a_key_that_others_may_use_is_refused_with_what_to_do(tmp_path: Path, mode: int) -> None:
    write_key(tmp_path / "master.key", mode=mode)
    with pytest.raises(
        KeyringUnavailable, match=rf"master\.key may be used by others \(mode {mode:04o}\): chmod"
    ):
        find_master_key(None, tmp_path, {}).read()


@pytest.mark.parametrize("named", [False, True])
def test_systemd_sets_the_modes_of_its_credentials(tmp_path: Path, named: bool) -> None:
    credential = write_key(tmp_path / "credentials" / "provd-master-key", mode=0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(credential.parent)}
    assert find_master_key(credential if named else None, tmp_path, environ).read() == KEY


def status(mode: int, uid: int) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 1, uid, 0, 32, 0, 0, 0))


@pytest.mark.parametrize("uid", [0, 1000])
def test_a_key_may_belong_to_root_or_to_us(uid: int) -> None:
    assert why_unsafe(status(0o100400, uid), 1000, mode_matters=True) is None


@pytest.mark.parametrize("mode_matters", [False, True])
def test_a_key_of_somebody_else_is_refused(mode_matters: bool) -> None:
    why = why_unsafe(status(0o100600, 1001), 1000, mode_matters=mode_matters)
    assert why == "belongs to uid 1001: give it to root or to provd's user with chown"


def test_a_directory_or_a_fifo_is_no_key(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "folder").mkdir()
    for name in ("fifo", "folder"):
        with pytest.raises(KeyringUnavailable, match=f"{name} is not a file"):
            find_master_key(tmp_path / name, tmp_path, {}).read()


def test_a_credential_that_cannot_be_looked_at_is_not_overlooked(tmp_path: Path) -> None:
    write_key(tmp_path / "master.key")
    (tmp_path / "loop").symlink_to("loop")
    found = find_master_key(None, tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path / "loop")})
    with pytest.raises(
        KeyringUnavailable, match="provd-master-key can't be read: Too many levels of symbolic"
    ):
        found.read()


def test_a_key_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    write_key(tmp_path / "file")
    with pytest.raises(KeyringUnavailable, match="file/key can't be read: Not a directory"):
        find_master_key(tmp_path / "file" / "key", tmp_path, {}).read()


@given(st.binary(min_size=32, max_size=100).filter(lambda key: any(byte > 0x7F for byte in key)))
def test_every_form_of_a_key_is_that_key(key: bytes) -> None:
    base64_text, url_text = base64.b64encode(key), base64.urlsafe_b64encode(key)
    forms = [
        key,
        key.hex().encode(),
        key.hex().upper().encode(),
        base64_text,
        url_text,
        url_text.rstrip(b"="),
    ]
    lines = b"\n".join(base64_text[at : at + 20] for at in range(0, len(base64_text), 20))
    text_forms = [form + end for form in [*forms[1:], lines] for end in (b"", b"\n", b"\r\n")]
    assert {decode_key(form) for form in [key, *text_forms]} == {key}


@pytest.mark.parametrize("last", [b"\n", b"\r", b" "])
def test_the_bytes_of_a_raw_key_are_all_its_own(last: bytes) -> None:
    assert decode_key(KEY[:31] + last) == KEY[:31] + last


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "has 0 bytes of key, and 32 are needed"),
        (KEY[:31], "has 31 bytes of key"),
        (KEY[:16].hex().encode(), "has 16 bytes of key"),
        (base64.b64encode(KEY[:24]), "has 24 bytes of key"),
        (b"correct horse battery staple, and one more!", "is text, but neither hex nor base64"),
        (b"\xff" * 5000, "is longer than 4096 bytes"),
    ],
)
def test_what_is_too_short_or_no_key_is_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    place = write_key(tmp_path / "key", content)
    with pytest.raises(KeyringUnavailable, match=says) as refused:
        find_master_key(place, tmp_path, {}).read()
    assert "openssl rand" in str(refused.value)
    assert not content or content.decode(errors="replace") not in str(refused.value)
