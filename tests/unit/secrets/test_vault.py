"""The vault, over keyrings that work and keyrings that don't."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from provd.secrets.backends import Backend
from provd.secrets.errors import KeyringUnavailable, SecretMissing, VaultError
from provd.secrets.vault import SERVICE, Vault, open_vault
from tests.fakes.daemon import PATIENCE_S, eventually

from .keyrings import (
    HERE,
    Crashing,
    Forgetful,
    Hanging,
    InMemory,
    Locked,
    NeverForgets,
    OnlySaysThatItForgot,
    Talkative,
)

SECRET = {"api_key": "s3cret", "account": "gr\u00fc\u00df"}
EVERY_CALL: list[Callable[[Vault], Coroutine[Any, Any, Any]]] = [
    lambda vault: vault.put("ref", SECRET),
    lambda vault: vault.get("ref"),
    lambda vault: vault.delete("ref"),
    lambda vault: vault.round_trip(),
]


def vault_over(keyring: KeyringBackend, patience_s: float = PATIENCE_S) -> Vault:
    return Vault(
        Backend("test", "the test's keyring", lambda: keyring, "it can't: ", ". Do something", "wake it"),
        patience_s,
    )


@pytest.fixture(params=["file", f"{HERE}.InMemory"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return open_vault(request.param, None, tmp_path, {})


async def test_a_secret_is_kept_replaced_and_forgotten(vault: Vault) -> None:
    await vault.put("ref", SECRET)
    assert await vault.get("ref") == SECRET
    await vault.put("ref", {"token": "other"})
    await vault.put("second", SECRET)
    assert await vault.get("ref") == {"token": "other"}
    await vault.delete("ref")
    with pytest.raises(SecretMissing, match="has no entry 'ref' of 'provd': enter the carrier's key again"):
        await vault.get("ref")
    assert await vault.get("second") == SECRET


async def test_deleting_what_is_not_there_is_no_error(vault: Vault) -> None:
    await vault.delete("ref")
    await vault.put("ref", SECRET)
    await vault.delete("ref")
    await vault.delete("ref")


async def test_a_secret_is_there_after_a_restart(tmp_path: Path) -> None:
    await open_vault("auto", None, tmp_path, {}).put("ref", SECRET)
    assert await open_vault("auto", None, tmp_path, {}).get("ref") == SECRET


async def test_many_at_once_lose_nothing(vault: Vault) -> None:
    await asyncio.gather(*(vault.put(str(number), {"key": str(number)}) for number in range(30)))
    found = await asyncio.gather(*(vault.get(str(number)) for number in range(30)))
    assert found == [{"key": str(number)} for number in range(30)]


@given(st.dictionaries(st.text(), st.text()))
def test_any_text_is_kept(secret: dict[str, str]) -> None:
    async def there_and_back() -> dict[str, str]:
        vault = vault_over(InMemory())
        await vault.put("ref", secret)
        return await vault.get("ref")

    assert asyncio.run(there_and_back()) == secret


async def test_a_round_trip_leaves_nothing_behind() -> None:
    keyring = InMemory()
    await vault_over(keyring).put("ref", SECRET)
    kept = dict(keyring.kept)
    await vault_over(keyring).round_trip()
    assert keyring.kept == kept


async def test_a_round_trip_cleans_up_what_does_not_come_back_right() -> None:
    class Garbling(InMemory):
        def get_password(self, service: str, username: str) -> str | None:
            return "{}" if (service, username) in self.kept else None

    keyring = Garbling()
    with pytest.raises(KeyringUnavailable, match="does not give back what was put in"):
        await vault_over(keyring).round_trip()
    assert keyring.kept == {}


async def test_a_keyring_that_keeps_nothing_is_found_out() -> None:
    with pytest.raises(KeyringUnavailable, match="the test's keyring does not give back what was put in"):
        await vault_over(Forgetful()).put("ref", SECRET)


async def test_a_keyring_that_does_not_delete_is_found_out() -> None:
    vault = vault_over(NeverForgets())
    await vault.put("ref", SECRET)
    with pytest.raises(KeyringUnavailable, match=r"it can't: deleting is not supported\. Do something"):
        await vault.delete("ref")
    with pytest.raises(KeyringUnavailable, match="does not forget what was deleted"):
        await vault_over(OnlySaysThatItForgot()).round_trip()


@pytest.mark.parametrize("call", EVERY_CALL, ids=["put", "get", "delete", "round_trip"])
async def test_a_locked_keyring_says_so_at_every_call(
    call: Callable[[Vault], Coroutine[Any, Any, Any]],
) -> None:
    with pytest.raises(KeyringUnavailable) as refused:
        await call(vault_over(Locked()))
    assert str(refused.value) == "it can't: Failed to unlock the collection. Do something"


@pytest.mark.parametrize("call", EVERY_CALL, ids=["put", "get", "delete", "round_trip"])
@pytest.mark.parametrize(
    "backend", ["nonsense", "secret-service", f"{HERE}.Unsuited", f"{HERE}.WantsArguments"]
)
async def test_a_backend_that_is_none_fails_at_the_calls_and_not_before(
    tmp_path: Path, backend: str, call: Callable[[Vault], Coroutine[Any, Any, Any]]
) -> None:
    vault = open_vault(backend, None, tmp_path, {})
    assert vault.backend == backend
    with pytest.raises(KeyringUnavailable, match=r'backend = "file"|use auto, file'):
        await call(vault)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stored", ["", "s3cret", "[]", '{"s3cret": 1}', "[" * 100_000])
async def test_an_entry_that_is_not_ours_is_no_secret(stored: str) -> None:
    keyring = InMemory()
    keyring.set_password(SERVICE, "ref", stored)
    with pytest.raises(KeyringUnavailable, match=r"the entry 'ref' .* is not what provd wrote") as refused:
        await vault_over(keyring).get("ref")
    assert "s3cret" not in str(refused.value)


async def test_a_keyring_that_hangs_is_given_up_and_used_again_when_it_answers() -> None:
    keyring = Hanging()
    vault = vault_over(keyring, patience_s=0.01)
    with pytest.raises(
        KeyringUnavailable, match=r"the test's keyring did not answer within 0\.01 s: wake it"
    ):
        await vault.put("ref", SECRET)
    with pytest.raises(KeyringUnavailable, match="did not answer"):
        await vault.delete("ref")

    async def found() -> dict[str, str] | None:
        try:
            return await vault.get("ref")
        except KeyringUnavailable:
            return None

    keyring.released.set()
    assert await eventually(found, bool) == SECRET


async def test_a_problem_that_was_mended_is_over(tmp_path: Path) -> None:
    key_file = tmp_path / "my.key"
    vault = open_vault("file", key_file, tmp_path, {})
    with pytest.raises(KeyringUnavailable, match=r"my\.key does not exist: make one with"):
        await vault.round_trip()
    key_file.write_text("ab" * 32)
    with pytest.raises(KeyringUnavailable, match="chmod 0600"):
        await vault.round_trip()
    key_file.chmod(0o600)
    await vault.round_trip()


@pytest.mark.parametrize("keyring", [Talkative(), Crashing()])
async def test_nothing_that_is_raised_shows_a_secret_or_leads_to_it(keyring: KeyringBackend) -> None:
    vault = vault_over(keyring)
    with pytest.raises(KeyringUnavailable) as refused:
        await vault.put("ref", SECRET)
    chain: BaseException | None = refused.value
    while chain is not None:
        assert isinstance(chain, VaultError)
        assert not any(value in repr(chain) for value in SECRET.values())
        chain = chain.__cause__ or chain.__context__


async def test_a_keyring_that_wants_to_end_the_process_does_not() -> None:
    with pytest.raises(KeyringUnavailable, match="it can't: it failed with SystemExit"):
        await vault_over(Crashing()).get("ref")


async def test_a_vault_shows_its_backends_name_alone(vault: Vault) -> None:
    await vault.put("ref", SECRET)
    assert repr(vault) == f"Vault({vault.backend!r})"


def test_opening_loads_no_library_and_makes_no_file(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from provd.secrets.vault import open_vault\n"
        "for name in ('auto', 'file', 'secret-service', 'package.module.Class'):\n"
        "    print(open_vault(name, None, Path(sys.argv[1]), {}).backend)\n"
        "print(*sorted({'keyring', 'cryptography', 'secretstorage', 'jeepney'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["file", "file", "secret-service", "package.module.Class"]
    assert list(tmp_path.iterdir()) == []
