"""Alerts, and who is told of them."""

from dataclasses import dataclass

from provd.composition.base import Base
from provd.composition.calls import Calls
from provd.composition.checking import Checking
from provd.composition.settings import commands_of, timing_of
from provd.composition.setups import Setups
from provd.config import Config
from provd.services.alerts.channels import ChannelBook
from provd.services.alerts.deliverer import Deliverer
from provd.services.alerts.keeper import AlertKeeper
from provd.services.alerts.readings import Readings
from provd.services.alerts.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Alerting:
    """``keeper`` finds what ``rules`` are about, and ``deliverer`` takes it to ``channels``."""

    rules: RuleBook
    channels: ChannelBook
    deliverer: Deliverer
    keeper: AlertKeeper

    def configure(self, config: Config) -> None:
        """Take over what of the configuration is not in the rules."""
        section = config.alerts
        self.channels.configure(commands_of(section), journal=section.journal)
        self.keeper.configure(timing_of(section), section.escalate_to, section.kept_d * 86400)


def compose_alerting(
    config: Config, base: Base, calls: Calls, checking: Checking, setups: Setups
) -> Alerting:
    """Build them."""
    store, monitor, availability = base.store, checking.monitor, checking.history.availability_24h
    rules = RuleBook(store, config.alerts.rules, built_in=config.alerts.built_in)
    channels = ChannelBook(store, setups.keys, rules.let_go)
    deliverer = Deliverer(store, channels)
    keeper = AlertKeeper(
        store,
        monitor.assessor.uplink,
        Readings(store, monitor, availability, calls.recent, calls.lessons.failing),
        rules,
        channels,
        deliverer,
        timing_of(config.alerts),
        base.believed,
    )
    alerting = Alerting(rules=rules, channels=channels, deliverer=deliverer, keeper=keeper)
    alerting.configure(config)
    return alerting
