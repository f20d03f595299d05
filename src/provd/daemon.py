"""The composition root: builds every part, starts and stops them in order."""

import asyncio
import gc
import logging
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass, field

from provd.agent.calling.caller import Caller
from provd.agent.redirect.address import parse_listen_address
from provd.agent.redirect.allow import AllowList
from provd.agent.redirect.listeners import Listeners
from provd.agent.redirect.redirect import Redirector
from provd.agent.responder import Responder
from provd.alerts.engine import Timing
from provd.api.access import Access, UnknownNameError, make_access
from provd.api.app import Services, create_app
from provd.api.listener import BoundListener, InheritedListener, Listener, ListenError
from provd.api.metrics_server import MetricsServer
from provd.api.server import ApiServer
from provd.calls.impairment import Thresholds
from provd.carriers.base import AnyCarrier
from provd.carriers.registry import known_carriers
from provd.config import (
    AccessSection,
    AlertsSection,
    CallsSection,
    Config,
    HistorySection,
    TestCallsSection,
)
from provd.logs import Logs
from provd.probe.address import SocketAddress
from provd.probe.collector import SampleCollector
from provd.probe.endpoints import BindError, Endpoints
from provd.probe.monitor import Monitor, MonitorHooks
from provd.probe.resolver import Resolver
from provd.probe.settings import ProbeSettings, RequestShape
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.probe.target import Target
from provd.reload import NotTaken, Reloader, ReloadRequests
from provd.schema.codes import parse_codes
from provd.schema.events import EventType
from provd.schema.hostname import parse_hostname
from provd.schema.status import Role
from provd.schema.test_calls import CallTestRequest
from provd.secrets.vault import open_vault
from provd.services.alerts.channels import ChannelBook, ConfiguredCommand
from provd.services.alerts.deliverer import Deliverer
from provd.services.alerts.keeper import AlertKeeper
from provd.services.alerts.readings import Readings
from provd.services.alerts.rulebook import RuleBook
from provd.services.audit import AuditService
from provd.services.believed import BelievedTime
from provd.services.calls.intake import CallService
from provd.services.calls.pruner import CallPruner
from provd.services.calls.queries import CallQueries
from provd.services.calls.recent import RecentCalls
from provd.services.calls.retention import CallRetention
from provd.services.checks import CheckService
from provd.services.events import EventService
from provd.services.exporting import ExportService
from provd.services.history.keeper import HistoryKeeper
from provd.services.history.queries import HistoryQueries
from provd.services.history.retention import Retention
from provd.services.hub import EventHub
from provd.services.importing.importer import ImportService
from provd.services.maintenance import MaintenanceService
from provd.services.metrics.daemon_figures import DaemonFigures
from provd.services.metrics.instruments import Instruments
from provd.services.metrics.rtt import RttHistograms
from provd.services.metrics.scrape import MetricsService
from provd.services.probe_defaults import use_defaults
from provd.services.probe_settings import SettingsMaker
from provd.services.providers import ProviderService
from provd.services.recorder import HealthRecorder
from provd.services.redirects import RedirectService
from provd.services.revisions import RevisionService
from provd.services.routing.book import RouteBook
from provd.services.routing.resolving import Resolver as CallResolver
from provd.services.routing.routes import RouteService
from provd.services.setups.catalogue import Catalogue, Https
from provd.services.setups.keys import KeyKeeper
from provd.services.setups.runs import SetupRuns
from provd.services.setups.service import SetupService
from provd.services.setups.trunks import TrunkService
from provd.services.status import StatusService
from provd.services.target_report import target_name
from provd.services.test_calls.lessons import CallTestLessons
from provd.services.test_calls.logins import LoginBook
from provd.services.test_calls.rules import Planned, Rules
from provd.services.test_calls.schedule import Scheduler
from provd.services.test_calls.service import CallTestService
from provd.services.traces import TraceService
from provd.services.watching import Watching
from provd.store import events as stored_events
from provd.store.engine import STORE_NAME, Store, StoredEvent, check_directory
from provd.store.errors import StoreError
from provd.store.migrate import migrate
from provd.store.state_lock import lock_state
from provd.systemd import ServiceManager
from provd.version import __version__
from provd.watchdog import Watchdog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the daemon runs: who supervises it, who has it read its configuration again, and its log.

    Without them it runs by itself.
    """

    manager: ServiceManager = field(default_factory=ServiceManager)
    reloads: ReloadRequests = field(default_factory=ReloadRequests)
    logs: Logs | None = None


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
    access = _access(config.access)
    check_directory(config.daemon.state_dir)
    lock = lock_state(config.daemon.state_dir)
    try:
        listener = _listener(config, around.manager)
        try:
            path = config.daemon.state_dir / STORE_NAME
            migrate(path)
            store = Store(path)
            try:
                await _run_parts(config, store, listener, access, stop, more_carriers, around)
            finally:
                await store.close()
        finally:
            listener.close()
    finally:
        os.close(lock)


async def _run_parts(
    config: Config,
    store: Store,
    listener: Listener,
    access: Access,
    stop: asyncio.Event,
    more_carriers: Sequence[AnyCarrier],
    around: Surroundings,
) -> None:
    hub = EventHub(store.read_now(stored_events.newest_seq))
    believed = BelievedTime(store.read_now(stored_events.newest_time))
    instruments = Instruments()
    store.on_written = instruments.write
    responder = Responder(config.probe.user_agent, os.urandom(16))
    collector, retention = SampleCollector(), _retention(config.history)
    carriers: dict[str, str] = {}
    rtt = RttHistograms(carriers)
    history = HistoryKeeper(rtt.tap(collector.take), target_name, store, retention, believed=believed)
    resolver = Resolver(config.dns.nameservers, naptr=config.dns.naptr)
    tls_files = TlsFiles(config.tls.ca_file, config.tls.cert_file, config.tls.key_file)
    monitor = _make_monitor(config, resolver, tls_files, responder, history, collector)
    recent_calls, calls_kept = RecentCalls(store, _thresholds(config.calls)), _calls_kept(config.history)
    watching = Watching(
        monitor,
        SettingsMaker(_probe_defaults(config)),
        history.availability_24h,
        recent_calls.impairment,
        carriers,
    )
    recorder = HealthRecorder(monitor, store, hub)
    events = EventService(store, hub, config.history.events)
    audit = AuditService(store, _audit_kept_s(config.history), believed=believed)
    book = RouteBook(store, watching)
    routes = RouteService(store, book)
    providers = ProviderService(store, watching, book, routes)
    maintenance = MaintenanceService(store, providers)
    catalogue = Catalogue(
        {**known_carriers(), **{each.name: each for each in more_carriers}},
        {name: section.base_url for name, section in config.carriers.items()},
        config.platform.sip_gateways,
        Https(),
        asyncio.sleep,
    )
    keyring = config.keyring
    vault = open_vault(keyring.backend, keyring.key_file, config.daemon.state_dir, os.environ)
    keys = KeyKeeper(store, vault)
    runs = SetupRuns(store, catalogue, keys, providers)
    trunks = TrunkService(store, catalogue, keys, runs, providers)
    redirects = RedirectService(book, hub, uri_headers=config.redirect.uri_headers)
    allowed = AllowList(config.redirect.allow)
    redirector = Redirector(redirects.choose, allowed, config.probe.user_agent, os.urandom(16))
    listeners = Listeners([parse_listen_address(text) for text in config.redirect.listen], redirector)
    rules = RuleBook(store, config.alerts.rules, built_in=config.alerts.built_in)
    channels = ChannelBook(store, keys)
    deliverer = Deliverer(store, channels)
    calls = CallService(store, recent_calls, calls_kept)
    tested = CallTestLessons(calls)
    readings = Readings(store, monitor, history.availability_24h, recent_calls, tested.failing)
    logins, caller = LoginBook(store, keys, providers), Caller(resolver, tls_files)
    test_calls = CallTestService(store, hub, providers, watching, logins, caller, config.probe.user_agent)
    test_calls.rules, test_calls.on_result = _test_call_rules(config.test_calls), tested.take
    scheduler = Scheduler(store, test_calls)
    uplink, timing = monitor.assessor.uplink, _timing(config)
    alerts = AlertKeeper(store, uplink, readings, rules, channels, deliverer, timing, believed)
    _configure_alerts(config.alerts, channels, alerts, timing)

    def publish(committed: list[StoredEvent]) -> None:
        hub.publish(committed)
        alerts.notice(committed)

    store.on_commit = publish
    status = StatusService(
        monitor,
        watching,
        responder,
        history,
        recorder,
        store,
        hub,
        redirector,
        listeners,
        alerts,
        instruments.lag,
    )
    for each in (DaemonFigures(status, calls.counts), rtt):
        instruments.registry.register(each)
    metrics = MetricsService(instruments, store, monitor, watching, recent_calls)
    services = Services(
        providers=providers,
        checks=CheckService(providers, watching, monitor),
        maintenance=maintenance,
        traces=TraceService(providers, monitor, store),
        imports=ImportService(store, providers, book),
        exports=ExportService(store),
        history=HistoryQueries(providers, history, store, retention, watching.targets, watching.timeout_s),
        events=events,
        hub=hub,
        status=status,
        catalogue=catalogue,
        keys=keys,
        setups=SetupService(store, catalogue, runs),
        trunks=trunks,
        routes=routes,
        resolver=CallResolver(book, providers),
        book=book,
        redirects=redirects,
        audit=audit,
        revisions=RevisionService(store, providers, routes),
        alerts=alerts,
        alert_rules=rules,
        alert_channels=channels,
        deliveries=deliverer,
        calls=calls,
        call_queries=CallQueries(providers, store, calls_kept),
        metrics=metrics,
        test_calls=test_calls,
        logins=logins,
    )
    server = ApiServer(create_app(services, access, instruments.request), listener.socket)
    metrics_server = MetricsServer(config.metrics.listen, metrics)

    async def use(before: Config, after: Config) -> None:
        """Heed the keys that take effect at once; NotTaken, having changed nothing, when they can't be."""
        try:
            roles = _access(after.access)
            if after.probe != before.probe:
                await use_defaults(_probe_defaults(after), watching, store)
        except (UnknownNameError, StoreError) as error:
            raise NotTaken([str(error)]) from error
        access.replace(roles)
        allowed.replace(after.redirect.allow)
        retention.replace(_retention(after.history))
        calls_kept.replace(_calls_kept(after.history))
        recent_calls.thresholds.replace(_thresholds(after.calls))
        events.kept = after.history.events
        audit.kept_s = _audit_kept_s(after.history)
        _configure_alerts(after.alerts, channels, alerts, _timing(after))
        test_calls.rules = _test_call_rules(after.test_calls)
        rules.configure(after.alerts.rules, built_in=after.alerts.built_in)
        if around.logs is not None:
            around.logs.set_level(after.daemon.log_level)

    notifier = around.manager.notifier
    reloader = Reloader(config, around.reloads, use, notifier)

    listeners.open()
    try:
        metrics_server.open()
        monitor.open()
    except (ListenError, BindError):
        listeners.close()
        metrics_server.close()
        raise
    history.load()
    store.read_now(watching.load_all)
    store.read_now(book.load)
    rules.load()
    channels.load()
    alerts.load()
    store.read_now(recent_calls.load)
    store.read_now(tested.load)
    gc.collect()
    gc.freeze()

    async with asyncio.TaskGroup() as tasks:
        parts = (monitor, recorder, history, events, audit, maintenance, runs, trunks, status, redirects)
        more = (listeners, alerts, deliverer, test_calls, scheduler)
        background = [tasks.create_task(part.run()) for part in (*parts, *more)]
        background += [
            tasks.create_task(part.run())
            for part in (recent_calls, CallPruner(store, calls_kept), rtt, metrics_server)
        ]
        serving = tasks.create_task(server.run())
        await server.answers()
        await _announce(events, EventType.DAEMON_STARTED)
        log.info("provd %s answers at %s", __version__, listener.path)
        notifier.ready(f"answers at {listener.path}")
        background += [tasks.create_task(part.run()) for part in _outward(around, reloader, store, monitor)]
        await stop.wait()

        notifier.stopping()
        log.info("stopping")
        await test_calls.stop()
        await _announce(events, EventType.DAEMON_STOPPING)
        hub.close()
        server.stop()
        await serving
        for task in background:
            task.cancel()
    await audit.flush()
    await recorder.flush()
    await history.flush()
    log.info("stopped")


