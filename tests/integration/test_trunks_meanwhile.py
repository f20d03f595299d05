"""Trunks of which two things happen at once; and their keys, when they are replaced."""

import os
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from provd.carriers.telnyx.carrier import Telnyx
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.schema.events import EventType
from provd.secrets.backends import Backend
from provd.secrets.encrypted_file import EncryptedFileKeyring
from provd.secrets.master_key import find_master_key
from provd.secrets.vault import Vault, open_vault
from provd.services.errors import ServiceError
from provd.services.precondition import Precondition
from provd.store import setups as stored
from tests.fakes.carriers.cases import TELNYX, TELNYX_KEY
from tests.fakes.carriers.faulty import FaultyTransport
from tests.fakes.setups import ACTOR, Setups, running_setups

IP, CREDENTIAL = TELNYX[0], TELNYX[1]
ANOTHER_KEY = "KEY-another-one-0123456789"
LOGIN = {name: CREDENTIAL.credentials[name] for name in ("sip_username", "sip_password")}


@pytest.fixture
def account() -> FakeTelnyx:
    made = FakeTelnyx(TELNYX_KEY)
    made.keys.add(ANOTHER_KEY)
    return made


async def credentials(setups: Setups, provider_id: str) -> dict[str, str]:
    found = await setups.store.read(stored.of_provider, provider_id)
    assert found is not None
    return await setups.keys.get(found.setup)


async def test_a_new_key_leaves_the_login_of_the_trunk(tmp_path: Path, account: FakeTelnyx) -> None:
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, FaultyTransport(account)) as setups:
        provider = await setups.service.start(CREDENTIAL.request(), ACTOR, None)
        await setups.trunks.rotate(provider.id, {"api_key": ANOTHER_KEY}, ACTOR)
        assert await credentials(setups, provider.id) == {"api_key": ANOTHER_KEY, **LOGIN}
        await setups.trunks.rotate(provider.id, {"api_key": TELNYX_KEY, **LOGIN}, ACTOR)
        assert await credentials(setups, provider.id) == {"api_key": TELNYX_KEY, **LOGIN}


async def test_another_login_than_the_carrier_has_is_refused(tmp_path: Path, account: FakeTelnyx) -> None:
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, FaultyTransport(account)) as setups:
        provider = await setups.service.start(CREDENTIAL.request(), ACTOR, None)
        with pytest.raises(
            ServiceError, match=r"credentials\.sip_password is not what the trunk was set up with"
        ):
            await setups.trunks.rotate(
                provider.id, {"api_key": ANOTHER_KEY, "sip_password": "quite-another-one"}, ACTOR
            )
        assert (await credentials(setups, provider.id))["api_key"] == TELNYX_KEY


async def test_a_login_that_the_keyring_has_lost_must_be_given(tmp_path: Path, account: FakeTelnyx) -> None:
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, FaultyTransport(account)) as setups:
        provider = await setups.service.start(CREDENTIAL.request(), ACTOR, None)
        found = await setups.store.read(stored.of_provider, provider.id)
        assert found is not None
        assert found.setup.credential_ref is not None
        await setups.keys.discard(found.setup.credential_ref)
        with pytest.raises(ServiceError, match=r"credentials\.sip_username is missing"):
            await setups.trunks.rotate(provider.id, {"api_key": ANOTHER_KEY}, ACTOR)
        await setups.trunks.rotate(provider.id, {"api_key": ANOTHER_KEY, **LOGIN}, ACTOR)
        assert await credentials(setups, provider.id) == {"api_key": ANOTHER_KEY, **LOGIN}


async def test_a_key_in_a_keyring_that_is_not_in_use_stays_known(tmp_path: Path, account: FakeTelnyx) -> None:
    transport, first = FaultyTransport(account), open_vault("file", None, tmp_path, os.environ)
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport, vault=first) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)
        found = await setups.store.read(stored.of_provider, provider.id)
        assert found is not None
        old = found.setup.credential_ref
        assert old is not None
    other = tmp_path / "other"
    other.mkdir()
    keyring = EncryptedFileKeyring(other / "k.json", find_master_key(None, other, {}))
    second = Vault(Backend("secret-service", "", lambda: keyring, "", "", ""))
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport, vault=second) as setups:
        await setups.trunks.rotate(provider.id, {"api_key": ANOTHER_KEY}, ACTOR)
        assert await setups.store.read(stored.credential, old) is not None
    assert await first.get(old) == {"api_key": TELNYX_KEY}
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport, vault=first) as setups:
        await setups.keys.discard(old)
        assert await setups.store.read(stored.credential, old) is None


async def test_a_comparison_during_a_removal_is_no_drift(tmp_path: Path, account: FakeTelnyx) -> None:
    transport = FaultyTransport(account)
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)

        async def remove_first(_: httpx.Request) -> None:
            transport.before = None
            await setups.trunks.deprovision(provider.id, ACTOR, Precondition())

        transport.before = remove_first
        with suppress(ServiceError):  # its key may be gone by then
            await setups.trunks.verify(provider.id)
        assert account.made == []
        assert [each for each in setups.events if each.type == EventType.PROVIDER_DRIFT] == []


async def test_a_new_key_takes_back_nothing_that_a_comparison_found(
    tmp_path: Path, account: FakeTelnyx
) -> None:
    transport = FaultyTransport(account)
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, transport) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)
        account.shelves["ip_connections"].things[provider.metadata["telnyx_connection_id"]]["active"] = False

        async def verify_first(_: httpx.Request) -> None:
            transport.before = None
            await setups.trunks.verify(provider.id)

        transport.before = verify_first
        await setups.trunks.rotate(provider.id, {"api_key": ANOTHER_KEY}, ACTOR)
        assert (await setups.trunks.setup(provider.id)).drift != []
        assert await credentials(setups, provider.id) == {"api_key": ANOTHER_KEY}


async def test_what_was_compared_by_a_clock_that_was_ahead_is_due(
    tmp_path: Path, account: FakeTelnyx
) -> None:
    recent = ("2026-01-01 00:00:00.000000", "2026-01-02 00:00:00.000000")
    async with running_setups(tmp_path, {"telnyx": Telnyx()}, FaultyTransport(account)) as setups:
        provider = await setups.service.start(IP.request(), ACTOR, None)
        setup = await setups.trunks.setup(provider.id)
        for at, due in (("2025-12-31", 1), ("2026-01-01", 0), ("2036-01-01", 1)):
            async with setups.store.write() as transaction:
                await transaction.run(stored.save_verification, setup.id, f"{at} 12:00:00.000000", [])
                await transaction.run(stored.save_balance, setup.id, f"{at} 12:00:00.000000", 1.0)
            for query in (stored.to_verify, stored.to_ask_for_balance):
                assert len(await setups.store.read(query, recent, 10)) == due
