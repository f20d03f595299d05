"""Events as lines: words for people, one value a line for programs."""

import json

import pytest
import yaml

from provd.cli.event_lines import event_line, logged_line
from provd.cli.output import Output, columns
from provd.client import Announced, Event, EventData
from provd.schema.alerts import AlertEvent, AlertState, Severity
from provd.schema.audit import AuditEntry, Outcome
from provd.schema.events import (
    DaemonEvent,
    EventType,
    HealthAddresses,
    HealthCertificate,
    HealthChanged,
    HealthFlapping,
    HealthSample,
    Hello,
    ImportEvent,
    LoggedEvent,
    MaintenanceEvent,
    ProviderEvent,
    Resync,
    RouteEvent,
    Sample,
    UplinkEvent,
)
from provd.schema.health import Cause, CertificateInfo, HealthStatus
from provd.schema.maintenance import Maintenance
from provd.schema.provider import Transport
from provd.schema.redirect import CallRedirected, Redirect
from provd.schema.route import Route
from provd.schema.setup import (
    DriftEvent,
    Finding,
    SetupChangedEvent,
    SetupState,
    SetupStepEvent,
    StepState,
)
from provd.schema.test_calls import CallOutcome, CallTestEnded, CallTestStep, LadderStep
from provd.schema.timestamps import NEVER, to_timestamp
from provd.schema.trace import TracedExchange
from tests.fakes.fake_client import NOW, a_provider

