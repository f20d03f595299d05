"""Kamailio's belief beside ours."""

from typing import Any

import pytest

from provd.routing.dispatcher_states import Destination, compare, destinations, missing
from provd.schema.health import HealthStatus, HealthSummary
from provd.schema.maintenance import Maintenance
from provd.schema.provider import Provider
from provd.schema.timestamps import NEVER

KEY = "11111111-2222-4333-8444-555555555555"
KEPT = Maintenance(until=NEVER, reason="", by="me")


def provider(**fields: Any) -> Provider:
    return Provider(
        **{
            "id": KEY,
            "name": "a carrier",
            "hostname": "192.0.2.1",
            "tm_create": NEVER,
            "tm_update": NEVER,
            "health": HealthSummary(explanation=""),
            **fields,
        }
    )


def found(flags: str, duid: str = KEY) -> Destination:
    return Destination(1, "sip:192.0.2.1", flags, duid)


@pytest.mark.parametrize(
    ("fields", "flags", "wanted", "differs"),
    [
        ({"health_status": HealthStatus.HEALTHY}, "AP", "A", False),
        ({"health_status": HealthStatus.HEALTHY}, "TP", "A", True),
        ({"health_status": HealthStatus.HEALTHY}, "DX", "A", True),
        ({"health_status": HealthStatus.UNHEALTHY}, "AX", "I", True),
        ({"health_status": HealthStatus.UNHEALTHY}, "IP", "I", False),
        ({"health_status": HealthStatus.UNKNOWN}, "IX", None, False),
        ({"health_status": HealthStatus.HEALTHY, "enabled": False}, "AX", "D", True),
        ({"health_status": HealthStatus.HEALTHY, "maintenance": KEPT}, "AX", "D", True),
    ],
)
def test_what_people_said_comes_before_what_was_measured(
    fields: dict[str, Any], flags: str, wanted: str | None, differs: bool
) -> None:
    (compared,) = compare([found(flags)], {KEY: provider(**fields)})
    assert (compared.wanted, compared.differs) == (wanted, differs)


def test_pings_of_kamailio_go_on_unless_it_is_disabled() -> None:
    assert [found("AP").flags_for(state) for state in "AID"] == ["AP", "IP", "DX"]
    assert [found("AX").flags_for(state) for state in "AID"] == ["AX", "IX", "DX"]


def test_one_of_nobody_here_has_no_verdict_and_a_provider_without_one_is_missing() -> None:
    theirs = found("AX", "theirs")
    (compared,) = compare([theirs], {KEY: provider()})
    assert (compared.name, compared.wanted, compared.differs) == (None, None, False)
    assert missing([theirs], {KEY: provider()}) == ["a carrier"]
    assert missing([found("AX")], {KEY: provider()}) == []


@pytest.mark.parametrize(
    "result", [None, [], {}, {"RECORDS": [{}]}, {"RECORDS": [{"SET": {"ID": 1, "TARGETS": [{"DEST": 1}]}}]}]
)
def test_a_list_of_another_form_is_refused(result: Any) -> None:
    with pytest.raises(ValueError, match="can't be read"):
        list(destinations(result))


def test_attributes_are_not_always_there() -> None:
    entry = {"URI": "sip:a", "FLAGS": "AX", "PRIORITY": 0}
    result = {"RECORDS": [{"SET": {"ID": 2, "TARGETS": [{"DEST": entry}]}}]}
    assert list(destinations(result)) == [Destination(2, "sip:a", "AX", "")]
