"""Events as lines: words for people, one value a line for programs."""

import json

import pytest
import yaml

from provd.cli.event_lines import event_line, logged_line
from provd.cli.output import Output, columns
from provd.client import Event, EventData
from provd.schema.events import (
    DaemonEvent,
    EventType,
    HealthChanged,
    HealthSample,
    Hello,
    LoggedEvent,
    ProviderEvent,
    Resync,
    Sample,
)
from provd.schema.health import Cause, HealthStatus
from provd.schema.timestamps import to_timestamp
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
DURABLE: dict[EventType, tuple[HealthChanged | ProviderEvent | DaemonEvent, str]] = {
    EventType.HEALTH_CHANGED: (CHANGED, "Acme: healthy -> unhealthy. No answer within 5 s."),
    EventType.PROVIDER_CREATED: (CREATED, "Acme (sip.acme.example) by mara"),
    EventType.PROVIDER_UPDATED: (CREATED, "Acme (sip.acme.example) by mara"),
    EventType.PROVIDER_DELETED: (CREATED, "Acme (sip.acme.example) by mara"),
    EventType.DAEMON_STARTED: (STARTED, "provd 1.2.3"),
    EventType.DAEMON_STOPPING: (STARTED, "provd 1.2.3"),
}
OTHERS: dict[EventType, EventData] = {
    EventType.HELLO: HELLO,
    EventType.RESYNC: RESYNC,
    EventType.HEALTH_SAMPLE: SAMPLES,
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


@pytest.mark.parametrize("kind", [kind for kind in DURABLE if not kind.value.startswith("daemon.")])
def test_a_past_event_has_its_number_and_the_same_words(kind: EventType) -> None:
    assert logged_line(a_logged(kind)) == ("12", AT, kind.value, DURABLE[kind][1])


@pytest.mark.parametrize("kind", [EventType.DAEMON_STARTED, EventType.DAEMON_STOPPING])
def test_a_past_start_or_stop_has_its_number_and_time(kind: EventType) -> None:
    assert logged_line(a_logged(kind))[:3] == ("12", AT, kind.value)


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


def test_remote_text_is_harmless_in_a_line() -> None:
    hostile = CHANGED.model_copy(update={"name": "two\nlines\x1b[2J", "explanation": "\u202eevil\x07"})
    line = event_line(Event(EventType.HEALTH_CHANGED, 12, hostile), Output.TABLE)
    event = a_logged(EventType.HEALTH_CHANGED).model_copy(update={"data": hostile.model_dump(mode="json")})
    table = columns(("NUMBER", "TIME", "EVENT", "WHAT"), [logged_line(event)])
    assert not set("\x1b\x07\u202e") & set(line + table)
    assert len(line.splitlines()) == 1
    assert len(table.splitlines()) == 2
