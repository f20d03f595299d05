"""Asks the daemon to set trunks up and posts what it said; nothing here touches a widget."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from pydantic import JsonValue
from textual.message import Message

from provd.client import ApiError, ClientError
from provd.schema.carriers import Account, CarrierInfo
from provd.schema.errors import ErrorStatus
from provd.schema.events import EventType, Hello, Resync
from provd.schema.health import CheckReport
from provd.schema.provider import Provider
from provd.schema.setup import (
    Setup,
    SetupChangedEvent,
    SetupPlan,
    SetupRequest,
    SetupState,
    SetupStepEvent,
)
from provtui.session import Session
from provtui.setup_progress import Told

ASK_AGAIN_S = 2.0


class CarriersRead(Message):
    """The carriers, or why they could not be read."""

    def __init__(self, carriers: list[CarrierInfo], error: str = "") -> None:
        super().__init__()
        self.carriers = carriers
        self.error = error


class Proved(Message):
    """The carrier takes the key."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account


class Planned(Message):
    """What would be made."""

    def __init__(self, plan: SetupPlan) -> None:
        super().__init__()
        self.plan = plan


class NotTaken(Message):
    """A key or a plan was refused, or the daemon could not be reached."""

    def __init__(self, error: ClientError) -> None:
        super().__init__()
        self.error = error


class WentOn(Message):
    """The setup went on."""

    def __init__(self, event: Told) -> None:
        super().__init__()
        self.event = event


class Journalled(Message):
    """The setup's journal as it is now."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.setup = setup


class OutOfSight(Message):
    """The daemon is away while it sets up; it is asked again until it says what became of it."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error


class Made(Message):
    """The provider is there."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider


class NotMade(Message):
    """The setup failed; its journal was posted before."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error


class FirstChecked(Message):
    """The provider's first check, or why it was not made."""

    def __init__(self, report: CheckReport | None, error: str = "") -> None:
        super().__init__()
        self.report = report
        self.error = error


class SetupCalls:
    """Each call uses the session's present client. ``sleep`` waits the seconds between questions to a
    daemon that is away."""

    def __init__(
        self,
        session: Session,
        post: Callable[[Message], object],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._session = session
        self._post = post
        self._sleep = sleep

    async def carriers(self) -> None:
        """Read which carriers there are."""
        try:
            self._post(CarriersRead(await self._session.client.carriers()))
        except ClientError as error:
            self._post(CarriersRead([], str(error)))

    async def prove(self, carrier: str, credentials: Mapping[str, JsonValue]) -> None:
        """Have the carrier say whose key it is."""
        try:
            self._post(Proved(await self._session.client.validate_credentials(carrier, credentials)))
        except ClientError as error:
            self._post(NotTaken(error))

    async def plan(self, wanted: SetupRequest) -> None:
        """Ask what would be made."""
        try:
            self._post(Planned(await self._session.client.plan_setup(wanted)))
        except ClientError as error:
            self._post(NotTaken(error))

    async def set_up(self, wanted: SetupRequest) -> None:
        """Set up, post how it goes on, and in the end Made with FirstChecked, or NotMade."""
        setup_id = str(wanted.setup_id)
        opened = asyncio.Event()
        following = asyncio.create_task(self._follow(setup_id, opened))
        try:
            await opened.wait()  # so that no step goes by unseen
            made = await self._session.client.set_up(wanted, idempotency_key=setup_id)
            await self._read_journal(setup_id)
        except ApiError as error:
            await self._read_journal(setup_id)
            self._post(NotMade(str(error)))
            return
        except ClientError as error:
            self._post(OutOfSight(str(error)))
            found = await self._outcome(setup_id)
            if found is None:
                return
            made = found
        finally:
            following.cancel()
        self._post(Made(made))
        await self._check(made)

    async def _follow(self, setup_id: str, opened: asyncio.Event) -> None:
        types = (EventType.SETUP_STEP, EventType.SETUP_CHANGED)
        try:
            async with self._session.client.events(types=types) as stream:
                async for event in stream:
                    match event.data:
                        case Hello():
                            opened.set()
                        case Resync():
                            await self._read_journal(setup_id)
                        case SetupStepEvent() | SetupChangedEvent() as told if told.setup_id == setup_id:
                            self._post(WentOn(told))
                        case _:
                            pass
        except ClientError:
            pass  # the journal tells in the end
        finally:
            opened.set()

    async def _read_journal(self, setup_id: str) -> None:
        with suppress(ClientError):  # a refusal may come before there is a journal
            self._post(Journalled(await self._session.client.setup(setup_id)))

    async def _outcome(self, setup_id: str) -> Provider | None:
        """Ask until the setup has ended; post why when it made no provider."""
        while True:
            await self._sleep(ASK_AGAIN_S)
            try:
                found = await self._session.client.setup(setup_id)
                self._post(Journalled(found))
                if found.state in (SetupState.UNDONE, SetupState.LEFT):
                    self._post(NotMade(found.error))
                    return None
                if found.state is SetupState.DONE and found.provider_id is not None:
                    return await self._session.client.provider(found.provider_id)
            except ApiError as error:
                if error.status is ErrorStatus.NOT_FOUND:
                    self._post(NotMade("provd has not begun it: nothing was made"))
                    return None
            except ClientError:
                continue

    async def _check(self, provider: Provider) -> None:
        try:
            self._post(FirstChecked(await self._session.client.check_provider(provider.id)))
        except ClientError as error:
            self._post(FirstChecked(None, str(error)))
