"""Call records of other programs on their way to the daemon: once each, whatever happens to the file."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provd.calls.readers.registry import CallFormat
from provd.cli.calls.aside import SetAside
from provd.cli.calls.importing import Counts, Importer, Wanted
from tests.fakes.daemon import RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.programs import Programs

from .test_provctl import PROVCTL, run

QUIET = {"enabled": False}
BEGAN = int(time.time()) - 1000


def acc(
    number: int, code: int = 200, provider: str = "Acme", method: str = "INVITE", after_s: int = 0
) -> str:
    return (
        f"sbc kamailio: ACC: transaction answered: timestamp={BEGAN + after_s};method={method};"
        f"from_tag=f;to_tag=t;call_id={number};code={code};reason=x;dst_user=442071838750;provider={provider}\n"
    )


def cel(kind: str, after_s: int, unique: str = "2.2") -> str:
    """An event of a channel to Acme."""
    cells = [kind, str(BEGAN + after_s), *[""] * 5, "+442071838750", "x"]
    cells += ["PJSIP/Acme-0000001a", *[""] * 4, unique, "1.1", "", "", '{""hangupcause"":16}']
    return ",".join(f'"{each}"' for each in cells) + "\n"


class Imports:
    def __init__(self, daemon: RunningDaemon, path: Path, form: CallFormat = CallFormat.KAMAILIO_ACC) -> None:
        self.path = path
        self.rejected = path.with_name("acc.log.rejected")
        self.counts = Counts()
        self._form = form
        self._daemon = daemon

    def importer(self, wanted: Wanted | None = None) -> Importer:
        self.counts = Counts()
        return Importer(
            self._daemon.client,
            self.path,
            wanted or Wanted(self._form),
            self.counts,
            self.path.with_name("acc.log.provd-import"),
            SetAside(self.rejected),
            lambda: asyncio.sleep(0.01),
        )

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.importer().follow())
        try:
            yield
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    def append(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)

    def rotate(self, name: str = "acc.log.1") -> None:
        self.path.rename(self.path.with_name(name))


BEGIN_AND_END = {
    CallFormat.KAMAILIO_ACC: (acc(0, method="BYE") + acc(1), acc(1, method="BYE", after_s=600)),
    CallFormat.ASTERISK_CEL: (cel("CHAN_START", 0) + cel("ANSWER", 0), cel("HANGUP", 600)),
}
"""Lines with which a call of ten minutes begins, and ends."""


@pytest.fixture(params=BEGIN_AND_END)
def form(request: pytest.FixtureRequest) -> CallFormat:
    wanted: CallFormat = request.param
    return wanted


@pytest.fixture
async def imports(daemon: RunningDaemon, tmp_path: Path) -> Imports:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    return Imports(daemon, tmp_path / "acc.log")


async def minutes_of(daemon: RunningDaemon) -> tuple[int, float]:
    """How many calls there were, and the minutes of all of them."""
    provider = (await daemon.client.all_providers())[0]
    calls = (await daemon.client.call_stats(provider.id)).calls
    return calls.attempts, calls.minutes


def calls_of(daemon: RunningDaemon) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        provider = (await daemon.client.all_providers())[0]
        return (await daemon.client.call_stats(provider.id)).calls.attempts

    return ask


async def test_an_import_goes_on_where_the_last_one_ended(daemon: RunningDaemon, imports: Imports) -> None:
    imports.append("hello\n" + acc(1) + acc(2, 503))
    await imports.importer().once()
    assert imports.counts == Counts(lines=3, created=2, others=1)
    await imports.importer().once()
    assert imports.counts == Counts()
    imports.append(acc(3))
    await imports.importer().once()
    assert imports.counts == Counts(lines=1, created=1)
    assert await calls_of(daemon)() == 3


async def test_what_is_wrong_is_set_aside_with_its_line_and_said_once(imports: Imports) -> None:
    wrong = acc(2).replace("code=200", "code=OK")
    imports.append(acc(1) + wrong + acc(3, provider="nobody") + acc(4, provider=""))
    await imports.importer().once()
    assert imports.counts == Counts(lines=4, created=1)
    lines = imports.rejected.read_text().splitlines()
    assert [each.partition(" line ")[2] for each in lines[::2]] == [
        "2: has 'OK' as code, which is no number",
        "4: does not tell the provider: name it with --provider, or have the file tell it (docs/calls.md)",
        "3: provider 'nobody' is not known: give the id or the name of one that there is",
    ]
    assert lines[1] + "\n" == wrong
    imports.append(acc(5))
    await imports.importer().once()
    assert imports.rejected.read_text().splitlines() == lines


async def test_a_named_provider_is_that_of_every_call_and_e164_gives_countries(
    daemon: RunningDaemon, imports: Imports
) -> None:
    imports.append(acc(1, provider="whoever") + acc(2, provider=""))
    await imports.importer(Wanted(CallFormat.KAMAILIO_ACC, "Acme", e164=True)).once()
    assert imports.counts == Counts(lines=2, created=2)
    provider = (await daemon.client.all_providers())[0]
    assert [each.country for each in (await daemon.client.call_stats(provider.id)).countries] == ["GB"]


async def test_a_file_that_was_rotated_meanwhile_is_read_to_its_end_and_then_the_new_one(
    imports: Imports,
) -> None:
    imports.append(acc(1))
    await imports.importer().once()
    imports.append(acc(2))
    imports.path.rename(imports.path.with_name("acc.log.1"))
    imports.append(acc(3) + acc(4))
    await imports.importer().once()
    assert imports.counts == Counts(lines=3, created=3)


async def test_a_file_that_was_cut_off_or_replaced_is_read_from_its_beginning(imports: Imports) -> None:
    imports.append(acc(1) + acc(2))
    await imports.importer().once()
    imports.path.write_text(acc(3))
    await imports.importer().once()
    assert imports.counts == Counts(lines=1, created=1)
    imports.path.write_text(acc(4).replace("sbc", "another") + acc(5) + acc(6))
    await imports.importer().once()
    assert imports.counts == Counts(lines=3, created=3)


async def test_following_takes_what_is_written_over_rotations_and_cuts(
    daemon: RunningDaemon, imports: Imports
) -> None:
    calls = calls_of(daemon)
    imports.append(acc(1))
    async with imports.following():
        await eventually(calls, lambda count: count == 1)
        imports.append(acc(2)[:50])
        imports.append(acc(2)[50:])
        await eventually(calls, lambda count: count == 2)
        imports.path.rename(imports.path.with_name("acc.log.1"))
        with imports.path.with_name("acc.log.1").open("a") as late:
            late.write(acc(3))
        imports.append(acc(4))
        await eventually(calls, lambda count: count == 4)
        imports.path.write_text("")
        imports.append(acc(5))
        await eventually(calls, lambda count: count == 5)
    assert not imports.rejected.exists()
    audit = await daemon.client.audit(filters={"action": "calls.import"})
    assert len(audit.result) == 1, "what was there already is an import; what came one by one is not"


async def test_following_waits_for_a_daemon_that_is_away(tmp_path: Path) -> None:
    async with temporary_folder() as folder:
        async with running_daemon(folder) as daemon:
            await daemon.add("192.0.2.1", "Acme", **QUIET)
            imports = Imports(daemon, tmp_path / "acc.log")
            imports.append(acc(1))
        async with running_daemon(folder) as daemon:
            imports = Imports(daemon, tmp_path / "acc.log")
            async with imports.following():
                await eventually(calls_of(daemon), lambda count: count == 1)
                imports.append(acc(2))
                await eventually(calls_of(daemon), lambda count: count == 2)


async def test_calls_that_wait_for_their_end_are_read_again_by_the_next_import(
    daemon: RunningDaemon, imports: Imports
) -> None:
    async with imports.following():
        imports.append(acc(0, method="BYE") + acc(1) + acc(2) + acc(3, 503))
        await eventually(calls_of(daemon), lambda count: count == 1)
    async with imports.following():
        imports.append(acc(1, method="BYE") + acc(2, method="BYE"))
        await eventually(calls_of(daemon), lambda count: count == 3)
    await imports.importer().once()
    assert (imports.counts.created, await calls_of(daemon)()) == (0, 3)


async def test_a_call_that_is_under_way_when_an_import_ends_is_counted_by_the_one_in_which_it_ends(
    daemon: RunningDaemon, tmp_path: Path, form: CallFormat
) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    imports, (begin, end) = Imports(daemon, tmp_path / "acc.log", form), BEGIN_AND_END[form]
    imports.append(begin)
    for _ in range(2):
        await imports.importer().once()
        assert await minutes_of(daemon) == (0, 0.0)
    imports.append(end)
    for _ in range(2):
        await imports.importer().once()
        assert await minutes_of(daemon) == (1, 10.0)


async def test_a_call_that_goes_on_over_rotations_between_imports_is_counted_when_it_ends(
    daemon: RunningDaemon, tmp_path: Path, form: CallFormat
) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    imports, (begin, end) = Imports(daemon, tmp_path / "acc.log", form), BEGIN_AND_END[form]
    imports.append("nonsense\n" + begin)
    await imports.importer().once()
    for name in ("acc.log-2", "acc.log-1"):
        imports.rotate(name)
        imports.append("nonsense\n")
        await imports.importer().once()
        assert imports.counts.lines == 1, "lines that are read again are not counted again"
    imports.append(end)
    await imports.importer().once()
    assert await minutes_of(daemon) == (1, 10.0)
    if form is CallFormat.ASTERISK_CEL:
        assert imports.rejected.read_text().count("nonsense") == 3, "nor set aside again"
    await imports.importer().once()
    assert imports.counts == Counts(), "nothing of the older files is needed any more"


@pytest.mark.parametrize("kind", ["renamed", "copied and cut"])
async def test_a_call_that_goes_on_over_a_rotation_is_counted_when_it_ends_while_it_follows(
    daemon: RunningDaemon, tmp_path: Path, form: CallFormat, kind: str
) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    imports, (begin, end) = Imports(daemon, tmp_path / "acc.log", form), BEGIN_AND_END[form]
    other = (
        acc(7, 503) if form is CallFormat.KAMAILIO_ACC else cel("CHAN_START", 0, "7") + cel("HANGUP", 5, "7")
    )
    imports.append(begin + other)
    async with imports.following():
        await eventually(calls_of(daemon), lambda count: count == 1)
        if kind == "renamed":
            imports.rotate()
        else:
            imports.path.write_text("")
        imports.append(end)
        await eventually(calls_of(daemon), lambda count: count == 2)
    assert await minutes_of(daemon) == (2, 10.0)


async def test_a_call_whose_end_can_no_longer_come_does_not_wait_for_it(
    daemon: RunningDaemon, imports: Imports
) -> None:
    imports.append(acc(0, method="BYE", after_s=-13 * 3600) + acc(1, after_s=-13 * 3600))
    await imports.importer().once()
    assert imports.counts == Counts(lines=2, created=1)


async def test_provctl_says_what_became_of_the_lines_and_shows_figures(
    daemon: RunningDaemon, tmp_path: Path, programs: Programs
) -> None:
    await daemon.add("192.0.2.1", "Acme", **QUIET)
    start = datetime.now(UTC).strftime("%F %T")
    cells = [
        "",
        "1",
        "+442071838750",
        "c",
        "i",
        "PJSIP/1-1",
        "PJSIP/Acme-2",
        "Dial",
        "x",
        start,
        start,
        start,
    ]
    good = ",".join(f'"{each}"' for each in [*cells, "64", "60", "ANSWERED", "3"])
    file = tmp_path / "Master.csv"
    file.write_text(f"{good}\nnonsense\n")

    async def provctl(*arguments: str) -> tuple[int | None, str]:
        environment = {"TZ": "UTC", "PROVD_SOCKET": daemon.socket, "COLUMNS": "200"}
        async with programs.started("provctl", *arguments, **environment) as process:
            out, _ = await process.communicate()
            return process.returncode, out.decode()

    assert await provctl("calls", "import", str(file), "--format", "asterisk-csv") == (
        3,
        f"2 lines: 1 calls added, 0 known before, 0 of no call, 1 set aside in {file}.rejected\n",
    )
    code, shown = await provctl("calls", "stats", "Acme", "--country", "gb")
    assert code == 0
    assert "answered (ASR)" in shown
    assert "1 x 200" in shown
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(good.replace("Acme-2", f"Acme-{number + 5}") + "\n")
    files = [str(tmp_path / f"{number}.csv") for number in range(3)]
    assert await provctl("calls", "import", *files, "--format", "asterisk-csv") == (
        0,
        "3 lines: 3 calls added, 0 known before, 0 of no call, 0 set aside\n",
    )
    audit = await daemon.client.audit(filters={"action": "calls.import"})
    assert len(audit.result) == 1, "that of the one file"
    code, _ = await provctl("calls", "import", str(tmp_path / "no"), "--format", "kamailio-acc")
    assert code == 2


async def test_a_folder_for_what_is_kept_is_made(
    programs: Programs, daemon: RunningDaemon, tmp_path: Path
) -> None:
    await daemon.add("192.0.2.1", "Acme", probe=QUIET)
    file, folder = tmp_path / "acc.log", tmp_path / "kept"
    file.write_text(acc(1) + acc(2, provider="Nobody"))
    command = ("calls", "import", file, "--format", "kamailio-acc", "--keep-in", folder)
    first = await run(programs, PROVCTL, *command, PROVD_SOCKET=daemon.socket)
    assert (first.code, "1 calls added" in first.out) == (3, True)
    assert {each.name for each in folder.iterdir()} == {"acc.log.provd-import", "acc.log.rejected"}
    again = await run(programs, PROVCTL, *command, PROVD_SOCKET=daemon.socket)
    assert (again.code, again.out.split(":")[0]) == (0, "0 lines")


async def test_no_call_is_sent_when_the_folder_for_what_is_kept_cannot_be_made(
    programs: Programs, daemon: RunningDaemon, tmp_path: Path
) -> None:
    acme = await daemon.add("192.0.2.1", "Acme", probe=QUIET)
    (tmp_path / "acc.log").write_text(acc(1))
    (tmp_path / "taken").write_text("")
    command = ("calls", "import", tmp_path / "acc.log", "--format", "kamailio-acc")
    ended = await run(
        programs, PROVCTL, *command, "--keep-in", tmp_path / "taken", PROVD_SOCKET=daemon.socket
    )
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"provctl: --keep-in {tmp_path / 'taken'} can't be made: File exists\n"
    assert (await daemon.client.call_stats(acme.id)).calls.attempts == 0
