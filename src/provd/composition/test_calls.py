"""Test calls."""

from dataclasses import dataclass

from provd.agent.calling.caller import Caller
from provd.composition.base import Base
from provd.composition.calls import Calls
from provd.composition.checking import Checking
from provd.composition.records import Records
from provd.composition.settings import test_call_rules_of
from provd.composition.setups import Setups
from provd.config import Config
from provd.services.test_calls.logins import LoginBook
from provd.services.test_calls.schedule import Scheduler
from provd.services.test_calls.service import CallTestService


@dataclass(frozen=True, slots=True)
class TestCalls:
    """``scheduler`` has ``service`` place those that are planned."""

    logins: LoginBook
    service: CallTestService
    scheduler: Scheduler


def compose_test_calls(
    config: Config, base: Base, calls: Calls, checking: Checking, records: Records, setups: Setups
) -> TestCalls:
    """Build them."""
    logins = LoginBook(base.store, setups.keys, records.providers)
    service = CallTestService(
        base.store,
        base.hub,
        records.providers,
        checking.watching,
        logins,
        Caller(checking.resolver, checking.tls_files),
        config.probe.user_agent,
    )
    service.rules, service.on_result = test_call_rules_of(config.test_calls), calls.lessons.take
    return TestCalls(logins=logins, service=service, scheduler=Scheduler(base.store, service))
