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
from provd.demo.carriers.fake import FakeApi
from provd.demo.carriers.server import serving
from provd.schema.setup import Setup, SetupState
from tests.fakes.carriers.cases import Case
from tests.fakes.daemon import eventually, temporary_folder
from tests.fakes.programs import Programs, Running
from tests.integration.test_lifecycle import answers

GATEWAYS = ["203.0.113.10:5060", "198.51.100.20:5070"]
PATHS = {"telnyx": "/v2"}


class DeadlyAccount:
    """An account at whose call number ``at`` the process ``victim`` is killed, before or after it acts."""

    def __init__(self, account: Any) -> None:
        self.account = account
        self.title = account.title
        self.victim = 0
        self.at = 0
        self.acts = False
        self.calls = 0

    @property
    def made(self) -> list[Any]:
        return list(self.account.made)

    def arm(self, victim: int, at: int, *, acts: bool) -> None:
        self.victim, self.at, self.acts, self.calls = victim, at, acts, 0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        if self.calls != self.at:
            return self._answer(request)
        response = self._answer(request) if self.acts else httpx.Response(500)
        os.kill(self.victim, signal.SIGKILL)
        return response

    def _answer(self, request: httpx.Request) -> httpx.Response:
        account: FakeApi = self.account
        return account.handle(request)


@asynccontextmanager
async def daemon_at(
    programs: Programs, folder: Path, case: Case, address: str
) -> AsyncIterator[tuple[Running, Client]]:
    config, name = folder / "config.toml", case.carrier.name
    sections: dict[str, Any] = {
        "daemon": {"socket": str(folder / "s"), "state_dir": str(folder / "state")},
        "platform": {"sip_gateways": GATEWAYS},
        "dns": {"nameservers": ["127.0.0.1:9"]},
        f"carriers.{name}": {"base_url": f"{address}/{name}{PATHS.get(name, '')}"},
        "keyring": {"backend": "file"},
    }
    config.write_text(
        "".join(
            f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
            for section, keys in sections.items()
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
    return setup is not None and setup.state in (SetupState.DONE, SetupState.UNDONE)


async def calls_of(programs: Programs, case: Case) -> tuple[int, int]:
    """How many calls a setup of this kind takes, and its undoing."""
    account = DeadlyAccount(case.fake())
    async with (
        temporary_folder() as folder,
        serving({case.carrier.name: account}) as address,
        daemon_at(programs, folder, case, address) as (_, client),
    ):
        provider = await client.set_up(case.request())
        forward, account.calls = account.calls, 0
        await client.delete_provider(provider.id, deprovision=True)
        return forward, account.calls


async def assert_nothing_is_left(client: Client, account: DeadlyAccount) -> None:
    assert account.made == []
    assert await client.all_providers() == []
    await eventually(client.keyring, lambda report: report.keys == 0)


async def finish_setups(programs: Programs, case: Case, *, acts: bool) -> None:
    """Have a daemon killed at each call of a setup, before or after the carrier acts on it: it is finished,
    or undone, by the next one."""
    forward, _ = await calls_of(programs, case)
    ends = set()
    for at in range(1, forward + 1):
        account = DeadlyAccount(case.fake())
        async with temporary_folder() as folder, serving({case.carrier.name: account}) as address:
            async with daemon_at(programs, folder, case, address) as (process, client):
                account.arm(process.pid, at, acts=acts)
                with pytest.raises(ClientError):
                    await client.set_up(case.request())
                assert await process.wait() == -signal.SIGKILL
            account.at = 0
            async with daemon_at(programs, folder, case, address) as (_, client):
                setup = await eventually(lambda client=client: newest(client), is_settled)
                assert setup is not None
                ends.add(setup.state)
                if setup.state is SetupState.DONE:
                    (provider,) = await client.all_providers()
                    assert provider.id == setup.provider_id
                    assert (await client.verify_carrier(provider.id)).findings == []
                    await client.delete_provider(provider.id, deprovision=True)
                await assert_nothing_is_left(client, account)
    assert SetupState.DONE in ends


async def finish_undoings(programs: Programs, case: Case, *, acts: bool) -> None:
    """The same at each call of an undoing, which ends undone."""
    _, back = await calls_of(programs, case)
    for at in range(1, back + 1):
        account = DeadlyAccount(case.fake())
        async with temporary_folder() as folder, serving({case.carrier.name: account}) as address:
            async with daemon_at(programs, folder, case, address) as (process, client):
                provider = await client.set_up(case.request())
                account.arm(process.pid, at, acts=acts)
                with pytest.raises(ClientError):
                    await client.delete_provider(provider.id, deprovision=True)
                assert await process.wait() == -signal.SIGKILL
            account.at = 0
            async with daemon_at(programs, folder, case, address) as (_, client):
                setup = await eventually(lambda client=client: newest(client), is_settled)
                assert setup is not None
                assert setup.state is SetupState.UNDONE
                await assert_nothing_is_left(client, account)
