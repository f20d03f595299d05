"""The daemon's life: what it holds while it runs, and the order in which its parts start and stop."""

import asyncio
import gc
import logging
import os
import resource
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from provd.api.listener import BoundListener, InheritedListener, Listener, ListenError
from provd.carriers.base import AnyCarrier
from provd.composition.parts import Parts, compose
from provd.composition.settings import access_of
from provd.composition.taking_over import take_over
from provd.config import Config, DaemonSection
from provd.logs import Logs
from provd.probe.endpoints import BindError
from provd.reload import Reloader, ReloadRequests
from provd.schema.events import EventType
from provd.services.events import EventService
from provd.store.engine import STORE_NAME, Store, check_directory
from provd.store.errors import StoreError
from provd.store.migrate import migrate
from provd.store.state_lock import lock_state
from provd.systemd import ServiceManager
from provd.version import __version__
from provd.watchdog import Watchdog

log = logging.getLogger(__name__)

_SLOW_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the daemon runs: who supervises it, who has it read its configuration again, and its log.

    Without them it runs by itself.
    """

    manager: ServiceManager = field(default_factory=ServiceManager)
    reloads: ReloadRequests = field(default_factory=ReloadRequests)
    logs: Logs | None = None


class Runs(Protocol):
    """A part with something to do in the background."""

    async def run(self) -> None:
        """Do it until cancelled."""


async def run_daemon(
    config: Config,
    stop: asyncio.Event,
    more_carriers: Sequence[AnyCarrier] = (),
    surroundings: Surroundings | None = None,
) -> None:
    """Run until ``stop``, then stop in order. Setups may be made at ``more_carriers`` too.

    Raises StoreOpenError, ListenError, UnknownNameError, TlsFilesError, BindError or RedirectListenError
    when it can't start; nothing is left behind then.
    """
    _raise_file_limit()
    around = surroundings or Surroundings()
    access = access_of(config.access)
    state_dir = config.daemon.state_dir
    check_directory(state_dir)
    async with AsyncExitStack() as held:
        held.callback(os.close, lock_state(state_dir))
        listener = _listener(config.daemon, around.manager)
        held.callback(listener.close)
        migrate(state_dir / STORE_NAME)
        store = Store(state_dir / STORE_NAME)
        held.push_async_callback(store.close)
        parts = compose(config, store, listener.socket, access, more_carriers)
        _open(parts)
        gc.disable()  # what is loaded is no garbage, and looking for it takes a fifth of the time
        try:
            _load(parts)
        finally:
            gc.enable()
        gc.collect()
        gc.freeze()
        await _run(parts, config, stop, around, listener)


def _open(parts: Parts) -> None:
    """Take the ports; all of them or none."""
    listeners, metrics_server = parts.redirecting.listeners, parts.serving.metrics_server
    listeners.open()
    try:
        metrics_server.open()
        parts.checking.monitor.open()
    except (ListenError, BindError):
        listeners.close()
        metrics_server.close()
        raise


def _load(parts: Parts) -> None:
    """Go on from what the store has."""
    store, checking, alerting = parts.base.store, parts.checking, parts.alerting
    checking.history.load()
    store.read_now(checking.watching.load_all)
    store.read_now(parts.records.book.load)
    alerting.rules.load()
    alerting.channels.load()
    alerting.keeper.load()
    store.read_now(parts.calls.recent.load)
    store.read_now(parts.calls.lessons.load)


def _background(parts: Parts) -> dict[str, Runs]:
    """What runs from the start to the stop, by the name that the log has for it."""
    return {
        "the monitor": parts.checking.monitor,
        "the recorder of health": parts.checking.recorder,
        "the history": parts.checking.history,
        "the log of events": parts.base.events,
        "the audit log": parts.base.audit,
        "the end of maintenance": parts.records.maintenance,
        "setups": parts.setups.runs,
        "the comparison of trunks": parts.setups.trunks,
        "the loop's lag": parts.serving.status,
        "redirects": parts.redirecting.service,
        "the redirect server": parts.redirecting.listeners,
        "alerts": parts.alerting.keeper,
        "the delivery of alerts": parts.alerting.deliverer,
        "test calls": parts.test_calls.service,
        "planned test calls": parts.test_calls.scheduler,
        "recent calls": parts.calls.recent,
        "the pruner of calls": parts.calls.pruner,
        "round-trip times": parts.checking.rtt,
        "the metrics server": parts.serving.metrics_server,
    }


def _outward(config: Config, parts: Parts, around: Surroundings) -> dict[str, Runs]:
    """The same of what has to do with where the daemon runs, which begins once it answers."""
    notifier, prober = around.manager.notifier, parts.checking.monitor.prober

    async def use(before: Config, after: Config) -> None:
        await take_over(parts, before, after)
        if around.logs is not None:
            around.logs.set_level(after.daemon.log_level)

    def checking() -> tuple[object, float]:
        due = prober.schedule.next_at()
        return (prober.sent, prober.answers, due), due

    outward: dict[str, Runs] = {"the reload": Reloader(config, around.reloads, use, notifier)}
    if around.logs is not None:
        outward["the log"] = around.logs
    if around.manager.watchdog_s is not None:
        prove_writer = parts.base.store.prove_writer
        outward["the watchdog"] = Watchdog(notifier, around.manager.watchdog_s, prove_writer, checking)
    return outward


async def _run(
    parts: Parts, config: Config, stop: asyncio.Event, around: Surroundings, listener: Listener
) -> None:
    """Start everything in order and, when it is time, stop it in order; then write what is not written."""
    events, server, notifier = parts.base.events, parts.serving.server, around.manager.notifier
    async with asyncio.TaskGroup() as tasks:
        background = _begun(tasks, _background(parts))
        serving = tasks.create_task(server.run())
        await server.answers()
        await _announce(events, EventType.DAEMON_STARTED)
        log.info("provd %s answers at %s", __version__, listener.path)
        notifier.ready(f"answers at {listener.path}")
        background += _begun(tasks, _outward(config, parts, around))
        await stop.wait()

        notifier.stopping()
        log.info("stopping")
        await parts.test_calls.service.stop()
        await _announce(events, EventType.DAEMON_STOPPING)
        parts.base.hub.close()
        server.stop()
        await serving
        await end(background)
    await parts.base.audit.flush()
    await parts.checking.recorder.flush()
    await parts.checking.history.flush()
    log.info("stopped")


def _begun(tasks: asyncio.TaskGroup, parts: Mapping[str, Runs]) -> list[asyncio.Task[None]]:
    return [tasks.create_task(part.run(), name=name) for name, part in parts.items()]


async def end(tasks: Collection[asyncio.Task[Any]], slow_after_s: float = _SLOW_AFTER_S) -> None:
    """Cancel tasks and wait until they have ended; those that take long are named in the log."""
    for task in tasks:
        task.cancel()
    _, slow = await asyncio.wait(tasks, timeout=slow_after_s)
    for task in slow:
        log.warning("%s has not ended within %g s: the stop waits for it", task.get_name(), slow_after_s)
    if slow:
        await asyncio.wait(slow)


async def _announce(events: EventService, kind: EventType) -> None:
    try:
        await events.announce(kind)
    except StoreError as error:
        log.error("%s was not recorded: %s", kind.value, error)


def _listener(daemon: DaemonSection, manager: ServiceManager) -> Listener:
    if manager.sockets:
        return InheritedListener(manager.sockets)
    return BoundListener(daemon.socket, int(daemon.socket_mode, 8), daemon.socket_group)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
