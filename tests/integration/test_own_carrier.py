"""A carrier of somebody else's: the documentation's example, from its package to a trunk and back, with no
line of ours changed for it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from provd.client import ApiError
from provd.demo.carriers.server import serving
from provd.schema.setup import SetupRequest, SetupState
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.hillside import EXAMPLE, TOKEN, FakeHillside, install
from tests.fakes.tmux import PROGRAM, provtui_in_tmux

GATEWAYS = ["203.0.113.10:5060", "198.51.100.20:5070"]
GUIDE = EXAMPLE.parents[1] / "carriers.md"


@pytest.fixture
def account() -> FakeHillside:
    return FakeHillside()


@asynccontextmanager
async def at_hillside(
    account: FakeHillside, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RunningDaemon]:
    packages = folder / "packages"
    packages.mkdir()
    install(packages)
    monkeypatch.syspath_prepend(packages)
    async with (
        serving({"hillside": account}) as address,
        running_daemon(
            folder,
            platform={"sip_gateways": GATEWAYS},
            carriers={"hillside": {"base_url": f"{address}/hillside/v1"}},
            keyring={"backend": "file"},
        ) as daemon,
    ):
        yield daemon


async def test_it_is_set_up_compared_and_undone_as_ours_are(
    account: FakeHillside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with temporary_folder() as folder, at_hillside(account, folder, monkeypatch) as daemon:
        client = daemon.client
        assert [each.name for each in await client.carriers()] == [
            *("telnyx", "twilio", "bandwidth"),
            "hillside",
        ]
        assert (await client.validate_credentials("hillside", {"token": TOKEN})).balance == "12.50"
        with pytest.raises(ApiError, match=r"Hillside did not accept the key.*unknown token"):
            await client.validate_credentials("hillside", {"token": "somebody-elses"})
        wanted = SetupRequest(
            carrier="hillside",
            name="Hills",
            credentials={"token": TOKEN},
            settings={"tier": "business", "calls_at_once": 30},
        )
        plan = await client.plan_setup(wanted)
        assert [call.step for call in plan.calls] == ["trunk", "address_1", "address_2"]
        provider = await client.set_up(wanted)
        (trunk,) = account.trunks.things.values()
        assert (trunk["tier"], trunk["channels"], trunk["recording"]) == ("business", 30, False)
        assert provider.metadata["hillside_trunk_id"] == trunk["id"]
        assert [each["address"] for each in account.addresses[trunk["id"]].things.values()] == GATEWAYS
        assert (await client.verify_carrier(provider.id)).ok
        trunk["channels"] = 5
        assert not (await client.verify_carrier(provider.id)).ok
        account.numbers = [{"number": "+442071838750"}]
        kept = await client.delete_provider(provider.id, deprovision=True)
        assert kept.deprovisioned is not None
        assert "+442071838750" in kept.deprovisioned.left[0].note
        account.numbers = []
        (left,) = (await client.setups()).result
        assert (await client.roll_back_setup(left.id)).state is SetupState.UNDONE
        assert account.trunks.things == {}


@pytest.mark.skipif(PROGRAM is None, reason="needs tmux: the Debian package tmux")
async def test_the_wizard_draws_it_from_its_schemas(
    account: FakeHillside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with temporary_folder() as folder, at_hillside(account, folder, monkeypatch) as daemon:
        async with provtui_in_tmux(folder, daemon.socket) as terminal:
            await terminal.until("● live")
            await terminal.press("n")
            await terminal.until("At which carrier?", "Hillside Telecom", "SIP trunks by IP address")
            await terminal.press("Down", "Down", "Down", "Enter")
            await terminal.until("Token *", "Of Hillside's portal, under API access")
            await terminal.type(TOKEN)
            await terminal.until("•" * len(TOKEN))
            await terminal.press("Enter")
            await terminal.until(
                "✓ Key", "12.50 EUR", "Name *", "Tier", "Calls at once", "Recording", "Regions"
            )
            await terminal.type("Hills")
            await terminal.press("Tab", "Tab", "Tab")
            await terminal.type("501")
            await terminal.press("Enter")
            await terminal.until("500")  # the most that its schema has
            await terminal.press("BSpace", "BSpace", "BSpace")
            await terminal.type("25")
            await terminal.press("Enter")
            await terminal.until("✓ Trunk", "3 calls to Hillside Telecom", "^s Set it up")
            await terminal.press("C-s")
            await terminal.until("Hills leads to sip.hillside.example")
            await terminal.press("Enter")
            await terminal.until("Hills", "sip.hillside.example")
            await terminal.press("q")
        (trunk,) = account.trunks.things.values()
        assert trunk["channels"] == 25
        found = await eventually(daemon.client.all_providers, lambda found: len(found) == 1)
        assert found[0].carrier == "hillside"


def test_the_guide_shows_what_the_example_has() -> None:
    example = (EXAMPLE / "hillside.py").read_text() + (EXAMPLE / "pyproject.toml").read_text()
    shown = re.findall(r"^```\w+\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(shown) > 3
    for block in shown:
        assert block in example
