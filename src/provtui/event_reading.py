"""Reads the event log, and takes from the stream what is added to it."""

from collections.abc import Iterable

from provd.client import Event
from provd.schema.events import EventType, LoggedEvent
from provtui.event_words import EventLine, event_line
from provtui.session import Session
from provtui.widgets.log_pane import PAGE, ReadPage


def log_of(session: Session, provider_id: str = "") -> ReadPage[EventLine]:
    """Give what reads the log's pages, without entries of the audit log; of one provider, or of all."""

    async def read(token: str) -> tuple[list[EventLine], str]:
        page = await session.client.event_log(page_size=PAGE, page_token=token, provider_id=provider_id)
        now = session.clock()
        lines = [event_line(each, now) for each in page.result if each.type is not EventType.AUDIT]
        return lines, page.next_page_token

    return read


def told(events: Iterable[Event], now: float, provider_id: str = "") -> list[EventLine]:
    """Give the lines of those of ``events`` that the log keeps too; of one provider, or of all."""
    lines = []
    for event in events:
        if event.seq is None or event.type is EventType.AUDIT:
            continue
        data = event.data.model_dump(mode="json")
        about = data.get("provider_id")
        if provider_id in ("", about):
            logged = LoggedEvent(seq=event.seq, type=event.type, at=data["at"], provider_id=about, data=data)
            lines.append(event_line(logged, now))
    return lines
