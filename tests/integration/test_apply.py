"""YAML files as the truth, against a running daemon."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from provd.schema.route import RouteCreate
from provd.schema.setup import SetupRequest
from tests.fakes.daemon import PATIENCE_S, RunningDaemon, running_daemon, temporary_folder
from tests.fakes.programs import Programs

from .test_provctl import PROVCTL, Ended, done, main_of, run
from .test_setup import KEY, SlowTelnyx, at_telnyx

QUIET = {"enabled": False}
Command = Callable[..., Awaitable[Ended]]
NOT_A_TERMINAL = "standard input is not a terminal"


@pytest.fixture
def provctl(programs: Programs, daemon: RunningDaemon) -> Command:
    """Run provctl against the daemon, without a terminal."""

    async def against_the_daemon(*arguments: str | Path) -> Ended:
        return await run(programs, PROVCTL, *arguments, PROVD_SOCKET=daemon.socket)

    return against_the_daemon


@asynccontextmanager
async def asked(
    daemon: RunningDaemon, *arguments: str | Path
) -> AsyncIterator[Callable[[str], Awaitable[Ended]]]:
    """Run provctl at a terminal, up to its question; then it can be answered."""
    ours, theirs = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", main_of(PROVCTL), *arguments),
        env={**os.environ, "COLUMNS": "200", "PROVD_SOCKET": str(daemon.socket)},
        stdin=theirs,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(theirs)

    async def answer(text: str) -> Ended:
        os.write(ours, text.encode())
        out, err = await process.communicate()
        return Ended(process.returncode, out.decode(), err.decode())

    try:
        async with asyncio.timeout(PATIENCE_S):
            assert process.stderr is not None
            question = await process.stderr.readuntil(b"Apply? [y/N]:")
            assert b"Apply? [y/N]:" in question
            yield answer
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
        os.close(ours)


def written(folder: Path, name: str, content: Any) -> Path:
    (folder / name).write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return folder / name


async def state(daemon: RunningDaemon) -> dict[str, set[tuple[str, int]]]:
    """Names and revisions."""
    return {
        "providers": {(each.name, each.revision) for each in await daemon.client.all_providers()},
        "routes": {(each.name, each.revision) for each in await daemon.client.all_routes()},
    }


async def fleet(daemon: RunningDaemon) -> None:
    acme = await daemon.add(
        "192.0.2.1:5070",
        "Acme",
        tech_headers={"X-Account": "12: 34"},
        tags=["eu"],
        probe={"enabled": False, "interval_s": 1.5},
    )
    await daemon.add("192.0.2.2", "Béta: #2", tech_prefix="0044", enabled=False)
    for name, target in (("UK", "+44"), ("all", "all")):
        await daemon.client.create_route(RouteCreate(name=name, provider_id=acme.id, target=target, weight=3))


async def test_an_export_applies_without_a_change(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    await fleet(daemon)
    before = await state(daemon)
    file = tmp_path / "all.yaml"
    await done(provctl("export", "--format", "yaml", "-f", file))
    summary = "0 to create, 0 to change, 0 to delete, 4 unchanged\n"
    assert await done(provctl("apply", file, "--dry-run")) == summary
    assert await done(provctl("apply", file)) == summary
    assert await state(daemon) == before


async def test_an_export_makes_another_daemon_the_same(
    daemon: RunningDaemon, provctl: Command, programs: Programs, tmp_path: Path
) -> None:
    await fleet(daemon)
    exported = await done(provctl("export", "--format", "yaml"))
    file = written(tmp_path, "all.yaml", exported)
    async with temporary_folder() as folder, running_daemon(folder) as other:
        await other.add("192.0.2.9", "not in the files", probe=QUIET)
        ended = await run(programs, PROVCTL, "apply", file, "--yes", PROVD_SOCKET=other.socket)
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.endswith("4 created, 0 changed, 1 deleted\n")
        again = await run(programs, PROVCTL, "export", "--format", "yaml", PROVD_SOCKET=other.socket)
    here, there = yaml.safe_load(exported), yaml.safe_load(again.out)
    for each in ("providers", "routes"):
        assert sorted(here[each], key=lambda record: record["id"]) == sorted(
            there[each], key=lambda record: record["id"]
        )


async def test_files_written_by_hand_are_carried_out_and_then_there_is_nothing_to_do(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    await fleet(daemon)
    written(
        tmp_path,
        "a.yaml",
        "providers:\n"
        "- name: Acme\n  hostname: 192.0.2.1:5070\n  tech_headers: {X-Account: '56'}\n"
        "  probe: {enabled: false}\n"
        "- {name: New, hostname: 192.0.2.3, tech_prefix: 0033, probe: {enabled: false}}\n",
    )
    written(
        tmp_path,
        "b.yml",
        "routes:\n- {name: UK, provider: New, target: +44}\n- {name: France, provider: New, target: +33}\n",
    )
    shown = await provctl("apply", tmp_path, "--dry-run")
    assert (shown.code, shown.err) == (1, "")
    lines = shown.out.splitlines()
    assert lines[0] == "+ provider 'New'  192.0.2.3"
    assert lines[1].startswith("~ provider 'Acme': ")
    assert "tech_headers {'X-Account': '12: 34'} -> {'X-Account': '56'}" in lines[1]
    assert "tags ['eu'] -> []" in lines[1]
    assert lines[2:] == [
        "+ route 'France'  +33 by 'New'",
        "~ route 'UK': provider 'Acme' -> 'New', weight 3 -> 1",
        "- route 'all'  all by 'Acme'",
        "- provider 'Béta: #2'  192.0.2.2",
        "2 to create, 2 to change, 2 to delete, 0 unchanged",
    ]
    assert len(await daemon.client.all_providers()) == 2
    assert await done(provctl("apply", tmp_path, "--yes")) == (
        shown.out + "2 created, 2 changed, 2 deleted\n"
    )
    assert await state(daemon) == {
        "providers": {("Acme", 2), ("New", 1)},
        "routes": {("UK", 2), ("France", 1)},
    }
    (new,) = await daemon.client.all_providers({"q": "New"})
    assert new.tech_prefix == "0033"
    assert {each.provider_id for each in await daemon.client.all_routes()} == {new.id}
    assert (await provctl("apply", tmp_path, "--dry-run")).code == 0


async def test_every_mistake_in_all_files_is_told_and_nothing_is_changed(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    await fleet(daemon)
    before = await state(daemon)
    one = written(tmp_path, "a.yaml", "- {name: A, hostname: 'a b'}\n- {name: '', hostname: h}\n")
    two = written(tmp_path, "b.yaml", "routes:\n- {name: r, provider: Nobody}\n")
    three = written(tmp_path, "c.yaml", "providers: [&x]\n")
    for options in ((), ("--yes",), ("--dry-run",)):
        ended = await provctl("apply", tmp_path, *options)
        assert (ended.code, ended.out) == (3, "")
        first, *lines = ended.err.splitlines()
        assert first == "provctl: 3 mistakes, so nothing is changed"
        assert lines[0].startswith(f"  {one}:1: hostname ")
        assert lines[1].startswith(f"  {one}:2: name is empty")
        assert lines[2].startswith(f"  {three}: has an anchor")
    three.unlink()
    ended = await provctl("apply", tmp_path)
    assert f"  {two}:2: leads to the provider 'Nobody', and there is none" in ended.err
    assert await state(daemon) == before


async def test_the_id_of_a_deleted_record_is_a_mistake_before_anything_is_changed(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    await fleet(daemon)
    file = tmp_path / "all.yaml"
    await done(provctl("export", "--format", "yaml", "-f", file))
    (beta,) = await daemon.client.all_providers({"q": "ta: #2"})
    await daemon.client.delete_provider(beta.id)
    before = await state(daemon)
    ended = await provctl("apply", file, "--yes")
    assert ended.code == 3
    assert (
        f"has the id {beta.id} of a provider that was deleted; without its id it is added anew" in ended.err
    )
    assert f"{file}:" in ended.err
    assert await state(daemon) == before
    file.write_text(file.read_text().replace(f"id: {beta.id}\n", "id: null\n"))
    assert (await provctl("apply", file, "--yes")).code == 0
    assert (await provctl("apply", file, "--dry-run")).code == 0


async def test_without_a_terminal_it_has_to_be_told_not_to_ask(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    file = written(tmp_path, "a.yaml", "- {name: A, hostname: 192.0.2.1, probe: {enabled: false}}\n")
    ended = await provctl("apply", file)
    assert ended.code == 2
    assert ended.out.endswith("1 to create, 0 to change, 0 to delete, 0 unchanged\n")
    assert NOT_A_TERMINAL in ended.err
    assert "--yes" in ended.err
    assert await daemon.client.all_providers() == []


@pytest.mark.parametrize(("answer", "code", "names"), [("y\n", 0, ["A"]), ("\n", 1, []), ("n\n", 1, [])])
async def test_at_a_terminal_it_asks(
    daemon: RunningDaemon, tmp_path: Path, answer: str, code: int, names: list[str]
) -> None:
    file = written(tmp_path, "a.yaml", "- {name: A, hostname: 192.0.2.1, probe: {enabled: false}}\n")
    async with asked(daemon, "apply", file) as answered:
        ended = await answered(answer)
    assert ended.code == code
    assert ended.out.startswith("+ provider 'A'  192.0.2.1\n")
    assert [each.name for each in await daemon.client.all_providers()] == names


async def test_a_record_that_moved_on_meanwhile_stops_it_and_says_what_was_done(
    daemon: RunningDaemon, tmp_path: Path, provctl: Command
) -> None:
    await fleet(daemon)
    (acme,) = await daemon.client.all_providers({"q": "Acme"})
    file = written(
        tmp_path,
        "a.yaml",
        "providers:\n- {name: New, hostname: 192.0.2.3, probe: {enabled: false}}\n"
        "- {name: Acme, hostname: 192.0.2.9, probe: {enabled: false}}\n"
        "routes:\n- {name: UK, provider: Acme, target: +44, weight: 3}\n",
    )
    async with asked(daemon, "apply", file) as answered:
        await daemon.client.patch_provider(acme.id, {"detail": "by somebody else"})
        ended = await answered("y\n")
    assert ended.code == 6
    said = ended.err
    assert "1 of 4 done\n  + provider 'New'" in said
    assert "3 of 4 not done\n  ~ provider 'Acme'" in said
    assert "Run it again for the rest: it compares anew" in said
    assert "the provider is at revision 2 now" in said
    assert (await daemon.client.provider(acme.id)).detail == "by somebody else"
    assert len(await daemon.client.all_providers()) == 3
    assert len(await daemon.client.all_routes()) == 2
    again = await provctl("apply", file, "--yes")
    assert (again.code, (await provctl("apply", file, "--dry-run")).code) == (0, 0)


async def test_a_route_that_was_added_meanwhile_keeps_its_provider(
    daemon: RunningDaemon, tmp_path: Path
) -> None:
    gone = await daemon.add("192.0.2.1", "gone", probe=QUIET)
    file = written(tmp_path, "a.yaml", "- {name: A, hostname: 192.0.2.1, probe: {enabled: false}}\n")
    async with asked(daemon, "apply", file) as answered:
        await daemon.client.create_route(RouteCreate(name="new", provider_id=gone.id))
        ended = await answered("y\n")
    assert ended.code == 6
    assert "1 route leads to this provider (new)" in ended.err
    assert {each.name for each in await daemon.client.all_providers()} == {"A", "gone"}


async def test_files_without_any_record_of_a_kind_are_taken_at_their_word_only_when_told(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    await fleet(daemon)
    empty = written(tmp_path, "a.yaml", "providers: []\nroutes: []\n")
    refused = await provctl("apply", empty, "--yes")
    assert refused.code == 2
    assert "the files have no provider and no route at all" in refused.err
    assert "--delete-all" in refused.err
    assert len(await daemon.client.all_providers()) == 2
    assert (await provctl("apply", empty, "--dry-run")).code == 1
    assert "0 created, 0 changed, 4 deleted" in await done(provctl("apply", empty, "--yes", "--delete-all"))
    assert await daemon.client.all_providers() == []
    assert (await provctl("apply", empty, "--yes")).code == 0
    nothing = await provctl("apply", tmp_path / "nothing")
    assert (nothing.code, "can't be read: No such file" in nothing.err) == (2, True)


async def test_the_plan_as_data_is_one_document(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    await fleet(daemon)
    file = written(
        tmp_path,
        "a.yaml",
        {
            "providers": [{"name": "Acme", "hostname": "192.0.2.1:5070"}],
            "routes": [{"name": "UK", "provider": "Acme", "target": "+44", "weight": 3}],
        },
    )
    shown = await provctl("apply", file, "--dry-run", "-o", "json")
    assert shown.code == 1
    data = json.loads(shown.out)
    assert [(each["action"], each["kind"], each["name"]) for each in data["steps"]] == [
        ("change", "provider", "Acme"),
        ("delete", "route", "all"),
        ("delete", "provider", "Béta: #2"),
    ]
    assert {"field": "tags", "before": ["eu"], "after": []} in data["steps"][0]["fields"]
    assert (data["delete"], data["unchanged"], data["applied"]) == (2, 1, False)
    ended = await done(provctl("-o", "yaml", "apply", file, "--yes"))
    assert yaml.safe_load(ended) == {**data, "applied": True}


async def test_many_steps_are_told_as_they_are_done(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    providers = [
        {"name": f"{number}", "hostname": "192.0.2.1", "enabled": False, "detail": ""}
        for number in range(600)
    ]
    file = written(tmp_path, "a.yaml", {"providers": providers})
    ended = await provctl("apply", file, "--yes")
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "provctl: 600 of 600 done")
    for each in providers[:60]:
        each["detail"] = "x"
    written(tmp_path, "a.yaml", {"providers": providers})
    ended = await provctl("apply", file, "--yes")
    assert len(ended.err.splitlines()) == 10
    assert ended.out.endswith("0 created, 60 changed, 0 deleted\n")


async def test_a_provider_that_a_setup_made_is_not_deleted(programs: Programs, tmp_path: Path) -> None:
    file = written(tmp_path, "a.yaml", "- {name: A, hostname: 192.0.2.1, probe: {enabled: false}}\n")
    async with temporary_folder() as folder, at_telnyx(SlowTelnyx(), folder) as daemon:
        await daemon.client.set_up(SetupRequest(carrier="telnyx", name="Ours", credentials={"api_key": KEY}))
        shown = await run(programs, PROVCTL, "apply", file, "--dry-run", PROVD_SOCKET=daemon.socket)
        ended = await run(programs, PROVCTL, "apply", file, "--yes", PROVD_SOCKET=daemon.socket)
        names = [each.name for each in await daemon.client.all_providers()]
    assert (shown.code, "its trunk would stay at the carrier" in shown.out) == (1, True)
    assert (ended.code, names) == (6, ["Ours"])
    assert "provctl providers delete NAME --deprovision" in ended.err