AT = to_timestamp(NOW)
CHANGED = HealthChanged(
    provider_id="1",
    name="Acme",
    at=AT,
    previous=HealthStatus.HEALTHY,
    status=HealthStatus.UNHEALTHY,
    cause=Cause.TIMEOUT,
    explanation="No answer within 5 s.",
)
CREATED = ProviderEvent(provider_id="1", at=AT, by="mara", provider=a_provider("Acme"))
STARTED = DaemonEvent(at=AT, version="1.2.3")
HELLO = Hello(seq=7, version="1.2.3")
RESYNC = Resync(seq=7, message="read the lists anew")
SAMPLES = HealthSample(
    samples=[
        Sample(provider_id="1", at=AT, status=HealthStatus.HEALTHY, cause=Cause.OK, code=200, rtt_ms=12.34),
        Sample(provider_id="2", at=AT, status=HealthStatus.UNHEALTHY, cause=Cause.TIMEOUT),
    ]
)
FLAPPING = HealthFlapping(
    provider_id="1", name="Acme", at=AT, flapping=True, explanation="It goes up and down again and again."
)
ADDRESSES = HealthAddresses(
    provider_id="1",
    name="Acme",
    at=AT,
    addresses=["192.0.2.1:5060", "192.0.2.3:5060"],
    added=["192.0.2.3:5060"],
    removed=["192.0.2.2:5060"],
)
CERTIFICATE = HealthCertificate(
    provider_id="1",
    name="Acme",
    at=AT,
    address="192.0.2.1:5061",
    threshold_days=7,
    certificate=CertificateInfo(subject="CN=a", issuer="CN=b", not_after=AT, days_left=6),
    explanation="The carrier's certificate ends in 6 days.",
)
MAINTENANCE = MaintenanceEvent(
    provider_id="1", name="Acme", at=AT, by="mara", maintenance=Maintenance(until=AT, reason="SBC", by="mara")
)
SUSPECT = UplinkEvent(at=AT, failing=5, explanation="5 providers failed one after the other.")
EXCHANGE = TracedExchange(
    provider_id="1",
    at=AT,
    target="192.0.2.1:5060",
    transport=Transport.UDP,
    cause=Cause.OK,
    code=200,
    rtt_ms=12.34,
    sent="OPTIONS",
    received="SIP/2.0 200 OK",
)
REDIRECTED = CallRedirected(
    redirects=[
        Redirect(
            at=AT,
            source="127.0.0.1:5080",
            transport="udp",
            call_id="1@pbx",
            caller="+15550001111",
            destination="sip:+442071838750@provd",
            number="+442071838750",
            code=404,
            attempts=[],
            skipped=[],
            message="No route is for this number.",
        )
    ]
)
STEP = SetupStepEvent(
    setup_id="7",
    at=AT,
    carrier="telnyx",
    name="Acme",
    number=2,
    steps=5,
    step="connection",
    title="Create the IP connection",
    state=StepState.LEFT,
    note="Telnyx is down",
)
SETUP = SetupChangedEvent(
    setup_id="7", at=AT, carrier="telnyx", name="Acme", state=SetupState.UNDONE, error="No such key."
)
DRIFT = DriftEvent(
    provider_id="1",
    name="Acme",
    at=AT,
    findings=[Finding(step="ip_1", kind="missing", carrier_id="42", message="42 is not there")],
)
ROUTE = RouteEvent(
    at=AT,
    by="mara",
    provider_id="1",
    route=Route(
        id="r",
        customer_id="c",
        name="UK",
        provider_id="1",
        priority=1,
        weight=3,
        target="+44",
        enabled=True,
        revision=1,
        tm_create=AT,
        tm_update=AT,
    ),
)
ALERTED = AlertEvent(
    alert_id="7109e73a-026f-4edc-8eb3-d297bdf8fe88",
    rule="unhealthy",
    severity=Severity.CRITICAL,
    state=AlertState.OPEN,
    at=AT,
    title="500 providers: unhealthy",
    providers_total=500,
    providers_failing=480,
)
AUDITED = AuditEntry(
    seq=4,
    at=AT,
    uid=1000,
    user="mara",
    pid=77,
    role="viewer",
    method="DELETE",
    action="access.refused",
    kind="call",
    object_id="",
    name="DELETE /v1.0/providers/1",
    revision=0,
    request_id="r-1",
    outcome=Outcome.REFUSED,
    message="ROLE_TOO_LOW",
    before=None,
    after=None,
    previous="0",
    hash="1",
)
CALLED = CallTestEnded(
    provider_id="1",
    name="Acme",
    at=AT,
    call_id="2",
    by="mara",
    destination="+15550100",
    outcome=CallOutcome.BUSY,
    code=486,
    cause_text="The line that was called is busy.",
)
CALL_STEP = CallTestStep(
    provider_id="1", call_id="2", at=AT, step=LadderStep(at_ms=812.9, way="in", text="180 Ringing")
)
DURABLE: dict[EventType, tuple[Announced, str]] = {
    EventType.HEALTH_CHANGED: (CHANGED, "Acme: healthy -> unhealthy. No answer within 5 s."),
    EventType.HEALTH_FLAPPING: (FLAPPING, "Acme: It goes up and down again and again."),
    EventType.HEALTH_ADDRESSES: (
        ADDRESSES,
        "Acme leads to 192.0.2.1:5060, 192.0.2.3:5060 (new 192.0.2.3:5060; gone 192.0.2.2:5060)",
    ),
    EventType.HEALTH_CERTIFICATE: (
        CERTIFICATE,
        "Acme, 192.0.2.1:5061: The carrier's certificate ends in 6 days.",
    ),
    EventType.PROVIDER_CREATED: (CREATED, "Acme (sip.acme.example) by mara"),
    EventType.PROVIDER_UPDATED: (CREATED, "Acme (sip.acme.example) by mara"),
    EventType.PROVIDER_DELETED: (CREATED, "Acme (sip.acme.example) by mara"),
    EventType.PROVIDER_MAINTENANCE: (MAINTENANCE, f"Acme: in maintenance until {AT}, by mara: SBC"),
    EventType.PROVIDERS_IMPORTED: (
        ImportEvent(at=AT, by="mara", created=3, updated=1),
        "3 created, 1 updated by mara",
    ),
    EventType.PROVIDER_DRIFT: (DRIFT, "Acme: 42 is not there"),
    EventType.ROUTE_CREATED: (ROUTE, "UK: +44, priority 1, weight 3, by mara"),
    EventType.ROUTE_UPDATED: (ROUTE, "UK: +44, priority 1, weight 3, by mara"),
    EventType.ROUTE_DELETED: (ROUTE, "UK: +44, priority 1, weight 3, by mara"),
    EventType.SETUP_STEP: (STEP, "Acme: 2/5 Create the IP connection: left (Telnyx is down)"),
    EventType.SETUP_CHANGED: (SETUP, "Acme at telnyx: undone. No such key."),
    EventType.AUDIT: (
        AUDITED,
        "access.refused DELETE /v1.0/providers/1 by mara, refused: ROLE_TOO_LOW",
    ),
    EventType.ALERT_OPENED: (ALERTED, "[critical] 500 providers: unhealthy: open, 480 of 500 still"),
    EventType.ALERT_ACKNOWLEDGED: (
        ALERTED.model_copy(update={"state": AlertState.ACKNOWLEDGED, "by": "mara"}),
        "[critical] 500 providers: unhealthy: acknowledged by mara, 480 of 500 still",
    ),
    EventType.ALERT_CHANGED: (ALERTED, "[critical] 500 providers: unhealthy: open, 480 of 500 still"),
    EventType.ALERT_ESCALATED: (ALERTED, "[critical] 500 providers: unhealthy: open, 480 of 500 still"),
    EventType.ALERT_RESOLVED: (
        ALERTED.model_copy(
            update={"state": AlertState.RESOLVED, "title": "Acme: down", "providers_total": 1}
        ),
        "[critical] Acme: down: resolved",
    ),
    EventType.TEST_CALL_ENDED: (CALLED, "Acme: +15550100: busy. The line that was called is busy."),
    EventType.DAEMON_STARTED: (STARTED, "provd 1.2.3"),
    EventType.DAEMON_STOPPING: (STARTED, "provd 1.2.3"),
    EventType.DAEMON_UPLINK_SUSPECT: (SUSPECT, "5 providers failed one after the other."),
    EventType.DAEMON_UPLINK_RESTORED: (
        UplinkEvent(at=AT, failing=0, explanation="A provider answers again."),
        "A provider answers again.",
    ),
}
OTHERS: dict[EventType, EventData] = {
    EventType.HELLO: HELLO,
    EventType.RESYNC: RESYNC,
    EventType.HEALTH_SAMPLE: SAMPLES,
    EventType.HEALTH_TRACE: EXCHANGE,
    EventType.CALL_REDIRECTED: REDIRECTED,
    EventType.TEST_CALL_STEP: CALL_STEP,
}


