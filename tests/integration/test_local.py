"""``provtui --local`` without a terminal: the demo fleet, checked for real, as a table."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from provd.client import Client
from provtui.local import private_daemon
from tests.fakes.daemon import eventually

pytestmark = pytest.mark.xdist_group("demo")  # the carriers' APIs have one address on a machine

EXPECTED = {
    "Meridian Voice": ("healthy", "ok", "200"),
    "Atlas Carrier EU": ("healthy", "ok", "200"),
    "Pacific Trunking": ("healthy", "ok", "200"),
    "Sloth Telecom": ("healthy", "ok", "200"),
    "Leaky Networks": ("healthy", "ok", "200"),
    "Seesaw Mobile": ("healthy", "ok", "200"),
    "Gatekeeper SIP": ("healthy", "ok", "403"),
    "Nowhere Exchange": ("healthy", "ok", "404"),
    "Rush Hour Wholesale": ("healthy", "ok", "503"),
    "Silent Partner": ("unhealthy", "timeout", "-"),
    "Closed Door": ("unhealthy", "refused", "-"),
    "Typo Telephony": ("unhealthy", "dns_nxdomain", "-"),
}


async def test_it_prints_the_demo_fleets_health_and_leaves_nothing_behind(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "provtui", "--local"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    header, *lines = out.decode().splitlines()
    assert header.split() == ["NAME", "HOSTNAME", "HEALTH", "CAUSE", "CODE", "RTT", "WHY"]
    rows = [re.split(r"\s{2,}", line) for line in lines]
    assert {row[0]: (row[2], row[3], row[4]) for row in rows} == EXPECTED
    assert all(row[6].endswith(".") for row in rows)
    assert list(tmp_path.iterdir()) == []


async def test_a_daemon_that_answers_already_is_used_and_left_running(tmp_path: Path) -> None:
    socket, state_dir = tmp_path / "s", tmp_path / "state"
    async with private_daemon(socket, state_dir), Client(socket) as client:
        first = await client.status()
        async with private_daemon(socket, state_dir):
            assert (await client.status()).started_at == first.started_at
        assert (await client.status()).started_at == first.started_at
    assert not socket.exists()


async def test_the_demos_carriers_come_back_with_its_records(tmp_path: Path) -> None:
    socket, state_dir = tmp_path / "s", tmp_path / "state"
    async with private_daemon(socket, state_dir) as children:
        await children.start_demo()
        async with Client(socket) as client:
            added = {provider.id for provider in await client.all_providers()}
    assert len(added) == len(EXPECTED)
    async with private_daemon(socket, state_dir) as children, Client(socket) as client:
        await children.start_demo_if_used()
        found = await eventually(
            client.all_providers,
            lambda providers: sum(each.health_status == "healthy" for each in providers) >= 8,
        )
        assert {provider.id for provider in found} == added


async def test_a_folder_that_cannot_be_made_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    keyboard, terminal = os.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "provtui", "--local", "--socket", str(tmp_path / "s")),
        stdin=terminal,
        stdout=terminal,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "file")},
    )
    os.close(terminal)
    _, err = await process.communicate()
    os.close(keyboard)
    (line,) = err.decode().splitlines()
    assert process.returncode == 1
    assert line.startswith(f"provtui: {tmp_path / 'file' / 'provd'}: Not a directory. A private daemon keeps")
    assert "XDG_STATE_HOME" in line
