"""The commands provctl and provd, run as scripts and people run them."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from provd.demo.behaviour import Behaviour
from provd.demo.server import SimulatedCarrier
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.timestamps import from_timestamp
from provd.version import __version__
from tests.fakes.daemon import PATIENCE_S, RunningDaemon, eventually, running_daemon, temporary_folder
from tests.fakes.programs import Programs, Running

from .announced import announced
from .conftest import StartCarrier
from .test_checks import is_healthy

PROVCTL, PROVD = "provctl", "provd"
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
QUIET = {"enabled": False}
NOTHING_LISTENS = "127.0.0.1:9"
CURSOR_MOVERS = set("\x1b\x07\x9b\u202e")
TURNED = "trunk\u202eknurt"
FORMS: list[tuple[str, Callable[[str], Any]]] = [("json", json.loads), ("yaml", yaml.safe_load)]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left: its exit code, and all that it said."""

    code: int | None
    out: str
    err: str


Command = Callable[..., Awaitable[Ended]]


@asynccontextmanager
async def started(
    programs: Programs, program: str, *arguments: str | Path, **environment: str | Path
) -> AsyncIterator[Running]:
    """A command as a process; ended with the block, if it has not ended by itself."""
    async with (
        programs.started(program, *arguments, COLUMNS="200", **environment) as running,
        asyncio.timeout(PATIENCE_S),
    ):
        yield running


async def run(
    programs: Programs,
    program: str,
    *arguments: str | Path,
    answer: str | None = None,
    **environment: str | Path,
) -> Ended:
    """Run a command to its end; ``answer`` is typed at it."""
    async with started(programs, program, *arguments, **environment) as process:
        out, err = await process.communicate(None if answer is None else answer.encode())
    return Ended(process.returncode, out.decode(), err.decode())


