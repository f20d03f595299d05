"""The event hub: every durable event and the coalesced samples, to any number of readers.

A reader's queue is bounded. One that falls behind loses its queue and is told to resync; of samples, of which
newer ones come anyway, it loses those that it has not taken.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from provd.schema.events import EventType, Resync
from provd.store.engine import StoredEvent

MAX_QUEUED = 1000
MAX_SAMPLES = 10_000
_ALWAYS = frozenset({EventType.HELLO, EventType.RESYNC})


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it goes out. ``seq`` is its number when it is durable; ``data`` is JSON text."""

    type: str
    data: str
    seq: int | None = None


@dataclass(eq=False, slots=True)
class Subscription:
    """One reader's place. ``types`` and ``provider_id`` choose; empty means all."""

    hub: "EventHub"
    since_seq: int
    types: frozenset[str] = frozenset()
    provider_id: str = ""
    _queue: deque[Message] = field(default_factory=deque)
    _samples: dict[str, str] = field(default_factory=dict)
    _lost: bool = False
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, kind: str, provider_id: str | None) -> bool:
        """Whether this reader asked for such events."""
        if kind in _ALWAYS:
            return True
        return (not self.types or kind in self.types) and self.provider_id in ("", provider_id)

    def follows(self, kind: str) -> bool:
        """Whether this reader asked for this kind of event by name, and for one provider."""
        return kind in self.types and self.provider_id != ""

    async def take(self) -> list[Message]:
        """Wait until there is something, then take all of it; empty when the hub has closed."""
        await self._ready.wait()
        if not self.hub.closed:
            self._ready.clear()
        messages = list(self._queue)
        self._queue.clear()
        if self._lost:
            self._lost = False
            self.hub.resyncs += 1
            messages = [resync(self.hub.seq, "this reader was too slow: events were lost")]
        if self._samples:
            samples, self._samples = self._samples, {}
            messages.append(Message(EventType.HEALTH_SAMPLE, f'{{"samples":[{",".join(samples.values())}]}}'))
        return messages

    def put(self, message: Message) -> None:
        """Queue a durable event."""
        if len(self._queue) >= MAX_QUEUED:
            self._lost = True
            self._queue.clear()
            self._samples.clear()
        if not self._lost:
            self._queue.append(message)
        self._ready.set()

    def put_samples(self, samples: Sequence[tuple[str, str]]) -> None:
        """Merge samples: of each provider the reader gets the latest."""
        if self._lost or (self.types and EventType.HEALTH_SAMPLE not in self.types):
            return
        if self.provider_id:
            samples = [each for each in samples if each[0] == self.provider_id]
        if samples:
            if len(self._samples) > MAX_SAMPLES:
                self._samples.clear()
            self._samples.update(samples)
            self._ready.set()

    def wake(self) -> None:
        """Let ``take`` return."""
        self._ready.set()


class EventHub:
    """The readers, and the number of the latest durable event."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.resyncs = 0
        self.closed = False
        self._subscriptions: set[Subscription] = set()

    def __len__(self) -> int:
        return len(self._subscriptions)

    def subscribe(self, types: frozenset[str] = frozenset(), provider_id: str = "") -> Subscription:
        """Add a reader; it gets what is published from now on."""
        made = Subscription(self, self.seq, types, provider_id)
        if self.closed:
            made.wake()
        self._subscriptions.add(made)
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        """Remove a reader."""
        self._subscriptions.discard(subscription)

    def publish(self, events: Iterable[StoredEvent]) -> None:
        """Pass on events that were committed, in the order of their numbers."""
        for event in events:
            self.seq = event.seq
            message = Message(event.type, event.data, event.seq)
            for subscription in self._subscriptions:
                if subscription.wants(event.type, event.provider_id):
                    subscription.put(message)

    def publish_samples(self, samples: Sequence[tuple[str, str]]) -> None:
        """Pass on samples: (provider id, JSON text of a Sample) each."""
        for subscription in self._subscriptions:
            subscription.put_samples(samples)

    def publish_passing(self, kind: EventType, provider_id: str, data: str) -> None:
        """Pass on an event that is not kept; ``data`` is JSON text."""
        message = Message(kind, data)
        for subscription in self._subscriptions:
            if subscription.follows(kind) and subscription.provider_id == provider_id:
                subscription.put(message)

    def publish_to_all(self, kind: EventType, data: str) -> None:
        """Pass on an event that is not kept and is of no one provider; ``data`` is JSON text."""
        message = Message(kind, data)
        for subscription in self._subscriptions:
            if subscription.wants(kind, None):
                subscription.put(message)

    def followed(self, kind: EventType) -> set[str]:
        """The providers of which some reader asked for this kind of event by name."""
        return {each.provider_id for each in self._subscriptions if each.follows(kind) and each.provider_id}

    def close(self) -> None:
        """End every reader's stream once it has taken what is queued."""
        self.closed = True
        for subscription in self._subscriptions:
            subscription.wake()


def resync(seq: int, why: str) -> Message:
    """The event that tells a reader to begin anew."""
    text = Resync(
        seq=seq, message=f"{why}. Read the lists anew; the stream goes on from here."
    ).model_dump_json()
    return Message(EventType.RESYNC, text)
