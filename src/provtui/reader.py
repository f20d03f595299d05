"""Asks the daemon about one provider and posts what it said; nothing here touches a widget."""

from collections.abc import Callable

from pydantic import ValidationError
from textual.message import Message

from provd.client import ApiError, ClientError, DaemonUnavailable
from provd.schema.calls import CallStats
from provd.schema.events import EventType, Hello, LoggedEvent, Resync
from provd.schema.history import History, ProviderHealth
from provd.schema.route import DialPreview, DialRequest
from provd.schema.setup import Setup, Verification
from provd.schema.timestamps import to_timestamp
from provd.schema.trace import Trace, TracedExchange
from provtui.outcomes import Changed
from provtui.session import Session
from provtui.span import Asked, Span

PAST_EVENTS = 30
_NOT_SET_UP = "NOT_SET_UP"


class EventsRead(Message):
    """The provider's past events, newest first."""

    def __init__(self, events: list[LoggedEvent]) -> None:
        super().__init__()
        self.events = events


class HealthRead(Message):
    """Its health in full, or why it could not be read."""

    def __init__(self, value: ProviderHealth | None, error: str = "") -> None:
        super().__init__()
        self.value = value
        self.error = error


class HistoryRead(Message):
    """Its history as it was ``asked`` for, or why it could not be read."""

    def __init__(self, asked: Asked, value: History | None, error: str = "") -> None:
        super().__init__()
        self.asked = asked
        self.value = value
        self.error = error


class CallsRead(Message):
    """How its calls went over ``span``, or why that could not be read."""

    def __init__(self, span: Span, value: CallStats | None, error: str = "") -> None:
        super().__init__()
        self.span = span
        self.value = value
        self.error = error


class TraceRead(Message):
    """Its latest exchanges."""

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self.trace = trace


class Traced(Message):
    """An exchange that has just happened."""

    def __init__(self, exchange: TracedExchange) -> None:
        super().__init__()
        self.exchange = exchange


class TraceFailed(Message):
    """The exchanges could not be read, or are no longer followed; ``error`` says why."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error


class TrunkRead(Message):
    """The journal of the setup that made it; neither that nor an error: it was added by hand."""

    def __init__(self, value: Setup | None, error: str = "") -> None:
        super().__init__()
        self.value = value
        self.error = error


class Compared(Message):
    """Its trunk was compared with the carrier, or why it was not."""

    def __init__(self, value: Verification | None, error: str = "") -> None:
        super().__init__()
        self.value = value
        self.error = error


class Dialled(Message):
    """How what was ``asked`` about, a number and a caller, would be dialled, or why that can't be told."""

    def __init__(self, asked: tuple[str, str], value: DialPreview | None, error: str = "") -> None:
        super().__init__()
        self.asked = asked
        self.value = value
        self.error = error


class Reader:
    """Each call asks about the provider ``provider_id`` with the session's present client."""

    def __init__(self, session: Session, provider_id: str, post: Callable[[Message], object]) -> None:
        self._session = session
        self._id = provider_id
        self._post = post

    async def provider(self) -> None:
        """Read the provider and its past events; without the daemon, what is known stays as it is."""
        client = self._session.client
        try:
            self._post(Changed(await client.provider(self._id)))
            page = await client.event_log(provider_id=self._id, page_size=PAST_EVENTS)
        except ClientError:
            return  # the banner or the next event tells more
        self._post(EventsRead(page.result))

    async def health(self) -> None:
        """Read its health: targets, availability."""
        try:
            self._post(HealthRead(await self._session.client.health(self._id)))
        except ClientError as error:
            self._post(HealthRead(None, str(error)))

    async def history(self, asked: Asked) -> None:
        """Read its history over the span that ends when it was asked."""
        since, until = to_timestamp(asked.at - asked.span.seconds), to_timestamp(asked.at)
        try:
            found = await self._session.client.history(
                self._id, since=since, until=until, points=asked.points
            )
        except ClientError as error:
            self._post(HistoryRead(asked, None, str(error)))
        else:
            self._post(HistoryRead(asked, found))

    async def calls(self, span: Span, now: float) -> None:
        """Read how its calls went over the span that ends ``now``."""
        since, until = to_timestamp(now - span.seconds), to_timestamp(now)
        try:
            found = await self._session.client.call_stats(self._id, since=since, until=until)
        except ClientError as error:
            self._post(CallsRead(span, None, str(error)))
        else:
            self._post(CallsRead(span, found))

    async def trunk(self) -> None:
        """Read the journal of the setup that made it."""
        try:
            self._post(TrunkRead(await self._session.client.setup_of(self._id)))
        except ApiError as error:
            by_hand = error.body.reason == _NOT_SET_UP
            self._post(TrunkRead(None, "" if by_hand else str(error)))
        except ClientError as error:
            self._post(TrunkRead(None, str(error)))

    async def compare(self) -> None:
        """Have its trunk compared with the carrier."""
        try:
            self._post(Compared(await self._session.client.verify_carrier(self._id)))
        except ClientError as error:
            self._post(Compared(None, str(error)))

    async def dial(self, number: str, caller: str) -> None:
        """Ask how a number would be dialled through it."""
        asked = (number, caller)
        try:
            wanted = DialRequest(destination=number, caller=caller)
            found = await self._session.client.dial_preview(self._id, wanted)
        except ValidationError:
            self._post(Dialled(asked, None, "that is too long for a number"))
        except ClientError as error:
            self._post(Dialled(asked, None, str(error)))
        else:
            self._post(Dialled(asked, found))

    async def trace(self) -> None:
        """Read its latest exchanges."""
        try:
            self._post(TraceRead(await self._session.client.trace(self._id)))
        except ClientError as error:
            self._post(TraceFailed(str(error)))

    async def follow(self) -> None:
        """Read its latest exchanges and post each new one, until cancelled or the stream ends."""
        types = (EventType.HEALTH_TRACE,)
        try:
            async with self._session.client.events(types=types, provider_id=self._id) as stream:
                async for event in stream:
                    match event.data:
                        case Hello() | Resync():  # the stream is open: what happens from now on waits there
                            self._post(TraceRead(await self._session.client.trace(self._id)))
                        case TracedExchange() as exchange:
                            self._post(Traced(exchange))
                        case _:
                            pass
            raise DaemonUnavailable("provd ended the event stream: it is stopping or restarting")
        except ClientError as error:
            self._post(TraceFailed(str(error)))
