"""What test calls say of providers: to the statistics of calls, and to the rules of alerts."""

import asyncio
import logging

from sqlalchemy.orm import Session

from provd.schema.calls import CallRecord
from provd.schema.test_calls import CallMode, CallOutcome, CallTest
from provd.services.calls.intake import CallService
from provd.services.test_calls.results import UNKNOWN
from provd.store import test_calls as stored
from provd.store.errors import StoreError
from provd.store.tables import ProviderRow

log = logging.getLogger(__name__)

_GOOD = (CallOutcome.ANSWERED, CallOutcome.RINGING, CallOutcome.BUSY)
_SILENT = (CallOutcome.CANCELLED, CallOutcome.RUNNING)
_NO_ANSWER = 408
_ANSWERED = 200


class CallTestLessons:
    """``failing`` has the providers whose latest scheduled test call did not get through, each with why, in a
    sentence, until one gets through, whoever asks for it.

    Calls that were to be answered count as calls; one that is hung up as soon as it rings is none.
    """

    def __init__(self, calls: CallService) -> None:
        self.failing: dict[str, str] = {}
        self._calls = calls
        self._telling: set[asyncio.Task[None]] = set()

    def load(self, session: Session) -> None:
        """Take in what each provider's calls say, at start-up: the latest that says anything."""
        for provider_id in stored.called(session):
            for row in stored.newest_first(session, provider_id):
                if self._judge(CallTest.model_validate(row.result)):
                    break

    def take(self, _provider: ProviderRow, result: CallTest) -> None:
        """Take in a call that has ended."""
        self._judge(result)
        record = call_record(result)
        if record is not None:
            task = asyncio.create_task(self._tell(record))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    def _judge(self, result: CallTest) -> bool:
        """Heed what a call says of its provider; whether it says anything."""
        if result.outcome in _GOOD:
            self.failing.pop(result.provider_id, None)
            return True
        if not result.schedule or result.outcome in _SILENT or result.cause_text == UNKNOWN:
            return False
        said = f"the test call to {result.destination} did not get through: {result.cause_text}"
        self.failing[result.provider_id] = said
        return True

    async def _tell(self, record: CallRecord) -> None:
        try:
            await self._calls.take_one(record)
        except (StoreError, ValueError) as error:
            log.warning("a test call is not among the calls of its provider: %s", error)


def call_record(result: CallTest) -> CallRecord | None:
    """A test call as a call that was reported; None for one that says nothing of how calls go."""
    code = result.code
    if result.outcome is CallOutcome.ANSWERED:
        code = _ANSWERED
    elif result.outcome in (CallOutcome.TIMEOUT, CallOutcome.NO_ANSWER):
        code = code or _NO_ANSWER
    elif result.outcome not in (CallOutcome.REJECTED, CallOutcome.BUSY):
        return None
    if result.mode is not CallMode.ANSWER or code is None or code < _ANSWERED:
        return None
    return CallRecord.model_validate(
        {
            "provider": result.provider_id,
            "code": code,
            "id": f"test-{result.id}",
            "at": result.tm_create,
            "destination": result.destination,
            "pdd_ms": result.pdd_ms,
            "setup_ms": result.setup_ms,
            "duration_s": None if result.talk_ms is None else result.talk_ms / 1000,
            "codec": result.codec or "",
            "loss_pct": result.rtp.loss_pct,
        }
    )