def _outward(
    around: Surroundings, reloader: Reloader, store: Store, monitor: Monitor
) -> list[Reloader | Logs | Watchdog]:
    """The parts that have to do with where the daemon runs."""
    prober = monitor.prober

    def checking() -> tuple[object, float]:
        due = prober.schedule.next_at()
        return (prober.sent, prober.answers, due), due

    parts: list[Reloader | Logs | Watchdog] = [reloader]
    if around.logs is not None:
        parts.append(around.logs)
    if around.manager.watchdog_s is not None:
        notifier, period_s = around.manager.notifier, around.manager.watchdog_s
        parts.append(Watchdog(notifier, period_s, store.prove_writer, checking))
    return parts


def _listener(config: Config, manager: ServiceManager) -> Listener:
    if manager.sockets:
        return InheritedListener(manager.sockets)
    daemon = config.daemon
    return BoundListener(daemon.socket, int(daemon.socket_mode, 8), daemon.socket_group)


def _access(section: AccessSection) -> Access:
    return make_access(
        {Role.ADMIN: section.admins, Role.OPERATOR: section.operators, Role.VIEWER: section.viewers}
    )


async def _announce(events: EventService, kind: EventType) -> None:
    try:
        await events.announce(kind)
    except StoreError as error:
        log.error("%s was not recorded: %s", kind.value, error)


