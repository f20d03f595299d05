"""Checks of providers, and what is learnt from them."""

import os
from dataclasses import dataclass

from provd.agent.responder import Responder
from provd.composition.base import Base
from provd.composition.calls import Calls
from provd.composition.settings import (
    probe_defaults_of,
    retention_of,
    socket_addresses_of,
    tls_files_of,
)
from provd.config import Config
from provd.probe.collector import SampleCollector
from provd.probe.endpoints import Endpoints
from provd.probe.monitor import Monitor, MonitorHooks
from provd.probe.resolver import Resolver
from provd.probe.stream.client import StreamClient
from provd.probe.stream.tls import TlsFiles
from provd.probe.target import Target
from provd.services.history.keeper import HistoryKeeper
from provd.services.history.retention import Retention
from provd.services.metrics.rtt import RttHistograms
from provd.services.probe_settings import SettingsMaker
from provd.services.recorder import HealthRecorder
from provd.services.target_report import target_name
from provd.services.watching import Watching


@dataclass(frozen=True, slots=True)
class Checking:
    """``monitor`` checks what ``watching`` tells it to; ``recorder``, ``history`` and ``rtt`` keep it."""

    resolver: Resolver
    tls_files: TlsFiles
    responder: Responder
    monitor: Monitor
    watching: Watching
    recorder: HealthRecorder
    retention: Retention
    history: HistoryKeeper[Target]
    rtt: RttHistograms


def compose_checking(config: Config, base: Base, calls: Calls) -> Checking:
    """Build them. Raises TlsFilesError."""
    responder = Responder(config.probe.user_agent, os.urandom(16))
    carriers: dict[str, str] = {}
    rtt, collector = RttHistograms(carriers), SampleCollector()
    retention = retention_of(config.history)
    history = HistoryKeeper(
        rtt.tap(collector.take), target_name, base.store, retention, believed=base.believed
    )
    resolver = Resolver(config.dns.nameservers, naptr=config.dns.naptr)
    tls_files = tls_files_of(config.tls)
    monitor = Monitor(
        resolver,
        Endpoints(*socket_addresses_of(config.probe)),
        StreamClient(tls_files, responder.answer),
        MonitorHooks(
            on_request=responder.answer_datagram,
            attach=history.attach,
            detach=history.detach,
            keep_sample=collector.keep,
        ),
        max_rate=config.probe.max_rate,
        dns_max_age_s=config.dns.max_age_s,
    )
    watching = Watching(
        monitor,
        SettingsMaker(probe_defaults_of(config.probe)),
        history.availability_24h,
        calls.recent.impairment,
        carriers,
    )
    return Checking(
        resolver=resolver,
        tls_files=tls_files,
        responder=responder,
        monitor=monitor,
        watching=watching,
        recorder=HealthRecorder(monitor, base.store, base.hub),
        retention=retention,
        history=history,
        rtt=rtt,
    )
