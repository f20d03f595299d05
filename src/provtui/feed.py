"""The link to the daemon: loads the fleet, follows its events, comes back when the daemon was away."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from provd.client import ClientError, DaemonUnavailable, Event
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.setup import Setup
from provd.schema.status import Status
from provtui.sharing import shared

if TYPE_CHECKING:
    from provtui.daemon import Connect, Daemon

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 10.0
STATUS_EVERY_S = 3.0
SETUPS = 1000
CALLS = (
    "GET /v1.0/events",
    "GET /v1.0/providers",
    "GET /v1.0/status",
    "GET /v1.0/setups",
)
"""The calls of the API that it makes, as the OpenAPI document writes them."""

_READ_ANEW = frozenset({EventType.HELLO, EventType.RESYNC, EventType.PROVIDERS_IMPORTED})


@dataclass(frozen=True, slots=True)
class News:
    """What came since last asked: the whole list, and the newest setups, when they were read anew, and the
    events after that."""

    providers: list[Provider] | None
    events: list[Event]
    setups: Sequence[Setup] = ()


class Arrived(Message):
    """There is news: ``Feed.take`` gives it."""

    def can_replace(self, message: Message) -> bool:
        """One call to take is enough for any amount of news."""
        return isinstance(message, Arrived)


class Reported(Message):
    """The daemon's word about itself."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status

    def can_replace(self, message: Message) -> bool:
        """A newer report supersedes an older one."""
        return isinstance(message, Reported)


class Lost(Message):
    """The daemon is away; ``error`` says why. The feed keeps trying."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error

    def can_replace(self, message: Message) -> bool:
        """A newer reason supersedes an older one."""
        return isinstance(message, Lost)


class Backoff:
    """Delays between attempts: doubling from 0.5 s to 10 s, less a random part of up to a half."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._attempts = 0

    def next_s(self) -> float:
        """Give the seconds to wait before the next attempt, 0.5 to 10."""
        whole = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(self._attempts, 10))
        self._attempts += 1
        return max(FIRST_DELAY_S, whole * self._rng.uniform(0.5, 1.0))

    def reset(self) -> None:
        """Begin anew after a success."""
        self._attempts = 0


class Feed:
    """Keeps a client of the daemon and tells ``post`` what comes: Arrived, Reported, Lost.

    ``connect`` makes a client, and is called again after each loss; ``client`` is the present one, for
    calls of any kind, made when it is first asked for. ``run`` goes on until cancelled and may be started
    again, which reads all anew.
    """

    def __init__(
        self,
        connect: "Connect",
        post: Callable[[Message], object],
        *,
        rng: random.Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connect = connect
        self._client: Daemon | None = None
        self._post = post
        self._backoff = Backoff(rng or random.Random())  # noqa: S311  # spreads reconnections, hides nothing
        self._sleep = sleep
        self._news = News(None, [])
        self._live = False

    def take(self) -> News:
        """Give the news since the last call."""
        taken, self._news = self._news, News(None, [])
        return taken

    @property
    def client(self) -> "Daemon":
        """The present client."""
        if self._client is None:
            self._client = self._connect()
        return self._client

    async def run(self) -> None:
        """Follow the daemon."""
        self._backoff.reset()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_following())
            tasks.create_task(self._keep_asking())

    async def renew(self) -> None:
        """Make a new client, for when the daemon may be another one."""
        old, self._client = self._client, None
        if old is not None:
            await old.close()

    async def close(self) -> None:
        """Close the client."""
        if self._client is not None:
            await self._client.close()

    async def _keep_following(self) -> None:
        while True:
            try:
                await self._follow()
            except ClientError as error:
                self._live = False
                self._post(Lost(str(error)))
            await self._sleep(self._backoff.next_s())
            await self.renew()

    async def _follow(self) -> None:
        async with self.client.events() as stream:
            async for event in stream:
                if event.type in _READ_ANEW:
                    await self._load()
                elif event.type is not EventType.HEALTH_TRACE:  # someone else follows a provider
                    self._news.events.append(event)
                    self._post(Arrived())
        raise DaemonUnavailable("provd ended the event stream: it is stopping or restarting")

    async def _load(self) -> None:
        """Read the list. What the stream says meanwhile waits there, so that nothing is missed."""
        providers = [shared(each) async for page in self.client.provider_pages() for each in page]
        status = await self.client.status()
        setups = await self.client.setups(page_size=SETUPS)
        self._news = News(providers, [], setups.result)  # newer than the events before it
        self._post(Arrived())
        self._post(Reported(status))
        self._live = True
        self._backoff.reset()

    async def _keep_asking(self) -> None:
        while True:
            await self._sleep(STATUS_EVERY_S)
            if self._live:
                await self._ask()

    async def _ask(self) -> None:
        try:
            self._post(Reported(await self.client.status()))
        except ClientError:
            return  # the stream tells of the loss