def _test_call_rules(section: TestCallsSection) -> Rules:
    return Rules(
        allow=tuple(section.allow),
        max_per_hour=section.max_per_hour,
        max_seconds_per_day=section.max_seconds_per_day,
        ring_s=section.ring_s,
        kept_s=section.kept_d * 86400.0,
        schedule={
            name: Planned(
                each.provider,
                CallTestRequest(
                    destination=each.destination, mode=each.mode, max_duration_s=each.max_duration_s
                ),
                each.every_min * 60.0,
            )
            for name, each in section.schedule.items()
        },
    )


def _make_monitor(
    config: Config,
    resolver: Resolver,
    tls_files: TlsFiles,
    responder: Responder,
    history: HistoryKeeper[Target],
    collector: SampleCollector,
) -> Monitor:
    probe = config.probe
    return Monitor(
        resolver,
        Endpoints(_socket_address(probe.bind), _socket_address(probe.bind6)),
        StreamClient(tls_files, responder.answer),
        MonitorHooks(
            on_request=responder.answer_datagram,
            attach=history.attach,
            detach=history.detach,
            keep_sample=collector.keep,
        ),
        max_rate=probe.max_rate,
        dns_max_age_s=config.dns.max_age_s,
    )


def _probe_defaults(config: Config) -> ProbeSettings:
    probe = config.probe
    return ProbeSettings(
        interval_s=probe.interval_s,
        timeout_s=probe.timeout_s,
        fall=probe.fall,
        rise=probe.rise,
        codes=parse_codes(probe.codes),
        rollup=probe.rollup,
        shape=RequestShape(
            user_agent=probe.user_agent,
            from_uri=probe.from_uri,
            contact=probe.contact,
            max_forwards=probe.max_forwards,
        ),
    )


