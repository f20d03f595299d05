"""The vault keeps its secrets in a real Secret Service (GNOME Keyring), on a D-Bus session of its own."""

import asyncio
import gc
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import secretstorage

from provd.secrets import secret_service
from provd.secrets.errors import KeyringUnavailable, SecretMissing
from provd.secrets.vault import Vault, open_vault
from tests.fakes.daemon import PATIENCE_S, eventually, temporary_folder

_BUS = shutil.which("dbus-daemon")
_KEYRING = shutil.which("gnome-keyring-daemon")
# skip, as skipif is not counted in one line at the end
pytestmark = (
    [
        # keyring leaves closing its connections to the garbage collector when something goes wrong
        pytest.mark.filterwarnings(
            "ignore:Exception ignored.*socket.socket:pytest.PytestUnraisableExceptionWarning"
        )
    ]
    if _BUS and _KEYRING
    else [pytest.mark.skip(reason="needs the Debian packages dbus-daemon and gnome-keyring")]
)

# tests take the fixtures that need only be there, too: with usefixtures each skip would be a line
SECRET = {"api_key": "s3cret", "account": "gr\u00fc\u00df \U0001f510"}
# without folders of services, the bus starts none by itself
_BUS_CONFIGURATION = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


@asynccontextmanager
async def running(*command: str | Path, env: dict[str, str], said: str = "") -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=env
    )
    assert process.stdin is not None
    process.stdin.write(said.encode())
    process.stdin.close()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def bus(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Path]:
    """A session bus, and nothing on it, for this process too. Its folder."""
    async with temporary_folder() as folder:
        (folder / "bus.conf").write_text(_BUS_CONFIGURATION.format(folder=folder))
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={folder}/bus")
        command = (_BUS or "", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile")
        async with running(*command, env=dict(os.environ)) as process:

            async def listens() -> bool:
                assert process.returncode is None
                return (folder / "bus").exists()

            await eventually(listens, bool)
            yield folder
        gc.collect()  # so that the connections which keyring left open don't end in some other test


@pytest.fixture
async def service(bus: Path) -> AsyncIterator[Process]:
    """An unlocked Secret Service with an empty default collection."""
    places = {"HOME": str(bus), "XDG_DATA_HOME": str(bus), "XDG_RUNTIME_DIR": str(bus)}
    command = (_KEYRING or "", "--foreground", "--unlock", "--components=secrets")
    async with running(*command, env={**os.environ, **places}, said="password") as process:

        async def answers() -> bool:
            assert process.returncode is None
            return await asyncio.to_thread(secret_service.answers)

        await eventually(answers, bool)
        yield process


def open_in(state_dir: Path, backend: str = "auto", patience_s: float = PATIENCE_S) -> Vault:
    return open_vault(backend, None, state_dir, os.environ, patience_s=patience_s)


def lock_it() -> None:
    with closing(secretstorage.dbus_init()) as connection:
        secretstorage.get_default_collection(connection).lock()


async def test_auto_keeps_secrets_in_the_service_and_forgets_them(tmp_path: Path, service: Process) -> None:
    vault = open_in(tmp_path)
    assert vault.backend == "secret-service"
    await vault.put("ref", SECRET)
    await vault.put("ref", {**SECRET, "api_key": "new"})
    await vault.put("second", SECRET)
    again = open_in(tmp_path)
    assert await again.get("ref") == {**SECRET, "api_key": "new"}
    await again.delete("ref")
    await again.delete("ref")
    with pytest.raises(SecretMissing):
        await again.get("ref")
    assert await again.get("second") == SECRET
    assert list(tmp_path.iterdir()) == []


async def test_a_round_trip_works_and_leaves_nothing_behind(tmp_path: Path, service: Process) -> None:
    await open_in(tmp_path).round_trip()
    with closing(secretstorage.dbus_init()) as connection:
        assert list(secretstorage.get_default_collection(connection).get_all_items()) == []


async def test_auto_stays_with_the_file_that_it_began_with(tmp_path: Path, service: Process) -> None:
    await open_vault("auto", None, tmp_path, {}).put("ref", SECRET)
    vault = open_in(tmp_path)
    assert vault.backend == "file"
    assert await vault.get("ref") == SECRET


async def test_a_locked_service_is_still_autos_choice_and_says_what_to_do(
    tmp_path: Path, service: Process
) -> None:
    await open_in(tmp_path).put("ref", SECRET)
    lock_it()
    vault = open_in(tmp_path)
    assert vault.backend == "secret-service"
    with pytest.raises(
        KeyringUnavailable, match=r"used: Failed to unlock .*\. Start and unlock it"
    ) as refused:
        await vault.get("ref")
    assert "s3cret" not in str(refused.value)


async def test_a_service_that_hangs_is_given_up_and_used_again_when_it_answers(
    tmp_path: Path, service: Process
) -> None:
    vault = open_in(tmp_path, patience_s=0.5)
    service.send_signal(signal.SIGSTOP)
    with pytest.raises(KeyringUnavailable, match=r"did not answer within .* s: unlock it"):
        await vault.put("ref", SECRET)
    service.send_signal(signal.SIGCONT)

    async def kept() -> dict[str, str] | None:
        try:
            return await vault.get("ref")
        except (KeyringUnavailable, SecretMissing):
            return None

    assert await eventually(kept, bool) == SECRET


async def test_a_service_that_went_away_is_missed_at_the_calls(tmp_path: Path, service: Process) -> None:
    vault = open_in(tmp_path)
    await vault.put("ref", SECRET)
    service.kill()
    await service.wait()
    with pytest.raises(KeyringUnavailable, match=r"Service can't be used: .* backend = \"file\""):
        await vault.get("ref")


async def test_a_bus_without_a_service_makes_auto_the_file(tmp_path: Path, bus: Path) -> None:
    vault = open_in(tmp_path)
    assert vault.backend == "file"
    await vault.round_trip()
    with pytest.raises(KeyringUnavailable, match=r"does not work here: .* neither running nor activatable"):
        await open_in(tmp_path, "secret-service").round_trip()
