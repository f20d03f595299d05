"""What test calls say of providers."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from provd.schema.calls import CallRecord, CallReport
from provd.schema.test_calls import CallMode, CallOutcome, CallTest
from provd.services.calls.intake import CallService
from provd.services.test_calls.lessons import CallTestLessons, call_record
from provd.services.test_calls.results import UNKNOWN
from provd.store.engine import Store
from provd.store.tables import CallTestRow, ProviderRow
from tests.fakes.new_store import make_store

AT = "2026-01-01 00:00:00.000000"
ROW = cast(ProviderRow, None)


def ended(outcome: CallOutcome, **fields: Any) -> CallTest:
    given = {"schedule": "hourly", "mode": CallMode.ANSWER, "cause_text": "It said no.", **fields}
    return CallTest(
        id="c1",
        provider_id="p1",
        provider="Acme",
        by="provd",
        destination="+15550100",
        outcome=outcome,
        tm_create=AT,
        **given,
    )


class Calls:
    """Takes records."""

    def __init__(self) -> None:
        self.records: list[CallRecord] = []

    async def take_one(self, record: CallRecord) -> CallReport:
        self.records.append(record)
        return CallReport(created=1)


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def results(calls: Calls) -> CallTestLessons:
    return CallTestLessons(cast(CallService, calls))


async def test_a_scheduled_call_that_does_not_get_through_is_told_until_one_does(
    results: CallTestLessons,
) -> None:
    results.take(ROW, ended(CallOutcome.REJECTED, code=503))
    assert results.failing == {"p1": "the test call to +15550100 did not get through: It said no."}
    results.take(ROW, ended(CallOutcome.CANCELLED))
    assert "p1" in results.failing
    results.take(ROW, ended(CallOutcome.RINGING, mode=CallMode.RING, schedule=""))
    assert results.failing == {}


async def test_one_that_somebody_asked_for_raises_nothing(results: CallTestLessons) -> None:
    results.take(ROW, ended(CallOutcome.REJECTED, code=404, schedule=""))
    assert results.failing == {}


REFUSED = ended(CallOutcome.REJECTED)
GOT_THROUGH = ended(CallOutcome.RINGING, schedule="")


@pytest.mark.parametrize(
    ("history", "failing"),
    [
        ([REFUSED], True),
        ([REFUSED, ended(CallOutcome.CANCELLED)], True),
        ([REFUSED, ended(CallOutcome.REJECTED, schedule="")], True),
        ([REFUSED, ended(CallOutcome.RUNNING)], True),
        ([REFUSED, GOT_THROUGH], False),
        ([GOT_THROUGH, REFUSED], True),
        ([ended(CallOutcome.FAILED, cause_text=UNKNOWN)], False),
        ([REFUSED, ended(CallOutcome.FAILED, cause_text=UNKNOWN)], True),
    ],
)
async def test_after_a_restart_it_is_what_it_was(
    results: CallTestLessons, tmp_path: Path, history: list[CallTest], failing: bool
) -> None:
    make_store(tmp_path / "provd.db")
    store = Store(tmp_path / "provd.db")
    async with store.write() as transaction:
        for number, each in enumerate(history):
            fields = {"id": f"c{number}", "tm_create": f"2026-01-01 00:0{number}:00.000000"}
            transaction.session.add(
                CallTestRow(
                    **fields,
                    provider_id=each.provider_id,
                    uid=0,
                    outcome=each.outcome.value,
                    seconds=0.0,
                    result=each.model_copy(update=fields).model_dump(mode="json"),
                )
            )
    store.read_now(results.load)
    await store.close()
    assert bool(results.failing) == failing


async def test_an_answered_call_is_one_of_the_providers_calls(results: CallTestLessons, calls: Calls) -> None:
    results.take(
        ROW, ended(CallOutcome.ANSWERED, code=200, talk_ms=3000, setup_ms=900, pdd_ms=300, codec="PCMU")
    )
    await asyncio.sleep(0)
    (record,) = calls.records
    assert (record.provider, record.id, record.code, record.duration_s) == ("p1", "test-c1", 200, 3.0)


@pytest.mark.parametrize(
    ("outcome", "fields", "code"),
    [
        (CallOutcome.ANSWERED, {"code": 200}, 200),
        (CallOutcome.REJECTED, {"code": 503}, 503),
        (CallOutcome.BUSY, {"code": 486}, 486),
        (CallOutcome.NO_ANSWER, {"code": 487}, 487),
        (CallOutcome.TIMEOUT, {}, 408),
        (CallOutcome.FAILED, {}, None),
        (CallOutcome.CANCELLED, {"code": 487}, None),
        (CallOutcome.RINGING, {"code": 487, "mode": CallMode.RING}, None),
        (CallOutcome.REJECTED, {"code": 503, "mode": CallMode.RING}, None),
    ],
)
def test_what_counts_as_a_call(outcome: CallOutcome, fields: dict[str, Any], code: int | None) -> None:
    record = call_record(ended(outcome, **fields))
    assert (None if record is None else record.code) == code