def _retention(history: HistorySection) -> Retention:
    return Retention(
        minutes_s=round(history.minutes_h * 3600),
        hours_s=round(history.hours_d * 86400),
        transitions_s=round(history.transitions_d * 86400) or None,
        traces=history.traces,
        max_targets=history.max_targets,
    )


def _timing(config: Config) -> Timing:
    alerts, probe = config.alerts, config.probe
    return Timing(
        group_wait_s=alerts.group_wait_s,
        clear_s=alerts.clear_s,
        remind_s=alerts.remind_h * 3600,
        escalate_after_s=alerts.escalate_after_min * 60,
        settle_s=probe.interval_s + probe.timeout_s,
    )


def _configure_alerts(
    section: AlertsSection, channels: ChannelBook, alerts: AlertKeeper, timing: Timing
) -> None:
    commands = {
        name: ConfiguredCommand(tuple(each.run), each.min_severity, each.timeout_s)
        for name, each in section.commands.items()
    }
    channels.configure(commands, journal=section.journal)
    alerts.configure(timing, section.escalate_to, section.kept_d * 86400)


def _calls_kept(history: HistorySection) -> CallRetention:
    return CallRetention(calls_s=history.calls_d * 86400, rollups_s=history.call_rollups_d * 86400)


def _thresholds(calls: CallsSection) -> Thresholds:
    return Thresholds(calls.min_attempts, calls.ner_min_pct, calls.ner_drop_pct)


def _audit_kept_s(history: HistorySection) -> float | None:
    return history.audit_d * 86400 or None


def _socket_address(text: str) -> SocketAddress:
    host, _, port = text.rpartition(":")
    return parse_hostname(host).host, int(port)


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