def a_logged(kind: EventType) -> LoggedEvent:
    data, _ = DURABLE[kind]
    return LoggedEvent(seq=12, type=kind, at=AT, provider_id="1", data=data.model_dump(mode="json"))


def test_every_kind_of_event_is_in_these_tests() -> None:
    assert {*DURABLE, *OTHERS} == set(EventType)


@pytest.mark.parametrize("kind", DURABLE)
def test_a_new_event_says_when_and_what(kind: EventType) -> None:
    data, words = DURABLE[kind]
    assert event_line(Event(kind, 12, data), Output.TABLE) == f"{AT}  {kind.value}  {words}"


@pytest.mark.parametrize("kind", DURABLE)
def test_a_past_event_has_its_number_and_the_same_words(kind: EventType) -> None:
    assert logged_line(a_logged(kind)) == ("12", AT, kind.value, DURABLE[kind][1])


@pytest.mark.parametrize(
    ("maintenance", "by", "words"),
    [
        (Maintenance(by="mara"), "mara", "Acme: in maintenance until it is ended, by mara"),
        (Maintenance(until=NEVER, by="mara", reason="x"), "joe", "until it is ended, by mara: x"),
        (None, "mara", "Acme: maintenance ended by mara"),
        (None, "", "Acme: maintenance is over"),
    ],
)
def test_maintenance_is_told_with_its_end(maintenance: Maintenance | None, by: str, words: str) -> None:
    data = MAINTENANCE.model_copy(update={"maintenance": maintenance, "by": by})
    assert event_line(Event(EventType.PROVIDER_MAINTENANCE, 12, data), Output.TABLE).endswith(words)


