"""What provctl asks before it changes something, where nobody can be asked."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from provd.schema.provider import Provider
from provd.schema.route import RouteCreate
from tests.fakes.daemon import RunningDaemon, temporary_folder
from tests.fakes.programs import Programs

from .test_provctl import PROVCTL, run
from .test_setup import KEY, SlowTelnyx, at_telnyx


@pytest.fixture
async def daemon() -> AsyncIterator[RunningDaemon]:
    async with temporary_folder() as folder, at_telnyx(SlowTelnyx(), folder) as daemon:
        yield daemon


@pytest.fixture
async def acme(daemon: RunningDaemon) -> Provider:
    """A provider at its second revision, with a route to it."""
    added = await daemon.add("192.0.2.1", "Acme", probe={"enabled": False})
    changed = await daemon.client.patch_provider(added.id, {"detail": "changed"})
    await daemon.client.create_route(RouteCreate(name="UK", provider_id=added.id, target="+44"))
    return changed


QUESTIONS = [
    (("providers", "delete", "Acme"), "--yes deletes it"),
    (("providers", "restore", "Acme", "1"), "--yes restores it"),
    (("routes", "delete", "UK"), "--yes deletes it"),
    (("routes", "restore", "UK", "1"), "--yes restores it"),
    (("undo",), "--yes takes the change back"),
    (("setup", "new", "telnyx", "Ours", "--credentials", "KEY"), "--dry-run shows the plan"),
]


@pytest.mark.parametrize(("command", "way"), QUESTIONS, ids=[" ".join(each[:2]) for each, _ in QUESTIONS])
async def test_without_a_terminal_every_command_that_asks_says_how_it_goes_without(
    programs: Programs,
    daemon: RunningDaemon,
    acme: Provider,
    tmp_path: Path,
    command: tuple[str, ...],
    way: str,
) -> None:
    key = tmp_path / "key.json"
    key.write_text(json.dumps({"api_key": KEY}))
    arguments = [str(key) if each == "KEY" else each for each in command]
    ended = await run(programs, PROVCTL, *arguments, PROVD_SOCKET=daemon.socket)
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("provctl: standard input is not a terminal, so nobody can be asked: --yes ")
    assert way in line
    assert await daemon.client.all_providers() == [acme]
    assert len(await daemon.client.all_routes()) == 1
