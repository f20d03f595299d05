"""Reading the configuration again while the daemon runs: what takes effect at once, and what at a restart."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pydantic import BaseModel

from provd.config import Config, ConfigError
from provd.systemd import Notifier

log = logging.getLogger(__name__)


class TakesEffect(Enum):
    """When a changed key is heeded."""

    LIVE = "at once"
    RESTART = "at a restart"


_LIVE, _RESTART = TakesEffect.LIVE, TakesEffect.RESTART

TAKES_EFFECT: Mapping[str, TakesEffect] = {
    "daemon.socket": _RESTART,
    "daemon.socket_mode": _RESTART,
    "daemon.socket_group": _RESTART,
    "daemon.state_dir": _RESTART,
    "daemon.log_level": _LIVE,
    "daemon.log_format": _RESTART,
    "access.admins": _LIVE,
    "access.operators": _LIVE,
    "access.viewers": _LIVE,
    "probe.interval_s": _LIVE,
    "probe.timeout_s": _LIVE,
    "probe.fall": _LIVE,
    "probe.rise": _LIVE,
    "probe.codes": _LIVE,
    "probe.rollup": _LIVE,
    "probe.bind": _RESTART,
    "probe.bind6": _RESTART,
    "probe.from_uri": _LIVE,
    "probe.user_agent": _RESTART,
    "probe.contact": _LIVE,
    "probe.max_forwards": _LIVE,
    "probe.max_rate": _RESTART,
    "dns.nameservers": _RESTART,
    "dns.naptr": _RESTART,
    "dns.max_age_s": _RESTART,
    "tls.ca_file": _RESTART,
    "tls.cert_file": _RESTART,
    "tls.key_file": _RESTART,
    "platform.sip_gateways": _RESTART,
    "carriers": _RESTART,
    "keyring.backend": _RESTART,
    "keyring.key_file": _RESTART,
    "redirect.listen": _RESTART,
    "redirect.allow": _LIVE,
    "redirect.uri_headers": _RESTART,
    "alerts.built_in": _LIVE,
    "alerts.journal": _LIVE,
    "alerts.group_wait_s": _LIVE,
    "alerts.clear_s": _LIVE,
    "alerts.remind_h": _LIVE,
    "alerts.escalate_after_min": _LIVE,
    "alerts.escalate_to": _LIVE,
    "alerts.kept_d": _LIVE,
    "alerts.rules": _LIVE,
    "alerts.commands": _LIVE,
    "test_calls.allow": _LIVE,
    "test_calls.max_per_hour": _LIVE,
    "test_calls.max_seconds_per_day": _LIVE,
    "test_calls.ring_s": _LIVE,
    "test_calls.kept_d": _LIVE,
    "test_calls.schedule": _LIVE,
    "history.events": _LIVE,
    "history.minutes_h": _LIVE,
    "history.hours_d": _LIVE,
    "history.transitions_d": _LIVE,
    "history.audit_d": _LIVE,
    "history.traces": _LIVE,
    "history.max_targets": _RESTART,
    "history.calls_d": _LIVE,
    "history.call_rollups_d": _LIVE,
    "calls.min_attempts": _LIVE,
    "calls.ner_min_pct": _LIVE,
    "calls.ner_drop_pct": _LIVE,
    "metrics.listen": _RESTART,
}
"""Every key of Config; a section that is a table of names, like ``carriers``, is one key."""


class NotTaken(Exception):
    """A configuration can't be used. ``mistakes`` has a line of text for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(slots=True)
class ReloadRequests:
    """``wanted`` is set by whoever wants it, like a signal; ``read`` gives the configuration as it is now, or
    raises ConfigError."""

    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    read: Callable[[], Config] | None = None


def keys_of(config: Config) -> dict[str, object]:
    """Every key that TAKES_EFFECT has, with its value."""
    found: dict[str, object] = {}
    for name in type(config).model_fields:
        section = getattr(config, name)
        if isinstance(section, BaseModel):
            found |= {f"{name}.{key}": getattr(section, key) for key in type(section).model_fields}
        else:
            found[name] = section
    return found


def changed_keys(before: Config, after: Config) -> list[str]:
    """The keys whose values differ."""
    was = keys_of(before)
    return [key for key, value in keys_of(after).items() if value != was[key]]


def with_live_keys(running: Config, wanted: Config) -> Config:
    """``running``, with the values of ``wanted`` for the keys that take effect at once."""
    sections = {}
    for name in type(running).model_fields:
        section = getattr(running, name)
        if isinstance(section, BaseModel):
            live = {
                key: getattr(getattr(wanted, name), key)
                for key in type(section).model_fields
                if TAKES_EFFECT[f"{name}.{key}"] is _LIVE
            }
            section = section.model_copy(update=live)
        sections[name] = section
    return running.model_copy(update=sections)


class Reloader:
    """Takes a changed configuration to the running daemon, whole or not at all.

    ``use(before, after)`` has the parts heed the keys that take effect at once, all of them, or raises
    NotTaken.
    """

    def __init__(
        self,
        running: Config,
        requests: ReloadRequests,
        use: Callable[[Config, Config], Awaitable[None]],
        notifier: Notifier,
    ) -> None:
        self._running = running
        self._requests = requests
        self._use = use
        self._notifier = notifier

    async def run(self) -> None:
        """Reload whenever it is wanted, until cancelled."""
        while True:
            await self._requests.wanted.wait()
            self._requests.wanted.clear()
            await self.reload()

    async def reload(self) -> str:
        """Reload once; answers what came of it, in a line."""
        self._notifier.reloading()
        try:
            outcome = await self._reload()
        except Exception:  # whatever is wrong with a new configuration, the daemon goes on with its own
            outcome = "the configuration could not be read again: see the log"
            log.exception("the configuration could not be read again")
        self._notifier.ready(outcome)
        return outcome

    async def _reload(self) -> str:
        if self._requests.read is None:
            return self._said("there is no configuration to read")
        try:
            wanted = self._requests.read()
            await self._use(self._running, with_live_keys(self._running, wanted))
        except (ConfigError, NotTaken) as error:
            for mistake in error.mistakes:
                log.error("%s", mistake)
            count = len(error.mistakes)
            outcome = f"the configuration was not taken, for {count} mistake{'s' * (count != 1)}"
            log.error("%s: the one from before stays in force", outcome)
            return f"{outcome}: see the log"
        changed = changed_keys(self._running, wanted)
        self._running = with_live_keys(self._running, wanted)
        live = [key for key in changed if TAKES_EFFECT[key] is _LIVE]
        later = [key for key in changed if TAKES_EFFECT[key] is _RESTART]
        parts = [f"changed: {', '.join(live)}"] if live else []
        parts += [f"waiting for a restart: {', '.join(later)}"] if later else []
        return self._said("the configuration was read again; " + ("; ".join(parts) or "nothing changed"))

    @staticmethod
    def _said(outcome: str) -> str:
        log.info("%s", outcome)
        return outcome