def test_drift_that_is_over_says_so() -> None:
    line = event_line(
        Event(EventType.PROVIDER_DRIFT, 12, DRIFT.model_copy(update={"findings": []})), Output.TABLE
    )
    assert line.endswith("Acme: the carrier has again what was set up")


def test_a_name_that_leads_nowhere_says_so() -> None:
    data = ADDRESSES.model_copy(update={"addresses": [], "added": []})
    line = event_line(Event(EventType.HEALTH_ADDRESSES, 12, data), Output.TABLE)
    assert line.endswith("Acme leads to no address (gone 192.0.2.2:5060)")


def test_an_exchange_is_one_line_among_events() -> None:
    line = event_line(Event(EventType.HEALTH_TRACE, None, EXCHANGE), Output.TABLE)
    assert line == f"{AT}  trace  1  ok  12.3 ms"


def test_people_need_not_see_the_hello() -> None:
    assert event_line(Event(EventType.HELLO, None, HELLO), Output.TABLE) == ""


def test_each_sample_is_a_line() -> None:
    assert event_line(Event(EventType.HEALTH_SAMPLE, None, SAMPLES), Output.TABLE).splitlines() == [
        f"{AT}  sample  1  ok  12.3 ms",
        f"{AT}  sample  2  timeout  -",
    ]


def test_a_resync_stands_under_the_others() -> None:
    line = event_line(Event(EventType.RESYNC, None, RESYNC), Output.TABLE)
    assert line == " " * len(AT) + "  resync  read the lists anew"


@pytest.mark.parametrize("kind", EventType)
def test_programs_get_every_event_with_all_it_has(kind: EventType) -> None:
    data = DURABLE[kind][0] if kind in DURABLE else OTHERS[kind]
    seq = 12 if kind.durable else None
    as_json = event_line(Event(kind, seq, data), Output.JSON)
    as_yaml = event_line(Event(kind, seq, data), Output.YAML)
    expected = {"seq": seq, "type": kind.value, "data": data.model_dump(mode="json")}
    assert "\n" not in as_json
    assert json.loads(as_json) == expected
    assert list(yaml.safe_load_all(f"{as_yaml}\n{as_yaml}\n")) == [expected, expected]


def test_text_from_elsewhere_cannot_reach_a_terminal_by_way_of_json() -> None:
    hostile = CHANGED.model_copy(update={"name": "\x9b2J\u202e\x7f \U000e0041 Zürich"})
    line = event_line(Event(EventType.HEALTH_CHANGED, 12, hostile), Output.JSON)
    assert not set("\x9b\u202e\x7f\U000e0041") & set(line)
    assert json.loads(line)["data"]["name"] == hostile.name
    assert "Zürich" in line


def test_remote_text_is_harmless_in_a_line() -> None:
    hostile = CHANGED.model_copy(update={"name": "two\nlines\x1b[2J", "explanation": "\u202eevil\x07"})
    line = event_line(Event(EventType.HEALTH_CHANGED, 12, hostile), Output.TABLE)
    event = a_logged(EventType.HEALTH_CHANGED).model_copy(update={"data": hostile.model_dump(mode="json")})
    table = columns(("NUMBER", "TIME", "EVENT", "WHAT"), [logged_line(event)])
    assert not set("\x1b\x07\u202e") & set(line + table)
    assert len(line.splitlines()) == 1
    assert len(table.splitlines()) == 2