async def run_at_terminal(
    programs: Programs, *arguments: str | Path, typed: str, **environment: str | Path
) -> Ended:
    """Run provctl to its end at a terminal, where ``typed`` answers what it asks."""
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, typed.encode())
        reading = programs.started(PROVCTL, *arguments, terminal=terminal, COLUMNS="200", **environment)
        async with reading as process, asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
    finally:
        os.close(keyboard)
        os.close(terminal)
    return Ended(process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def started_anew(
    code: str, *arguments: str | Path, **environment: str | Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The same in a new interpreter, which runs ``code``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, *arguments),
        env={**os.environ, "COLUMNS": "200", **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run_anew(program: str, *arguments: str | Path, **environment: str | Path) -> Ended:
    async with started_anew(main_of(program), *arguments, **environment) as process:
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


def main_of(program: str) -> str:
    return f"from provd.cli.{program} import main; main()"


@pytest.fixture
def provctl(programs: Programs, daemon: RunningDaemon) -> Command:
    """Run provctl against the daemon."""

    async def against_the_daemon(*arguments: str, answer: str | None = None, **environment: str) -> Ended:
        return await run(
            programs, PROVCTL, *arguments, answer=answer, PROVD_SOCKET=daemon.socket, **environment
        )

    return against_the_daemon


@pytest.fixture
def provctl_at_terminal(programs: Programs, daemon: RunningDaemon) -> Command:
    """The same at a terminal: ``typed`` answers what it asks."""

    async def against_the_daemon(*arguments: str, typed: str) -> Ended:
        return await run_at_terminal(programs, *arguments, typed=typed, PROVD_SOCKET=daemon.socket)

    return against_the_daemon


async def done(running: Awaitable[Ended]) -> str:
    """The output of a command that must go well."""
    ended = await running
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def first_words(table: str) -> list[str]:
    return [line.split()[0] for line in table.splitlines()]


async def names(daemon: RunningDaemon) -> set[str]:
    return {provider.name for provider in await daemon.client.all_providers()}


# --- reading


async def test_the_list_has_a_line_for_each_provider_newest_first(
    daemon: RunningDaemon, provctl: Command
) -> None:
    for name in ("first", "second", "third"):
        await daemon.add("192.0.2.1", name=name, probe=QUIET)
    table = await done(provctl("providers", "list"))
    assert first_words(table) == ["NAME", "third", "second", "first"]
    assert len({line.index("192.0.2.1") for line in table.splitlines()[1:]}) == 1


async def test_an_empty_list_is_a_header(provctl: Command) -> None:
    assert first_words(await done(provctl("providers", "list"))) == ["NAME"]
    assert json.loads(await done(provctl("providers", "list", "-o", "json"))) == []


async def test_the_list_can_be_narrowed(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("192.0.2.1", name="unchecked", carrier="acme", probe=QUIET)
    await daemon.add(NOTHING_LISTENS, name="dead", tags=["eu"])
    await daemon.add("192.0.2.1", name="off", tags=["eu", "backup"], enabled=False)
    await eventually(lambda: daemon.client.all_providers({"health_status": "unhealthy"}), bool)
    expected = {
        ("--health", "unhealthy"): ["dead"],
        ("--health", "unknown", "--enabled"): ["unchecked"],
        ("--disabled",): ["off"],
        ("--tag", "eu"): ["off", "dead"],
        ("--carrier", "acme"): ["unchecked"],
        ("-q", "EAD"): ["dead"],
        ("--tag", "eu", "--carrier", "acme"): [],
    }
    tables = await asyncio.gather(*(done(provctl("providers", "list", *filters)) for filters in expected))
    assert dict(zip(expected, (first_words(table)[1:] for table in tables), strict=True)) == expected


async def test_a_provider_is_found_by_name_by_id_and_by_how_its_id_begins(
    daemon: RunningDaemon, provctl: Command
) -> None:
    added = await daemon.add(
        "192.0.2.1", name="100%_\\ 'mine' \N{LATIN SMALL LETTER E WITH ACUTE}", probe=QUIET
    )
    other = await daemon.add("192.0.2.2", name="another", probe=QUIET)
    beginnings = (added.id[:length] for length in range(1, len(added.id)))
    short = next(beginning for beginning in beginnings if not other.id.startswith(beginning))
    shown = await asyncio.gather(
        *(
            done(provctl("providers", "show", wanted))
            for wanted in (added.name, added.id, short, short.upper())
        )
    )
    assert all(re.search(rf"^id +{added.id}$", facts, re.MULTILINE) for facts in shown)
    assert len(set(shown)) == 1


async def test_a_name_that_two_providers_have_is_refused_with_the_id_of_each(
    daemon: RunningDaemon, provctl: Command
) -> None:
    twins = [await daemon.add("192.0.2.1", name="twin", probe=QUIET) for _ in range(2)]
    for command in (("providers", "show"), ("providers", "delete", "--yes"), ("check",)):
        ended = await provctl(*command, "twin")
        assert (ended.code, ended.out) == (6, "")
        assert all(twin.id in ended.err for twin in twins)
    assert len(await daemon.client.all_providers()) == 2


async def test_what_is_not_there_is_not_found(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("192.0.2.1", name="other", probe=QUIET)
    nobody = "00000000-0000-4000-8000-000000000000"
    ended = await asyncio.gather(
        provctl("providers", "show", "nobody"),
        provctl("providers", "show", nobody),
        provctl("providers", "edit", "nobody", "--detail", "x"),
        provctl("providers", "delete", "--yes", "nobody"),
        provctl("check", "nobody"),
        provctl("events", "--provider", "nobody"),
        provctl("health", "nobody"),
        provctl("history", "nobody"),
        provctl("trace", nobody),
        provctl("trace", "nobody", "--follow"),
        provctl("maintenance", "set", "nobody"),
        provctl("maintenance", "end", nobody),
    )
    assert [(each.code, each.out) for each in ended] == [(4, "")] * 12
    assert all("there is no provider" in each.err for each in ended)


async def test_an_empty_name_fits_no_provider(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    ended = await provctl("providers", "delete", "--yes", "")
    assert ended.code in (2, 4)
    assert await names(daemon) == {"Acme"}


@pytest.mark.parametrize(("form", "parse"), FORMS, ids=["json", "yaml"])
async def test_the_form_of_output_is_said_before_the_command_or_after(
    daemon: RunningDaemon,
    provctl: Command,
    start_carrier: StartCarrier,
    form: str,
    parse: Callable[[str], Any],
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add(hostname, name="Zürich 東京", probe={"interval_s": 600})
    await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=1)

    async def parsed(*command: str) -> Any:
        return parse(await done(provctl(*command)))

    before, after, shown, report, status, events = await asyncio.gather(
        parsed("-o", form, "providers", "list"),
        parsed("providers", "list", "-o", form),
        parsed("providers", "show", added.id, "-o", form),
        parsed("-o", form, "check", added.id),
        parsed("status", "-o", form),
        parsed("-o", form, "events"),
    )
    assert [each["id"] for each in before] == [each["id"] for each in after] == [added.id]
    assert Provider.model_validate(shown).name == added.name
    assert (report["provider_id"], report["targets"][0]["code"]) == (added.id, 200)
    assert status["providers"] == {"healthy": 1, "unhealthy": 0, "unknown": 0, "disabled": 0}
    types = [event["type"] for event in events]
    assert types == ["daemon.started", "provider.created", "audit", "health.changed"]


async def test_the_form_after_the_command_wins(provctl: Command) -> None:
    assert json.loads(await done(provctl("-o", "yaml", "status", "-o", "json")))["version"] == __version__
    assert (await done(provctl("-o", "json", "status", "-o", "table"))).startswith(
        f"provd      {__version__}"
    )


async def test_the_status_says_how_the_daemon_does_and_who_one_is(
    daemon: RunningDaemon, provctl: Command
) -> None:
    await daemon.add(NOTHING_LISTENS)
    await eventually(daemon.client.status, lambda status: status.providers.unhealthy == 1)
    said = await done(provctl("status"))
    assert str(daemon.socket) in said
    assert f"(uid {os.getuid()}): admin" in said
    assert "0 healthy, 1 unhealthy, 0 unknown, 0 disabled" in said


# --- changing


async def test_a_provider_is_added_with_all_that_was_said(daemon: RunningDaemon, provctl: Command) -> None:
    said = await done(
        provctl(
            *("providers", "add", "Acme EU", "sip.acme.example:5070", "--detail", "the second trunk"),
            *("--carrier", "acme", "--codecs", "PCMA, opus", "--transport", "tcp", "--disable"),
            *("--prefix", "+*1", "--postfix", "#@acme.example", "--tag", "eu", "--tag", "backup"),
            *("--header", "X-Account: 12:34", "--header", "X-Empty:"),
            *("--interval", "15", "--timeout", "2.5", "--fall", "3", "--rise", "2", "-o", "json"),
        )
    )
    (added,) = await daemon.client.all_providers()
    assert Provider.model_validate_json(said).id == added.id
    assert (added.name, added.hostname, added.detail) == (
        "Acme EU",
        "sip.acme.example:5070",
        "the second trunk",
    )
    assert (added.carrier, added.codecs, added.transport) == ("acme", "PCMA,opus", "tcp")
    assert (added.tech_prefix, added.tech_postfix) == ("+*1", "#@acme.example")
    assert added.tech_headers == {"X-Account": "12:34", "X-Empty": ""}
    assert (added.tags, added.enabled) == (["eu", "backup"], False)
    assert added.probe.model_dump() == {"interval_s": 15, "timeout_s": 2.5, "fall": 3, "rise": 2}


async def test_every_mistake_in_a_new_provider_is_named_and_nothing_is_added(
    daemon: RunningDaemon, provctl: Command
) -> None:
    ended = await provctl(
        *("providers", "add", "two\nlines", "sip:acme.example", "--detail", "x" * 4097, "--carrier", "\x1b"),
        *("--codecs", "no codec", "--prefix", "abc", "--postfix", "abc", "--header", "Via: x", "--tag", ""),
        *("--interval", "0", "--timeout", "61", "--fall", "0", "--rise", "101"),
    )
    assert (ended.code, ended.out) == (2, "")
    fields = [line.split(":")[0].strip() for line in ended.err.splitlines()[1:]]
    assert sorted(fields) == sorted(
        [
            *("name", "hostname", "detail", "carrier", "codecs", "tech_prefix", "tech_postfix"),
            *("tech_headers", "tags.0", "probe.interval_s", "probe.timeout_s", "probe.fall", "probe.rise"),
        ]
    )
    assert "\x1b" not in ended.err
    assert await names(daemon) == set()


async def test_a_header_without_a_colon_is_wrong_usage(provctl: Command) -> None:
    ended = await provctl("providers", "add", "Acme", "sip.acme.example", "--header", "X-Account")
    assert (ended.code, ended.out) == (2, "")
    assert "'X-Account' has no colon" in ended.err


async def test_a_header_that_is_given_twice_is_refused(daemon: RunningDaemon, provctl: Command) -> None:
    ended = await provctl(
        "providers", "add", "Acme", "sip.acme.example", "--header", "X-Account: 1", "--header", "X-Account: 2"
    )
    assert (ended.code, ended.out) == (2, "")
    assert "X-Account" in ended.err
    assert await names(daemon) == set()


async def test_an_edit_changes_what_it_names_and_nothing_else(
    daemon: RunningDaemon, provctl: Command
) -> None:
    before = await daemon.add(
        "192.0.2.1",
        name="Acme",
        detail="kept",
        tags=["a", "b"],
        tech_headers={"X-A": "1"},
        probe={"enabled": False, "interval_s": 20, "fall": 3},
    )
    await done(
        provctl(
            "providers", "edit", "Acme", "--name", "Acme 2", "--tag", "c", "--interval", "15", "--rise", "2"
        )
    )
    after = await daemon.client.provider(before.id)
    assert (after.name, after.tags, after.detail) == ("Acme 2", ["c"], "kept")
    assert after.tech_headers == {"X-A": "1"}
    assert after.probe.model_dump() == {"enabled": False, "interval_s": 15, "fall": 3, "rise": 2}
    assert after.revision == before.revision + 1
    await done(
        provctl("providers", "edit", before.id, "--tag", "", "--header", "", "--detail", "", "--disable")
    )
    after = await daemon.client.provider(before.id)
    assert (after.tags, after.tech_headers, after.detail, after.enabled) == ([], {}, "", False)


async def test_an_edit_that_names_nothing_is_wrong_usage(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    ended = await provctl("providers", "edit", "Acme")
    assert (ended.code, ended.out) == (2, "")
    assert "nothing to change" in ended.err


async def test_every_mistake_in_an_edit_is_named_and_nothing_is_changed(
    daemon: RunningDaemon, provctl: Command
) -> None:
    before = await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    ended = await provctl(
        *("providers", "edit", "Acme", "--hostname", "a b", "--prefix", "x", "--interval", "0"),
        *("--probe", "codes=9xx", "--probe", "headers.Via=x", "--codecs", "no codec"),
    )
    assert (ended.code, ended.out) == (2, "")
    fields = [line.split(":")[0].strip() for line in ended.err.splitlines()[1:]]
    assert sorted(fields) == [
        *("codecs", "hostname", "probe.codes", "probe.headers", "probe.interval_s", "tech_prefix")
    ]
    assert (await daemon.client.provider(before.id)).revision == before.revision


async def test_how_a_provider_is_checked_is_set_and_unset_by_key(
    daemon: RunningDaemon, provctl: Command
) -> None:
    quiet = ("--probe", "enabled=no")
    await done(
        provctl(
            *(
                "providers",
                "add",
                "Acme",
                "192.0.2.1",
                *quiet,
                "--interval",
                "20",
                "--probe",
                "codes=2xx,404",
            ),
            *("--probe", "rollup=all", "--probe", "max_forwards=5", "--probe", "headers.X-Account=1 7"),
        )
    )
    (added,) = await daemon.client.all_providers()
    assert added.probe.model_dump() == {
        "enabled": False,
        "interval_s": 20,
        "codes": "2xx,404",
        "rollup": "all",
        "max_forwards": 5,
        "headers": {"X-Account": "1 7"},
    }
    shown = await done(
        provctl(
            "providers", "edit", "Acme", "--probe", "codes=", "--probe", "headers=", "--probe", "reuse=no"
        )
    )
    assert "enabled=false interval_s=20 rollup=all max_forwards=5 reuse=false" in shown
    wrong = await provctl("providers", "edit", "Acme", "--probe", "cods=2xx")
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean codes?" in wrong.err


async def test_what_will_not_work_as_the_record_says_is_a_warning(
    daemon: RunningDaemon, provctl: Command
) -> None:
    ended = await provctl(
        *("providers", "add", "Acme", "192.0.2.1", "--disable", "--carrier", "twilio", "--interval", "5")
    )
    assert (ended.code, await names(daemon)) == (0, {"Acme"})
    assert ended.err.startswith("provctl: warning: Twilio bans who checks it more often")
    again = await provctl("providers", "edit", "Acme", "--detail", "x", "-o", "json")
    assert (again.code, again.err) == (0, ended.err)
    assert json.loads(again.out)["warnings"]
    assert "warning" in await done(provctl("providers", "show", "Acme"))


@pytest.mark.parametrize("typed", ["n\n", "\n", "\x04"], ids=["no", "enter", "the end of input"])
async def test_a_delete_that_is_not_confirmed_deletes_nothing(
    daemon: RunningDaemon, provctl_at_terminal: Command, typed: str
) -> None:
    added = await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    ended = await provctl_at_terminal("providers", "delete", "Acme", typed=typed)
    assert (ended.code, ended.out.strip()) == (1, "")
    assert f"Delete Acme (192.0.2.1, {added.id})?" in ended.err
    assert "Aborted" in ended.err
    assert await names(daemon) == {"Acme"}


async def test_a_delete_that_is_confirmed_says_what_is_gone(
    daemon: RunningDaemon, provctl: Command, provctl_at_terminal: Command
) -> None:
    first = await daemon.add("192.0.2.1", name="first", probe=QUIET)
    second = await daemon.add("192.0.2.1", name="second", probe=QUIET)
    await daemon.add("192.0.2.1", name="third", probe=QUIET)
    ended = await provctl_at_terminal("providers", "delete", "first", typed="y\n")
    assert ended.code == 0
    assert ended.out.strip() == f"deleted first ({first.id})"
    gone = await done(provctl("providers", "delete", "second", "--yes", "-o", "json"))
    assert json.loads(gone)["id"] == second.id
    assert await names(daemon) == {"third"}


# --- checking


async def test_a_check_that_is_answered_exits_0(
    daemon: RunningDaemon, provctl: Command, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(403))
    await daemon.add(hostname, name="Acme", probe={"interval_s": 600})
    said = await done(provctl("check", "Acme"))
    header, target, health, step = said.splitlines()
    assert header.split()[:3] == ["ADDRESS", "CAUSE", "CODE"]
    assert target.split()[:3] == [hostname, "ok", "403"]
    assert health == "health: healthy"
    assert "allow-list" in step


async def test_a_check_that_is_not_answered_exits_1_and_says_why(
    daemon: RunningDaemon, provctl: Command
) -> None:
    await daemon.add(NOTHING_LISTENS, name="dead", probe={"interval_s": 600})
    table, report = await asyncio.gather(provctl("check", "dead"), provctl("check", "dead", "-o", "json"))
    assert (table.code, table.err, report.code, report.err) == (1, "", 1, "")
    assert table.out.splitlines()[1].split()[:2] == [NOTHING_LISTENS, "refused"]
    assert json.loads(report.out)["targets"][0]["cause"] == "refused"


async def test_a_check_over_tcp_tells_how_long_connecting_took(
    daemon: RunningDaemon, provctl: Command
) -> None:
    answer = b"SIP/2.0 200 OK\r\n%s\r\nContent-Length: 0\r\n\r\n"
    copied = (b"via", b"from", b"to", b"call-id", b"cseq")

    async def carrier(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await _message(reader):
            lines = [line for line in request.split(b"\r\n") if line.partition(b":")[0].lower() in copied]
            writer.write(answer % b"\r\n".join(lines))
        writer.close()

    async with await asyncio.start_server(carrier, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        added = await daemon.add(f"127.0.0.1:{port}", name="Acme", transport="tcp", probe={"reuse": False})
        header, target, health = (await done(provctl("check", "Acme"))).splitlines()
        await daemon.client.delete_provider(added.id)  # closes the connection, which the server waits for
    assert "CONNECT" in header
    assert target.split()[:3] == [f"127.0.0.1:{port}", "ok", "200"]
    assert health == "health: healthy"


async def _message(reader: asyncio.StreamReader) -> bytes:
    """One SIP request without a body; empty at the end of the connection."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


# --- health, history, traces


async def test_the_health_has_the_availability_the_targets_and_the_changes(
    daemon: RunningDaemon, provctl: Command, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add(hostname, name="Acme")
    await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=1)
    report = json.loads(await done(provctl("health", "Acme", "-o", "json")))
    assert (report["provider_id"], report["health_status"]) == (added.id, "healthy")
    assert [target["address"] for target in report["targets"]] == [hostname]
    summary, targets, changes = (await done(provctl("health", "Acme"))).split("\n\n")
    assert "healthy: The carrier answers." in summary
    assert targets.splitlines()[1].split()[:4] == [f"udp:{hostname}", "healthy", "ok", "200"]
    assert changes.splitlines()[1].split()[2:5] == ["unknown", "healthy", hostname]


async def test_the_history_is_a_picture_for_people_and_points_for_programs(
    daemon: RunningDaemon, provctl: Command, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier()
    added = await daemon.add(hostname, name="Acme")
    await announced(daemon, EventType.HEALTH_CHANGED, added.id, at_least=1)
    command = ("history", "Acme", "--since", "1h", "--points", "6", "--target", hostname)
    head, p95, *_ = (await done(provctl(*command))).splitlines()
    assert head.startswith("Acme: ")
    assert "10 min a point" in head
    assert p95.split()[1].startswith("·····")
    history = json.loads(await done(provctl(*command, "-o", "json")))
    assert (history["step_s"], len(history["points"])) == (600, 6)
    assert history["points"][-1]["count"] > 0
    assert [change["status"] for change in history["transitions"]] == ["healthy"]
    before = await done(provctl("history", "Acme", "--since", "2026-01-01", "--until", "2026-01-02"))
    assert before.splitlines()[-1] == "no check is known of this time"


async def test_a_time_that_cannot_be_read_is_wrong_usage(provctl: Command) -> None:
    wrong = {
        ("history", "Acme", "--since", "yesterday"): "--since: 'yesterday' is not a time",
        ("history", "Acme", "--until", "24"): "--until: '24' is not a time",
        ("maintenance", "set", "Acme", "--for", "2"): "--for: '2' is not a span of time",
        ("maintenance", "set", "Acme", "--until", "soon"): "--until: 'soon' is not a time",
        ("maintenance", "set", "Acme", "--for", "2h", "--until", "2h"): "not both",
        ("maintenance", "set", "Acme", "--reason", "two\nlines"): "--reason has the control character",
    }
    runs = await asyncio.gather(*(provctl(*arguments) for arguments in wrong))
    for ended, words in zip(runs, wrong.values(), strict=True):
        assert (ended.code, ended.out) == (2, "")
        assert words in ended.err


async def test_a_target_that_is_not_known_is_refused_with_those_that_are(
    daemon: RunningDaemon, provctl: Command
) -> None:
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    ended = await provctl("history", "Acme", "--target", "192.0.2.9:5060")
    assert (ended.code, ended.out) == (3, "")
    assert "target is no address of this provider" in ended.err


async def test_a_trace_shows_the_sip_of_a_check(
    daemon: RunningDaemon, provctl: Command, start_carrier: StartCarrier
) -> None:
    _, hostname = await start_carrier(Behaviour(403))
    await daemon.add(hostname, name="Acme", probe={"interval_s": 600})
    await done(provctl("check", "Acme"))
    said = (await done(provctl("trace", "Acme"))).splitlines()
    assert any(line.endswith("ok 403") or "  ok 403  " in line for line in said)
    assert f"> OPTIONS sip:{hostname} SIP/2.0" in said
    assert "< SIP/2.0 403 Forbidden" in said
    (*_, latest) = json.loads(await done(provctl("trace", "Acme", "-o", "json")))
    assert latest["received"].startswith("SIP/2.0 403 Forbidden\r\n")


async def test_without_any_exchange_the_trace_says_how_to_get_one(
    daemon: RunningDaemon, provctl: Command
) -> None:
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    assert "provctl check" in await done(provctl("trace", "Acme"))
    assert json.loads(await done(provctl("trace", "Acme", "-o", "json"))) == []


async def test_a_trace_that_is_followed_goes_on_with_every_check(
    programs: Programs, daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname, name="Acme")
    await daemon.until(added.id, is_healthy)
    async with started(
        programs, PROVCTL, "trace", "Acme", "--follow", PROVD_SOCKET=daemon.socket
    ) as following:
        await lines_until(following, "< SIP/2.0 200 OK")
        carrier.behaviour = Behaviour(486)
        await lines_until(following, "< SIP/2.0 486 Busy Here")
        following.terminate()
    async with started(
        programs, PROVCTL, "-o", "json", "trace", "Acme", "-f", PROVD_SOCKET=daemon.socket
    ) as following:
        lines = await lines_until(following, '"code": 486')
        following.terminate()
    exchanges = [json.loads(line) for line in lines]
    assert {each["provider_id"] for each in exchanges} == {added.id}
    assert len({each["at"] for each in exchanges}) == len(exchanges)


# --- maintenance


async def test_maintenance_is_set_shown_and_ended(daemon: RunningDaemon, provctl: Command) -> None:
    added = await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    said = await done(provctl("maintenance", "set", "Acme", "--until", "2999-12-01 06:00", "--reason", "SBC"))
    assert said.startswith("Acme is in maintenance until 2999-12-01 06:00:00.000000, by ")
    assert said.endswith(": SBC\n")
    assert "unknown maintenance" in await done(provctl("providers", "list"))
    shown = await done(provctl("providers", "show", "Acme"))
    assert re.search(r"^maintenance +until 2999-12-01 06:00:00.000000, by .*: SBC$", shown, re.MULTILINE)
    open_ended = json.loads(await done(provctl("maintenance", "set", added.id, "-o", "json")))
    assert open_ended["maintenance"]["until"] == "9999-01-01 00:00:00.000000"
    assert await done(provctl("maintenance", "end", "Acme")) == "Acme is not in maintenance\n"
    assert (await daemon.client.provider(added.id)).maintenance is None
    ended = await provctl("maintenance", "set", "Acme", "--until", "2020-01-01")
    assert (ended.code, ended.out) == (3, "")
    assert "is over already" in ended.err


async def test_maintenance_for_a_span_ends_that_much_later(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    before = time.time()
    shown = json.loads(await done(provctl("maintenance", "set", "Acme", "--for", "2h", "-o", "json")))
    assert before + 7200 <= from_timestamp(shown["maintenance"]["until"]) + 0.001
    assert from_timestamp(shown["maintenance"]["until"]) <= time.time() + 7200


# --- many at once


def written(folder: Path, name: str, *lines: object) -> Path:
    text = "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines)
    (folder / name).write_text(text)
    return folder / name


async def test_a_file_is_imported_by_what_its_name_ends_in(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    one = {"name": "one", "hostname": "192.0.2.1", "probe": QUIET}
    files = [
        written(tmp_path, "a.ndjson", one, {**one, "name": "two"}),
        written(tmp_path, "b.csv", "name,hostname,probe.enabled", "three,192.0.2.3,false"),
        written(tmp_path, "c.JSON", json.dumps([{**one, "name": "four"}])),
    ]
    said = [await done(provctl("import", str(file))) for file in files]
    assert said[0] == "2 created, 0 updated, 0 unchanged, 0 failed\n"
    assert await names(daemon) == {"one", "two", "three", "four"}


async def test_one_line_that_fails_was_left_out(provctl: Command, tmp_path: Path) -> None:
    ended = await provctl("import", str(written(tmp_path, "a.ndjson", "{")))
    assert (ended.code, ended.err.splitlines()[0]) == (3, "provctl: 1 line was left out")


async def test_lines_that_fail_are_named_and_the_others_are_kept(
    daemon: RunningDaemon, provctl: Command, tmp_path: Path
) -> None:
    good = {"name": "good", "hostname": "192.0.2.1", "probe": QUIET}
    file = written(tmp_path, "a.ndjson", good, "{", {"name": "\u202e", "hos\x9bt": "\x1b[2J"})
    dry = await provctl("import", str(file), "--dry-run")
    assert (dry.code, dry.err.splitlines()[0]) == (3, "provctl: 2 lines would be left out")
    assert "a dry run" in dry.out
    assert await names(daemon) == set()
    ended = await provctl("import", str(file), "-o", "json")
    assert ended.code == 3
    assert [line.split(":")[0] for line in ended.err.splitlines()] == ["provctl", "  line 2", "  line 3"]
    assert not CURSOR_MOVERS & set(ended.err + ended.out)
    assert (json.loads(ended.out)["created"], json.loads(ended.out)["failed_total"]) == (1, 2)
    assert await names(daemon) == {"good"}


async def test_providers_can_come_from_standard_input(daemon: RunningDaemon, provctl: Command) -> None:
    line = json.dumps({"name": "one", "hostname": "192.0.2.1", "probe": QUIET})
    ended = await provctl("import", "-", answer=line)
    assert (ended.code, ended.err) == (0, "")
    listed = await done(provctl("providers", "list", "-o", "json"))
    again = await provctl("import", "-", "--format", "json", answer=listed)
    assert again.out == "0 created, 0 updated, 1 unchanged, 0 failed\n"
    assert await names(daemon) == {"one"}


async def test_a_large_file_says_how_far_it_is(provctl: Command, tmp_path: Path) -> None:
    file = written(tmp_path, "a.ndjson", *[" " * 100_000 for _ in range(20)])
    ended = await provctl("import", str(file), "--dry-run")
    assert ended.out.startswith("0 created")
    assert all(line.endswith(" of 2.0 MB sent") for line in ended.err.splitlines())
    assert ended.err.splitlines()[-1].startswith("provctl: 2.0 of")


async def test_a_file_that_cannot_be_imported_is_refused_in_words(provctl: Command, tmp_path: Path) -> None:
    wrong = {
        ("import", str(tmp_path / "none.csv")): (2, "none.csv can't be read: No such file or directory"),
        ("import", str(tmp_path), "--format", "csv"): (2, "can't be read: Is a directory"),
        ("import", str(written(tmp_path, "a.txt"))): (2, "say what it is with --format"),
        ("import", str(written(tmp_path, "a.json", "{}"))): (3, "must be an array of providers"),
    }
    runs = await asyncio.gather(*(provctl(*arguments) for arguments in wrong))
    for ended, (code, words) in zip(runs, wrong.values(), strict=True):
        assert (ended.code, ended.out) == (code, "")
        assert words in ended.err


# --- events


async def test_past_events_are_shown_oldest_first_as_many_as_wanted(
    daemon: RunningDaemon, provctl: Command
) -> None:
    one = await daemon.add("192.0.2.1", name="one", probe=QUIET)
    await daemon.add("192.0.2.1", name="two", probe=QUIET)
    await daemon.client.delete_provider(one.id)
    everything, last_two, of_two = await asyncio.gather(
        done(provctl("events")),
        done(provctl("events", "-n", "2")),
        done(provctl("events", "--provider", "two")),
    )
    changes = ["provider.created", "audit", "provider.created", "audit", "provider.deleted", "audit"]
    assert [line.split()[3] for line in everything.splitlines()[1:]] == ["daemon.started", *changes]
    assert first_words(everything) == ["NUMBER", *"1234567"]
    assert first_words(last_two) == ["NUMBER", "6", "7"]
    assert first_words(of_two) == ["NUMBER", "4"]


async def lines_until(process: asyncio.subprocess.Process, wanted: str) -> list[str]:
    """Read a command's lines, up to the first that has ``wanted``."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or wanted not in lines[-1]:
        line = await process.stdout.readline()
        assert line, f"{wanted!r} never came, only {lines}"
        lines.append(line.decode().rstrip("\n"))
    return lines


async def test_followed_events_are_the_past_ones_and_then_those_that_happen(
    programs: Programs, daemon: RunningDaemon, start_carrier: StartCarrier
) -> None:
    carrier, hostname = await start_carrier()
    added = await daemon.add(hostname, name="Acme")
    await daemon.until(added.id, is_healthy)
    async with started(programs, PROVCTL, "events", "--follow", PROVD_SOCKET=daemon.socket) as following:
        past = await lines_until(following, "unknown -> healthy")
        carrier.behaviour = Behaviour(silent=True)
        (live,) = await lines_until(following, "healthy -> unhealthy")
        following.terminate()
    types = [line.split()[2] for line in past]
    assert types == ["daemon.started", "provider.created", "audit", "health.changed"]
    assert live.endswith("Acme: healthy -> unhealthy. No answer within 1 s.")


async def test_followed_events_are_one_json_value_a_line(programs: Programs, daemon: RunningDaemon) -> None:
    added = await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    await daemon.add("192.0.2.1", name="other", probe=QUIET)
    command = ("-o", "json", "events", "--follow", "--provider", "Acme")
    async with started(programs, PROVCTL, *command, PROVD_SOCKET=daemon.socket) as following:
        past = await lines_until(following, "provider.created")
        await daemon.client.patch_provider(added.id, {"detail": "Zürich"})
        live = await lines_until(following, "provider.updated")
        following.terminate()
    events = [json.loads(line) for line in (*past, *live)]
    assert [event["type"] for event in events] == ["hello", "provider.created", "provider.updated"]
    assert [event["seq"] for event in events] == [None, 2, 6]
    assert events[-1]["data"]["provider"]["detail"] == "Zürich"


async def test_samples_are_followed_when_asked_for(programs: Programs, daemon: RunningDaemon) -> None:
    dead = await daemon.add(NOTHING_LISTENS)
    command = ("events", "--follow", "--samples")
    async with started(programs, PROVCTL, *command, PROVD_SOCKET=daemon.socket) as following:
        *_, sample = await lines_until(following, "  sample  ")
        following.terminate()
    assert sample.endswith(f"  sample  {dead.id}  refused  -")


async def test_ctrl_c_ends_following_without_a_complaint(daemon: RunningDaemon) -> None:
    # a shell in the background has its children ignore the signal, so it is put back first
    code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {main_of(PROVCTL)}"
    async with started_anew(code, "events", "--follow", PROVD_SOCKET=daemon.socket) as following:
        await lines_until(following, "daemon.started")
        following.send_signal(signal.SIGINT)
        out, err = await following.communicate()
    assert (following.returncode, out, err) == (0, b"", b"")


async def test_following_ends_when_the_daemon_stops(programs: Programs) -> None:
    async with temporary_folder() as folder, AsyncExitStack() as open_until_the_end:
        async with running_daemon(folder) as daemon:
            command = started(programs, PROVCTL, "events", "--follow", PROVD_SOCKET=daemon.socket)
            following = await open_until_the_end.enter_async_context(command)
            await lines_until(following, "daemon.started")
        out, err = await following.communicate()
    assert out.decode().split()[2:] == ["daemon.stopping", "provd", __version__]
    assert (following.returncode, err) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [("-m", "provtui"), *(("-c", main_of(PROVCTL), *each) for each in (("providers", "list"), ("export",)))],
    ids=["provtui", "a list", "an export"],
)
async def test_a_reader_who_has_had_enough_is_no_failure(
    daemon: RunningDaemon, arguments: tuple[str, ...]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET, enabled=False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        env={**os.environ, "PROVD_SOCKET": str(daemon.socket)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=writer,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writer)
    _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")


# --- what goes wrong


async def test_wrong_usage_exits_2_and_names_what_is_wrong(programs: Programs) -> None:
    wrong = {
        ("nonsense",): "nonsense",
        ("status", "--nonsense"): "--nonsense",
        ("-o", "xml", "status"): "xml",
        ("status", "-o", "xml"): "xml",
        ("providers", "list", "--health", "sick"): "sick",
        ("providers", "add", "only a name"): "hostname",
        ("providers", "add", "Acme", "sip.acme.example", "--interval", "soon"): "--interval",
        ("check",): "provider",
        ("events", "-n", "0"): "-n",
        ("history", "Acme", "--points", "2001"): "--points",
        ("import",): "file",
        ("import", "x", "--format", "xml"): "xml",
        ("maintenance", "set"): "provider",
    }
    runs = await asyncio.gather(*(run(programs, PROVCTL, *arguments) for arguments in wrong))
    for ended, named in zip(runs, wrong.values(), strict=True):
        assert (ended.code, ended.out) == (2, "")
        assert named in ended.err.lower()


async def test_without_a_daemon_it_says_so_on_standard_error_alone(
    programs: Programs, tmp_path: Path
) -> None:
    nobody = tmp_path / "nobody"
    commands = (
        ["status"],
        ["check", "Acme"],
        ["events", "--follow"],
        ["providers", "list", "-o", "json"],
        ["providers", "add", "Acme", "sip.acme.example"],
        ["providers", "delete", "Acme"],
        ["health", "Acme"],
        ["trace", "Acme", "--follow"],
        ["maintenance", "end", "Acme"],
        ["import", "/dev/null", "--format", "csv"],
    )
    for ended in await asyncio.gather(
        *(run(programs, PROVCTL, *command, PROVD_SOCKET=nobody) for command in commands)
    ):
        assert (ended.code, ended.out) == (7, "")
        (line,) = ended.err.splitlines()
        assert line.startswith(f"provctl: no provd answers at {nobody}: ")


async def test_the_socket_that_is_named_wins_over_the_environment(
    programs: Programs, daemon: RunningDaemon, tmp_path: Path
) -> None:
    ended = await run(
        programs, PROVCTL, "--socket", daemon.socket, "status", PROVD_SOCKET=tmp_path / "nobody"
    )
    assert ended.code == 0
    assert str(daemon.socket) in ended.out


async def test_a_socket_where_something_else_answers_is_no_daemon(programs: Programs) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async with temporary_folder() as folder, await asyncio.start_unix_server(answer, folder / "s"):
        ended = await run(programs, PROVCTL, "status", PROVD_SOCKET=folder / "s")
    assert (ended.code, ended.out) == (7, "")
    assert ended.err.startswith(f"provctl: the connection to provd at {folder / 's'} broke")


async def test_what_a_peer_says_cannot_move_the_cursor(daemon: RunningDaemon, provctl: Command) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2Jevil\x9b31m \u202egnp"
    carrier = SimulatedCarrier(Behaviour(480, reason=hostile), server=hostile)
    commands = (
        *(["providers", "show", "Acme"], ["providers", "list"], ["check", "Acme"], ["events"]),
        *(["health", "Acme"], ["trace", "Acme"], ["trace", "Acme", "-o", "json"]),
    )
    with closing(carrier):
        added = await daemon.add(f"127.0.0.1:{await carrier.start('127.0.0.1', 0)}", name="Acme")
        found = await daemon.until(added.id, is_healthy)
        assert "evil" in str(found.health.server)
        assert "evil" in str(found.health.reason)
        tables = await asyncio.gather(*(done(provctl(*command)) for command in commands))
        report = await done(provctl("check", "Acme", "-o", "json"))
    assert "evil" in tables[0]
    assert "evil" in report
    assert not CURSOR_MOVERS & set("".join((*tables, report)))


async def test_a_name_cannot_turn_the_text_around(daemon: RunningDaemon, provctl: Command) -> None:
    await daemon.add("192.0.2.1", name=TURNED, probe=QUIET)
    said = await asyncio.gather(
        *(
            done(provctl(*command))
            for command in (["providers", "list"], ["providers", "show", TURNED], ["events"])
        )
    )
    assert not CURSOR_MOVERS & set("".join(said))


async def test_a_name_cannot_turn_the_question_around_that_deletes_it(
    daemon: RunningDaemon, provctl: Command, provctl_at_terminal: Command
) -> None:
    for _ in range(2):
        await daemon.add("192.0.2.1", name=TURNED, probe=QUIET)
    namesakes = await provctl("providers", "show", TURNED)
    one = (await daemon.client.all_providers())[0].id
    question = await provctl_at_terminal("providers", "delete", one, typed="y\n")
    assert one in question.err
    assert not CURSOR_MOVERS & set(namesakes.err)
    assert not CURSOR_MOVERS & set(question.err)
    assert not CURSOR_MOVERS & set(question.out)


async def test_text_that_the_terminal_cannot_show_is_no_failure(
    daemon: RunningDaemon, provctl: Command
) -> None:
    await daemon.add("192.0.2.1", name="Zürich", probe=QUIET)
    listed = run_anew(PROVCTL, "providers", "list", PYTHONIOENCODING="ascii", PROVD_SOCKET=daemon.socket)
    assert "rich" in await done(listed)


@pytest.mark.parametrize(
    "command", [["show", "\udcff"], ["edit", "Acme", "--detail", "\udcff"]], ids=["name", "field"]
)
async def test_an_argument_that_is_not_utf8_is_refused_in_words(
    daemon: RunningDaemon, provctl: Command, command: list[str]
) -> None:
    await daemon.add("192.0.2.1", name="Acme", probe=QUIET)
    ended = await provctl("providers", *command)
    assert ended.code in (2, 3, 4)
    assert ended.out == ""
    assert ended.err.startswith("provctl: ")


# --- provd


@pytest.mark.parametrize("program", [PROVD, PROVCTL])
async def test_the_version_is_told(program: str) -> None:
    assert await done(run_anew(program, "--version")) == f"{program} {__version__}\n"


async def test_the_example_configuration_is_right() -> None:
    assert await done(run_anew(PROVD, "check-config", EXAMPLE)) == f"{EXAMPLE}: OK\n"


async def test_every_mistake_in_a_configuration_is_named_with_its_line(
    programs: Programs, tmp_path: Path
) -> None:
    file = tmp_path / "provd.toml"
    file.write_text(
        "[deamon]\n"
        'socket = "/run/provd.sock"\n'
        "\n"
        "[probe]\n"
        "intervall_s = 3\n"
        "timeout_s = 90\n"
        'bind = "sbc.example.com:5060"\n'
        "[dns]\n"
        'nameservers = ["192.0.2.53", "ns.example.com"]\n'
        "[daemon]\n"
        'socket_mode = "rw-rw----"\n'
        'log_level = "loud"\n'
        "[nonsense]\n"
    )
    ended = await run(programs, PROVD, "check-config", file)
    assert (ended.code, ended.out) == (1, "")
    lines = [line.removeprefix(f"{file}:") for line in ended.err.splitlines()]
    assert lines[:2] == [
        "1: deamon: unknown section; did you mean daemon?",
        "5: probe.intervall_s: unknown key; did you mean interval_s?",
    ]
    assert [": ".join(line.split(": ")[:2]) for line in lines[2:]] == [
        "6: probe.timeout_s",
        "7: probe.bind",
        "9: dns.nameservers[1]",
        "11: daemon.socket_mode",
        "12: daemon.log_level",
        "13: nonsense",
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "can't be read: "),
        (b"\xff", "can't be read: "),
        (b"[probe]\ninterval_s = \n", "is not TOML: .*line 2"),
    ],
    ids=["missing", "not UTF-8", "not TOML"],
)
async def test_a_file_that_is_no_configuration_is_refused_with_the_reason(
    programs: Programs, tmp_path: Path, content: bytes | None, complaint: str
) -> None:
    file = tmp_path / "provd.toml"
    if content is not None:
        file.write_bytes(content)
    for command in (["check-config"], ["run", "--config"]):
        ended = await run(programs, PROVD, *command, file)
        assert (ended.code, ended.out) == (1, "")
        assert ended.err.startswith(f"{file}: ")
        (line,) = ended.err.splitlines()
        assert re.search(complaint, line)


async def test_what_a_start_would_not_find_is_named_with_its_line(programs: Programs, tmp_path: Path) -> None:
    file = tmp_path / "provd.toml"
    file.write_text(
        '[access]\nadmins = ["nosuchuser"]\n[tls]\ncert_file = "/nope"\n[daemon]\nsocket_group = "nosuch"\n'
    )
    ended = await run(programs, PROVD, "check-config", file)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines() == [
        f"{file}:2: [access] admins: there is no user 'nosuchuser' on this machine",
        f"{file}:6: [daemon] socket_group: there is no group 'nosuch' on this machine",
        f"{file}:4: [tls] cert_file: /nope can't be read: No such file or directory",
    ]


async def test_a_file_that_systemd_gives_only_the_running_daemon_is_told_and_is_ok(
    programs: Programs, tmp_path: Path
) -> None:
    file = tmp_path / "provd.toml"
    file.write_text('[tls]\nca_file = "/run/credentials/no-such-provd.service/ca"\n')
    ended = await run(programs, PROVD, "check-config", file)
    assert (ended.code, ended.out) == (0, f"{file}: OK\n")
    assert ended.err.startswith(f"{file}:2: not checked: [tls] ca_file: ")


async def refused(programs: Programs, *arguments: str | Path) -> str:
    """The one line that ``provd run`` says when it does not start."""
    ended = await run(programs, PROVD, "run", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert "Traceback" not in ended.err
    (line,) = ended.err.splitlines()
    return line


async def test_a_socket_that_cannot_be_made_is_named(programs: Programs, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    state = ("--state-dir", tmp_path / "state")
    below_a_file = tmp_path / "file" / "provd.sock"
    line = await refused(programs, "--socket", below_a_file, *state)
    assert line.startswith(f"provd: the socket can't be made at {below_a_file}: ")
    assert "[daemon] socket" in line
    assert (await refused(programs, "--socket", "s", *state)) == "provd: --socket is not an absolute path"
    assert "longer than the 107 bytes" in await refused(programs, "--socket", "/" + "x" * 107, *state)
    assert "is not a socket" in await refused(programs, "--socket", tmp_path / "file", *state)


async def test_a_socket_or_a_store_that_another_daemon_holds_is_named(
    programs: Programs, daemon: RunningDaemon
) -> None:
    other = daemon.state_dir.parent / "other"
    line = await refused(programs, "--socket", daemon.socket, "--state-dir", other)
    assert line.startswith(f"provd: another provd holds the socket {daemon.socket}: ")
    line = await refused(programs, "--socket", other, "--state-dir", daemon.state_dir)
    assert line.startswith(f"provd: another provd uses the state directory {daemon.state_dir}: ")
    assert (await daemon.client.version()).version == __version__


async def test_a_configuration_that_names_nobody_is_refused(programs: Programs, tmp_path: Path) -> None:
    file = tmp_path / "provd.toml"
    file.write_text('[access]\nadmins = ["nobody-like-that"]\n[daemon]\nsocket_group = "no-such-group"\n')
    places = ("--socket", tmp_path / "s", "--state-dir", tmp_path / "state")
    assert "'nobody-like-that'" in await refused(programs, "--config", file, *places)
    file.write_text('[daemon]\nsocket_group = "no-such-group"\n')
    assert "'no-such-group'" in await refused(programs, "--config", file, *places)


async def test_checks_that_cannot_be_sent_from_anywhere_are_refused_in_words(
    programs: Programs, tmp_path: Path
) -> None:
    file = tmp_path / "provd.toml"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        taken, nowhere = f"127.0.0.1:{held.getsockname()[1]}", "[2001:db8::1]:0"
        file.write_text(f'[probe]\nbind = "{taken}"\nbind6 = "{nowhere}"\n')
        line = await refused(
            programs, "--config", file, "--socket", tmp_path / "s", "--state-dir", tmp_path / "state"
        )
    assert line.startswith("provd: ")


async def test_a_lock_that_cannot_be_opened_is_named(programs: Programs, tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    assert str(tmp_path) in await refused(programs, "--socket", tmp_path / "s", "--state-dir", tmp_path)


async def test_the_demo_needs_a_daemon(programs: Programs, tmp_path: Path) -> None:
    ended = await run(programs, PROVD, "demo", PROVD_SOCKET=tmp_path / "nobody")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith("provd: no provd answers at ")
