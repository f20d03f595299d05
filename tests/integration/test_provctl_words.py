"""What the daemon refuses is told in the words of provctl, which whoever reads it can follow."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.schema.route import ResolveRequest, RouteCreate
from tests.fakes.daemon import RunningDaemon, temporary_folder
from tests.fakes.programs import Programs

from .test_provctl import PROVCTL, Command, done, run
from .test_setup import KEY, SlowTelnyx, at_telnyx, wanted


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, at_telnyx(SlowTelnyx(), folder) as daemon:
        yield daemon


@pytest.fixture
def provctl(programs: Programs, daemon: RunningDaemon) -> Command:
    """Run provctl against the daemon."""
    return lambda *arguments: run(programs, PROVCTL, *arguments, PROVD_SOCKET=daemon.socket)


async def test_a_provider_with_routes_is_deleted_with_them_by_an_option(
    daemon: RunningDaemon, provctl: Command
) -> None:
    acme = await daemon.add("192.0.2.1", "Acme", probe={"enabled": False})
    await daemon.client.create_route(RouteCreate(name="UK", provider_id=acme.id, target="+44"))
    ended = await provctl("providers", "delete", "Acme", "--yes")
    assert (ended.code, ended.out) == (6, "")
    assert ended.err.endswith("delete them, or delete them with it by --cascade\n")
    await done(provctl("providers", "delete", "Acme", "--yes", "--cascade"))


async def test_a_trunk_whose_provider_is_there_is_removed_by_the_command_that_is_told(
    daemon: RunningDaemon, provctl: Command
) -> None:
    added = await daemon.client.set_up(wanted())
    (setup,) = (await daemon.client.setups()).result
    ended = await provctl("setup", "rollback", setup.id)
    command = ["provctl", "providers", "delete", added.id, "--deprovision"]
    assert (ended.code, ended.out) == (6, "")
    assert ended.err.endswith(f"its provider is there: {' '.join(command)} removes both\n")
    assert await done(provctl(*command[1:], "--yes")) == f"deleted {added.name} ({added.id})\n"


async def test_a_setup_without_gateways_is_told_the_option(programs: Programs, tmp_path: Path) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"api_key": KEY}))
    async with temporary_folder() as folder, at_telnyx(SlowTelnyx(), folder, gateways=[]) as daemon:
        command = ("setup", "new", "telnyx", "Ours", "--credentials", key, "--dry-run")
        ended = await run(programs, PROVCTL, *command, PROVD_SOCKET=daemon.socket)
    assert ended.code == 6
    assert "give them with --set gateways=..., or as sip_gateways" in ended.err


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (
            ("rule", "delete", "unhealthy"),
            6,
            "the rule unhealthy is built in: provctl alerts rule set unhealthy --off has it do nothing",
        ),
        (("test", "ops"), 4, "there is no channel ops: provctl alerts channels lists them"),
        (("rule", "delete", "x"), 4, "there is no rule x: provctl alerts rules lists them"),
        (
            ("rule", "set", "x", "--metric", "rtt_p95_ms"),
            2,
            "rtt_p95_ms is a number: give either --above or --below, and no --is",
        ),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
async def test_alerts_are_told_of_by_command(
    provctl: Command, command: tuple[str, ...], code: int, told: str
) -> None:
    ended = await provctl("alerts", *command)
    assert (ended.code, ended.err) == (code, f"provctl: {told}\n")


async def test_a_number_that_no_route_is_for_is_told_the_command_and_programs_the_call(
    daemon: RunningDaemon, provctl: Command
) -> None:
    ended = await provctl("resolve", "+442071838750")
    assert (ended.code, "add one, provctl routes add;" in ended.out) == (1, True)
    found = await daemon.client.resolve(ResolveRequest(destination="+442071838750"))
    assert "add one, POST /v1.0/routes;" in found.message
