"""provd backup and provd restore, beside a daemon that runs."""

import asyncio
from pathlib import Path

from tests.fakes.daemon import RunningDaemon, running_daemon, temporary_folder
from tests.fakes.programs import Programs

from .test_provctl import PROVD, Ended, run

QUIET = {"enabled": False}


async def provd(programs: Programs, daemon: RunningDaemon, *arguments: str | Path) -> Ended:
    return await run(programs, PROVD, *arguments, "--state-dir", daemon.state_dir)


async def test_a_copy_of_a_running_daemon_is_what_another_one_starts_from(
    programs: Programs, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            kept = [await daemon.add("192.0.2.1", f"n{number}", probe=QUIET) for number in range(20)]
            writing = [
                asyncio.create_task(daemon.add("192.0.2.2", f"later {number}", probe=QUIET))
                for number in range(100)
            ]
            ended = await provd(programs, daemon, "backup", copy)
            await asyncio.gather(*writing)
            assert (ended.code, ended.err) == (0, "")
            assert "read back whole" in ended.out
            refused = await provd(programs, daemon, "restore", copy, "--yes")
            assert (refused.code, "another provd uses the state directory" in refused.err) == (1, True)
            assert len(await daemon.client.all_providers()) == 120
        restored = await provd(programs, daemon, "restore", copy, "--yes")
        assert (restored.code, restored.err) == (0, "")
        assert "the store that was there" in restored.out
        async with running_daemon(folder) as daemon:
            found = await daemon.client.all_providers()
            assert {each.id for each in kept} <= {each.id for each in found}
            await daemon.add("192.0.2.3", "and on it goes", probe=QUIET)


async def test_a_folder_gets_copies_named_by_the_time_of_which_the_latest_are_kept(
    programs: Programs, daemon: RunningDaemon, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / f"provd-2026010{day}T000000Z.db" for day in range(1, 5)]
    for path in (*old, folder / "holiday.db"):
        path.touch()
    ended = await provd(programs, daemon, "backup", folder, "--keep", "3")
    assert (ended.code, ended.err) == (0, "")
    left = sorted(path.name for path in folder.iterdir())
    assert left[:3] == ["holiday.db", *(path.name for path in old[2:])]
    assert len(left) == 4
    assert ended.out.count("removed") == 2


async def test_without_a_terminal_nothing_is_put_back_unasked(
    programs: Programs, daemon: RunningDaemon, tmp_path: Path
) -> None:
    ended = await provd(programs, daemon, "restore", tmp_path / "copy.db")
    assert (ended.code, "--yes restores" in ended.err) == (1, True)
    missing = await provd(programs, daemon, "restore", tmp_path / "copy.db", "--yes")
    assert (missing.code, "there is no file" in missing.err) == (1, True)
