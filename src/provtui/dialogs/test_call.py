"""The dialog that places a test call, and draws its ladder as it grows."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from pydantic import ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provd.client import ClientError
from provd.schema.events import EventType
from provd.schema.provider import Provider
from provd.schema.test_calls import CallMode, CallOutcome, CallTest, CallTestRequest, CallTestStep, LadderStep
from provtui.commands import Command, Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.form_fields import YES, FormField, Kind
from provtui.panels.test_call import earlier_panel, test_call_panel
from provtui.session import Session
from provtui.text import clean, sentence
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_NUMBER = FormField("destination", "Number", "+15551234567: one that [test_calls] allow has")
_TALK = FormField("talk", "Talk", kind=Kind.SWITCH)
_ABOUT = (
    "Places a call through the provider. It is hung up as soon as it rings, usually at no charge; with Talk "
    "it is let through to the answer, and the sound is measured."
)
_MARGIN = 6


class Stepped(Message):
    """The call went on."""

    def __init__(self, step: CallTestStep) -> None:
        super().__init__()
        self.step = step


class CallEnded(Message):
    """The call has ended, or could not be placed."""

    def __init__(self, call: CallTest | None, error: str = "") -> None:
        super().__init__()
        self.call = call
        self.error = error


class CallsRead(Message):
    """The calls before, newest first."""

    def __init__(self, calls: list[CallTest]) -> None:
        super().__init__()
        self.calls = calls


class TestCallDialog(Dialog[None]):
    """Places test calls through ``provider``, one after the other. It can't be left while one goes on: that
    is hung up first."""

    __test__ = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.TEST_CALL)]
    AUTO_FOCUS = "Input"

    def __init__(self, session: Session, provider: Provider) -> None:
        super().__init__()
        self.session = session
        self._provider = provider
        self._steps: list[LadderStep] = []
        self._call_id: str | None = None
        self._calling = False

    def compose(self) -> ComposeResult:
        """Lay the ladder out under the number."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"A test call through {clean(self._provider.name)}")
            yield FormRow(_NUMBER, "")
            yield FormRow(_TALK, "")
            with VerticalScroll(id="test-call"):
                yield Lines(_ABOUT, id="test-call-text")
            yield Lines(id="test-call-said")
        yield KeyBar(self._commands, self.refused)

    def on_mount(self) -> None:
        """Read the calls before."""
        self.run_worker(self._read(), group="calls")

    def do_place(self) -> None:
        """Place the call, unless one goes on."""
        number = self.query(FormRow).first().text.strip()
        if self._calling or not number:
            return
        mode = CallMode.ANSWER if self.query(FormRow).last().text == YES else CallMode.RING
        try:
            request = CallTestRequest(destination=number, mode=mode)
        except ValidationError:
            self._say("✗ That is too long for a number.", ".ink--unhealthy")
            return
        self._steps, self._call_id = [], None
        self._set_calling(True)
        self._draw(None)
        self._say("Calling… esc hangs up.", ".ink--key")
        self.run_worker(self._place(request), group="place")

    def do_hang_up(self) -> None:
        """Hang the call up; without one, leave."""
        if not self._calling:
            self.dismiss(None)
        elif self._call_id is None:
            self._say("It has not begun yet: wait a moment.", ".ink--suspect")
        else:
            self._say("Hanging up…", ".ink--suspect")
            self.run_worker(self._hang_up(self._call_id), group="hang-up", exclusive=True)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("place")

    @on(CallsRead)
    def _calls_read(self, message: CallsRead) -> None:
        if not self._calling and not self._steps:
            self._show(earlier_panel(message.calls, _ABOUT, self._cells))

    @on(Stepped)
    def _stepped(self, message: Stepped) -> None:
        if self._calling:
            self._call_id = message.step.call_id
            self._steps.append(message.step.step)
            self._draw(None)

    @on(CallEnded)
    def _ended(self, message: CallEnded) -> None:
        self._set_calling(False)
        if message.call is None:
            self._say(f"✗ {clean(sentence(message.error))}", ".ink--unhealthy")
            return
        self._steps = message.call.ladder
        self._say("")
        self._draw(message.call)

    @property
    def _cells(self) -> int:
        return min(76, self.app.size.width) - _MARGIN

    @property
    def _commands(self) -> list[Command]:
        """What the keys do now: without a call there is nothing to hang up."""
        commands = list(commands_at(Place.TEST_CALL))
        return commands if self._calling else [_leaving(command) for command in commands]

    def _set_calling(self, calling: bool) -> None:
        self._calling = calling
        self.query_one(KeyBar).show(self._commands)

    def _draw(self, call: CallTest | None) -> None:
        self._show(test_call_panel(self._steps, call, self._cells))
        self.query_one("#test-call", VerticalScroll).scroll_end(animate=False)

    def _show(self, content: Content) -> None:
        self.query_one("#test-call-text", Lines).show(content)

    def _say(self, text: str, ink: str = ".ink--faint") -> None:
        self.query_one("#test-call-said", Lines).show(Content.styled(text, ink))

    async def _read(self) -> None:
        with suppress(ClientError):  # what was before is no reason not to call
            page = await self.session.client.test_calls.page(self._provider.id, page_size=20)
            self.post_message(CallsRead(page.result))

    async def _place(self, request: CallTestRequest) -> None:
        following = asyncio.Event()
        stream = asyncio.create_task(self._follow(following))
        waiting = asyncio.create_task(following.wait())
        try:
            await asyncio.wait({stream, waiting}, return_when=asyncio.FIRST_COMPLETED)
            ended = await self.session.client.test_calls.place(self._provider.id, request)
        except ClientError as error:
            self.post_message(CallEnded(await self._read_one(), str(error)))
        else:
            self.post_message(CallEnded(ended))
        finally:
            stream.cancel()
            waiting.cancel()

    async def _follow(self, following: asyncio.Event) -> None:
        """Tell of each step; without the stream they come all at once, at the end."""
        client = self.session.client
        with suppress(ClientError):
            async with client.events(
                types=(EventType.TEST_CALL_STEP,), provider_id=self._provider.id
            ) as stream:
                async for event in stream:
                    following.set()
                    if isinstance(event.data, CallTestStep):
                        self.post_message(Stepped(event.data))

    async def _read_one(self) -> CallTest | None:
        """The call whose result did not come, if the daemon has it."""
        if self._call_id is not None:
            with suppress(ClientError):
                found = await self.session.client.test_calls.get(self._provider.id, self._call_id)
                if found.outcome is not CallOutcome.RUNNING:
                    return found
        return None

    async def _hang_up(self, call_id: str) -> None:
        try:
            await self.session.client.test_calls.cancel(self._provider.id, call_id)
        except ClientError as error:
            self._say(f"✗ {clean(sentence(str(error)))}", ".ink--unhealthy")


def _leaving(command: Command) -> Command:
    return replace(command, label="Close") if command.id == "hang_up" else command
