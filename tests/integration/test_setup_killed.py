"""The daemon is killed (SIGKILL) at each call of a setup, and of its undoing; the next start mends it."""

import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from provd.client import Client, ClientError
from provd.demo.carriers.server import serving
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.schema.setup import Setup, SetupRequest, SetupState
from tests.fakes.daemon import eventually, temporary_folder
from tests.fakes.programs import Programs, Running

from .test_lifecycle import answers

KEY = "KEY0123456789abcdefghij"
CALLS = 6  # the key is checked, then a profile, a connection, two addresses and their order are made
UNDOING = 5  # the numbers are asked for, then two addresses, a connection and a profile are deleted


class DeadlyTelnyx(FakeTelnyx):
    """A Telnyx at whose call number ``at`` the process ``victim`` is killed, before or after it acts."""

    def __init__(self) -> None:
        super().__init__(KEY)
        self.victim = 0
        self.at = 0
        self.acts = False
        self.calls = 0

    def arm(self, victim: int, at: int, *, acts: bool) -> None:
        self.victim, self.at, self.acts, self.calls = victim, at, acts, 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.calls != self.at:
            return super().handle(request)
        response = super().handle(request) if self.acts else httpx.Response(500)
        os.kill(self.victim, signal.SIGKILL)
        return response


@asynccontextmanager
async def daemon_at(programs: Programs, folder: Path, address: str) -> AsyncIterator[tuple[Running, Client]]:
    config = folder / "config.toml"
    sections: dict[str, Any] = {
        "daemon": {"socket": str(folder / "s"), "state_dir": str(folder / "state")},
        "platform": {"sip_gateways": ["203.0.113.10:5060", "198.51.100.20:5070"]},
        "carriers.telnyx": {"base_url": f"{address}/telnyx/v2"},
        "keyring": {"backend": "file"},
    }
    config.write_text(
        "".join(
            f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
            for name, keys in sections.items()
        )
    )
    async with (
        programs.started("provd", "run", "--config", config) as process,
        Client(folder / "s") as client,
    ):
        await eventually(lambda: answers(client), lambda yes: yes or process.returncode is not None)
        yield process, client


async def newest(client: Client) -> Setup | None:
    found = (await client.setups(page_size=1)).result
    return found[0] if found else None


def is_settled(setup: Setup | None) -> bool:
    return setup is None or setup.state in (SetupState.DONE, SetupState.UNDONE)


@pytest.mark.parametrize("acts", [False, True], ids=["before it acted", "after it acted"])
@pytest.mark.parametrize("at", range(1, CALLS + 1))
async def test_a_setup_is_finished_after_a_kill(programs: Programs, at: int, acts: bool) -> None:
    account = DeadlyTelnyx()
    async with temporary_folder() as folder, serving({"telnyx": account}) as address:
        async with daemon_at(programs, folder, address) as (process, client):
            account.arm(process.pid, at, acts=acts)
            wanted = SetupRequest(carrier="telnyx", name="Ours", credentials={"api_key": KEY})
            with pytest.raises(ClientError):
                await client.set_up(wanted)
            assert await process.wait() == -signal.SIGKILL
        account.at = 0
        async with daemon_at(programs, folder, address) as (_, client):
            setup = await eventually(lambda: newest(client), is_settled)
            providers = await client.all_providers()
            if at == 1:
                assert setup is not None
                assert (setup.state, providers, account.made) == (SetupState.UNDONE, [], [])
                await eventually(client.keyring, lambda report: report.keys == 0)
            else:
                assert setup is not None
                assert setup.state is SetupState.DONE
                assert [each.id for each in providers] == [setup.provider_id]
                assert (await client.verify_carrier(providers[0].id)).findings == []
                assert len(account.made) == 4


@pytest.mark.parametrize("acts", [False, True], ids=["before it acted", "after it acted"])
@pytest.mark.parametrize("at", range(1, UNDOING + 1))
async def test_an_undoing_is_finished_after_a_kill(programs: Programs, at: int, acts: bool) -> None:
    account = DeadlyTelnyx()
    async with temporary_folder() as folder, serving({"telnyx": account}) as address:
        async with daemon_at(programs, folder, address) as (process, client):
            wanted = SetupRequest(carrier="telnyx", name="Ours", credentials={"api_key": KEY})
            provider = await client.set_up(wanted)
            account.arm(process.pid, at, acts=acts)
            with pytest.raises(ClientError):
                await client.delete_provider(provider.id, deprovision=True)
            assert await process.wait() == -signal.SIGKILL
        account.at = 0
        async with daemon_at(programs, folder, address) as (_, client):
            setup = await eventually(lambda: newest(client), is_settled)
            assert setup is not None
            assert setup.state is SetupState.UNDONE
            assert account.made == []
            assert await client.all_providers() == []
            await eventually(client.keyring, lambda report: report.keys == 0)
