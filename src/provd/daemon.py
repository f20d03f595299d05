"""The composition root: builds every part, starts and stops them in order."""

import asyncio
import fcntl
import gc
import logging
import os
import resource
from pathlib import Path

from provd.api.access import Access, make_access
from provd.api.app import Services, create_app
from provd.api.listener import Listener
from provd.api.server import ApiServer
from provd.config import Config
from provd.probe.monitor import Monitor
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeIdentity, ProbeSettings
from provd.probe.target import SocketAddress
from provd.schema.events import EventType
from provd.schema.hostname import parse_hostname
from provd.schema.status import Role
from provd.services.checks import CheckService
from provd.services.events import EventService
from provd.services.hub import EventHub
from provd.services.providers import ProviderService
from provd.services.recorder import HealthRecorder
from provd.services.status import StatusService
from provd.services.watching import Watching
from provd.store import events as stored_events
from provd.store import providers as stored_providers
from provd.store.engine import Store, check_directory
from provd.store.errors import StoreError, StoreOpenError
from provd.store.migrate import migrate
from provd.version import __version__

log = logging.getLogger(__name__)

STORE_NAME = "provd.db"


async def run_daemon(config: Config, stop: asyncio.Event) -> None:
    """Run until ``stop``, then stop in order.

    Raises StoreOpenError, ListenError, UnknownNameError or BindError when it can't start; nothing is left
    behind then.
    """
    _raise_file_limit()
    access = make_access(
        {
            Role.ADMIN: config.access.admins,
            Role.OPERATOR: config.access.operators,
            Role.VIEWER: config.access.viewers,
        }
    )
    check_directory(config.daemon.state_dir)
    lock = _lock_state(config.daemon.state_dir)
    try:
        listener = Listener(
            config.daemon.socket, int(config.daemon.socket_mode, 8), config.daemon.socket_group
        )
        try:
            path = config.daemon.state_dir / STORE_NAME
            migrate(path)
            store = Store(path)
            try:
                await _run_parts(config, store, listener, access, stop)
            finally:
                await store.close()
        finally:
            listener.close()
    finally:
        os.close(lock)


async def _run_parts(
    config: Config, store: Store, listener: Listener, access: Access, stop: asyncio.Event
) -> None:
    hub = EventHub(store.read_now(stored_events.newest_seq))
    stored = store.read_now(stored_providers.all_alive)
    store.on_commit = hub.publish
    monitor = _make_monitor(config)
    watching = Watching(monitor, _probe_defaults(config))
    recorder = HealthRecorder(monitor, store, hub)
    events = EventService(store, hub, config.history.events)
    providers = ProviderService(store, watching)
    status = StatusService(monitor, recorder, store, hub)
    services = Services(providers, CheckService(providers, watching, monitor), events, hub, status)
    server = ApiServer(create_app(services, access), listener)

    monitor.open()
    watching.load(stored)
    del stored
    gc.collect()
    gc.freeze()

    async with asyncio.TaskGroup() as tasks:
        background = [
            tasks.create_task(part) for part in (monitor.run(), recorder.run(), events.run(), status.run())
        ]
        serving = tasks.create_task(server.run())
        await _announce(events, EventType.DAEMON_STARTED)
        log.info("provd %s answers at %s", __version__, listener.path)
        await stop.wait()

        log.info("stopping")
        await _announce(events, EventType.DAEMON_STOPPING)
        hub.close()
        server.stop()
        await serving
        for task in background:
            task.cancel()
    await recorder.flush()
    log.info("stopped")


async def _announce(events: EventService, kind: EventType) -> None:
    try:
        await events.announce(kind)
    except StoreError as error:
        log.error("%s was not recorded: %s", kind.value, error)


def _make_monitor(config: Config) -> Monitor:
    return Monitor(
        Resolver(config.dns.nameservers),
        ProbeIdentity(config.probe.user_agent, config.probe.from_uri),
        bind=_socket_address(config.probe.bind),
        bind6=_socket_address(config.probe.bind6),
        max_rate=config.probe.max_rate,
    )


def _probe_defaults(config: Config) -> ProbeSettings:
    probe = config.probe
    return ProbeSettings(probe.interval_s, probe.timeout_s, probe.fall, probe.rise)


def _socket_address(text: str) -> SocketAddress:
    host, _, port = text.rpartition(":")
    return parse_hostname(host).host, int(port)


def _lock_state(state_dir: Path) -> int:
    try:
        handle = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreOpenError(f"the lock {error.filename} can't be opened: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StoreOpenError(
            f"another provd uses the state directory {state_dir}: stop it, or set another [daemon] state_dir"
        ) from None
    return handle


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
