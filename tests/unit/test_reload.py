"""What a changed configuration changes at once, and that one with mistakes changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provd.config import Config, ConfigError
from provd.reload import (
    TAKES_EFFECT,
    NotTaken,
    Reloader,
    ReloadRequests,
    TakesEffect,
    changed_keys,
    keys_of,
    with_live_keys,
)
from provd.systemd import Notifier
from tests.fakes.service_manager import FakeServiceManager

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"


def config(**sections: dict[str, Any]) -> Config:
    return Config.model_validate(sections)


def test_it_is_said_of_every_key_when_it_takes_effect() -> None:
    assert set(TAKES_EFFECT) == set(keys_of(Config()))


def test_the_guide_names_every_key_that_takes_effect_at_once() -> None:
    section = GUIDE.read_text().partition("## Changing the configuration")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| `[")]
    named = {
        f"{line.split('[')[1].split(']')[0]}.{key}"
        for line in table
        for key in line.split("|")[2].replace("`", "").replace(",", " ").split()
    }
    assert named == {key for key, when in TAKES_EFFECT.items() if when is TakesEffect.LIVE}


def test_changed_keys_are_those_whose_values_differ() -> None:
    before = config(probe={"interval_s": 30, "fall": 2}, carriers={"telnyx": {}})
    after = config(
        probe={"interval_s": 20, "fall": 2}, carriers={"telnyx": {"base_url": "https://api.example.com"}}
    )
    assert changed_keys(before, after) == ["probe.interval_s", "carriers"]
    assert changed_keys(before, before) == []


def test_keys_that_need_a_restart_stay_as_they_run() -> None:
    running = config(probe={"bind": "127.0.0.1:0"}, redirect={"allow": ["::1"]})
    wanted = config(probe={"bind": "127.0.0.2:0", "fall": 3}, dns={"naptr": True})
    taken = with_live_keys(running, wanted)
    assert (taken.probe.bind, taken.probe.fall, taken.dns.naptr) == ("127.0.0.1:0", 3, False)
    assert taken.redirect.allow == wanted.redirect.allow


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[FakeServiceManager]:
    listening = FakeServiceManager(tmp_path / "notify")
    yield listening
    listening.close()


class Parts:
    """What the parts of a daemon heed; ``mistake`` has them refuse."""

    def __init__(self, manager: FakeServiceManager, running: Config) -> None:
        self.heeded = running
        self.wanted: Config | Exception = running
        self.mistake = ""
        requests = ReloadRequests(read=self._read)
        self.reloader = Reloader(running, requests, self._use, Notifier(manager.address))

    def _read(self) -> Config:
        if isinstance(self.wanted, Exception):
            raise self.wanted
        return self.wanted

    async def _use(self, before: Config, after: Config) -> None:
        if self.mistake:
            raise NotTaken([self.mistake])
        assert before == self.heeded
        self.heeded = after


async def test_systemd_hears_that_it_reloads_and_what_came_of_it(manager: FakeServiceManager) -> None:
    parts = Parts(manager, config())
    parts.wanted = config(probe={"fall": 3, "bind": "127.0.0.1:0"})
    await parts.reloader.reload()
    reloading, ready = manager.heard()
    assert reloading["RELOADING"] == "1"
    assert ready == {
        "READY": "1",
        "STATUS": "the configuration was read again; changed: probe.fall; waiting for a restart: probe.bind",
    }
    assert (parts.heeded.probe.fall, parts.heeded.probe.bind) == (3, "0.0.0.0:0")


async def test_what_waits_for_a_restart_is_told_each_time(manager: FakeServiceManager) -> None:
    parts = Parts(manager, config())
    parts.wanted = config(dns={"naptr": True}, probe={"fall": 3})
    await parts.reloader.reload()
    assert await parts.reloader.reload() == (
        "the configuration was read again; waiting for a restart: dns.naptr"
    )
    parts.wanted = config(probe={"fall": 3})
    assert await parts.reloader.reload() == "the configuration was read again; nothing changed"


async def test_every_mistake_is_logged_and_the_running_configuration_stays(
    manager: FakeServiceManager, caplog: pytest.LogCaptureFixture
) -> None:
    parts = Parts(manager, config())
    parts.wanted = ConfigError(["c.toml:2: probe.fall: wrong", "c.toml:7: dnss: unknown section"])
    outcome = await parts.reloader.reload()
    assert outcome == "the configuration was not taken, for 2 mistakes: see the log"
    assert [record.getMessage() for record in caplog.records] == [
        "c.toml:2: probe.fall: wrong",
        "c.toml:7: dnss: unknown section",
        "the configuration was not taken, for 2 mistakes: the one from before stays in force",
    ]
    assert parts.heeded == config()
    assert manager.heard()[-1] == {"READY": "1", "STATUS": outcome}


async def test_what_the_parts_refuse_is_a_mistake_too(manager: FakeServiceManager) -> None:
    parts = Parts(manager, config())
    parts.wanted, parts.mistake = config(probe={"fall": 3}), "[access] names what is not there"
    assert await parts.reloader.reload() == "the configuration was not taken, for 1 mistake: see the log"
    parts.mistake = ""
    assert "changed: probe.fall" in await parts.reloader.reload()


async def test_the_daemon_outlives_what_nobody_thought_of(
    manager: FakeServiceManager, caplog: pytest.LogCaptureFixture
) -> None:
    parts = Parts(manager, config())
    parts.wanted = RuntimeError("a bug")
    await parts.reloader.reload()
    assert manager.heard()[-1]["READY"] == "1"
    assert "a bug" in caplog.text
