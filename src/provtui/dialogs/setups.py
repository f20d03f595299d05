"""The list of setups: how each ended, what is left of it at the carrier, and going on or back with it."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList

from provd.client import ClientError
from provd.schema.provider import Provider
from provd.schema.setup import Setup, SetupState
from provtui import figures
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.panels.setup import SETUP_STATES, step_lines
from provtui.session import Session
from provtui.setup_progress import what_is_left
from provtui.text import clean, fit
from provtui.widgets.choice_list import ChoiceList
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_MARGIN = 6


class SetupsRead(Message):
    """The setups, newest first; ``quietly``: what was said before is still to be read."""

    def __init__(self, setups: list[Setup], *, quietly: bool) -> None:
        super().__init__()
        self.setups = setups
        self.quietly = quietly


class Ended(Message):
    """What was asked for is done; ``said`` tells of it."""

    def __init__(self, said: str, provider: Provider | None = None) -> None:
        super().__init__()
        self.said = said
        self.provider = provider


class Failed(Message):
    """A call did not succeed; ``said`` tells why."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class SetupsDialog(Dialog[None]):
    """Lists setups, those that need attention first. Going on and undoing go on in the daemon when the dialog
    is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.SETUPS)]
    AUTO_FOCUS = "OptionList"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._setups: list[Setup] = []
        self._asked_to_undo = ""
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay the list out over the chosen one's steps."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Setups"
            yield ChoiceList(id="setups", compact=True)
            with VerticalScroll(id="setups-detail", can_focus=False):
                yield Lines(id="setups-steps")
            yield Lines(id="setups-said")
        yield KeyBar(list(commands_at(Place.SETUPS)), self.refused)

    def on_mount(self) -> None:
        """Read them."""
        self.do_reread()

    def do_reread(self) -> None:
        """Read them again."""
        self._say("Reading…", ".ink--faint")
        self.run_worker(self._read(), group="setups", exclusive=True)

    def do_resume(self) -> None:
        """Go on with the chosen one."""
        setup = self._fit_to_act_on()
        if setup is not None and self._kept(setup):
            self._say(f"{setup.name} made its provider, which is gone: u removes its trunk.", "")
        elif setup is not None:
            self._act(self._resume(setup), f"Going on with {setup.name}…")

    def do_undo(self) -> None:
        """Remove what the chosen one made, when asked twice."""
        setup = self._fit_to_act_on()
        if setup is None:
            return
        if self._asked_to_undo != setup.id:
            self._asked_to_undo = setup.id
            self._say(f"u again removes what {setup.name} has at {setup.carrier}.", ".ink--suspect")
            return
        self._asked_to_undo = ""
        self._act(self._undo(setup), f"Removing what {setup.name} has at {setup.carrier}…")

    def do_dismiss(self) -> None:
        """Go back."""
        self.dismiss(None)

    @on(SetupsRead)
    def _setups_read(self, message: SetupsRead) -> None:
        before = self._chosen
        self._setups = sorted(message.setups, key=self._turn)
        options = self.query_one(OptionList)
        room = min(76, self.app.size.width) - _MARGIN
        now = self.session.clock()
        options.set_options([_row(each, now, room, kept=self._kept(each)) for each in self._setups])
        ids = [each.id for each in self._setups]
        if ids:
            options.highlighted = ids.index(before.id) if before is not None and before.id in ids else 0
        if not message.quietly:
            self._say("" if ids else "No trunk was set up yet. n in the list does that.", ".ink--faint")
        self._show()

    @on(Ended)
    def _ended(self, message: Ended) -> None:
        self._busy = False
        self.app.notify(clean(message.said), markup=False)
        self.do_reread()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._busy = False
        self._say(f"✗ {message.said}", ".ink--unhealthy")
        self.run_worker(self._read(quietly=True), group="setups", exclusive=True)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        self._asked_to_undo = ""
        self._show()

    @property
    def _chosen(self) -> Setup | None:
        at = self.query_one(OptionList).highlighted
        return None if at is None or at >= len(self._setups) else self._setups[at]

    def tell_refusal(self, refused: str) -> None:
        """Tell it under the list."""
        self._say(refused, ".ink--suspect")

    def _kept(self, setup: Setup) -> bool:
        """Whether a trunk stayed at its carrier when its provider was deleted."""
        return setup.state is SetupState.DONE and self.session.provider(setup.provider_id) is None

    def _turn(self, setup: Setup) -> int:
        """When its turn is in the list: what has not ended, then trunks that were kept, then the rest."""
        if setup.state not in _SETTLED:
            return 0
        return 1 if self._kept(setup) else 2

    def _fit_to_act_on(self) -> Setup | None:
        """The chosen one, if something is left to do for it; else say why not."""
        setup = self._chosen
        if self._busy:
            self._say("Something is under way already: wait for its end, or esc leaves it to provd.", "")
        elif setup is not None and setup.state is SetupState.UNDONE:
            self._say("Nothing of it is left at the carrier, nor its key: n sets a trunk up anew.", "")
        elif setup is not None and setup.state is SetupState.DONE and not self._kept(setup):
            self._say("It is done. Deleting its provider removes its trunk too, if you want.", "")
        else:
            return setup
        return None

    def _show(self) -> None:
        setup = self._chosen
        room = min(76, self.app.size.width) - _MARGIN
        lines: list[Content] = []
        if setup is not None:
            lines = _detail(setup, room, self.session.clock(), kept=self._kept(setup))
        self.query_one("#setups-steps", Lines).show(Content("\n").join(lines))

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#setups-said", Lines).show(Content.styled(clean(text), ink))

    def _act(self, work: Awaitable[None], said: str) -> None:
        self._busy = True
        self._say(said, ".ink--key")
        self.run_worker(work, group="act")

    async def _read(self, *, quietly: bool = False) -> None:
        try:
            page = await self.session.client.setups()
        except ClientError as error:
            if not quietly:
                self.post_message(Failed(f"The setups were not read: {error}"))
        else:
            self.post_message(SetupsRead(page.result, quietly=quietly))

    async def _resume(self, setup: Setup) -> None:
        async def resumed() -> str:
            made = await self.session.client.resume_setup(setup.id)
            return f"{made.name}: set up, and checked from now on"

        await self._end(resumed, setup)

    async def _undo(self, setup: Setup) -> None:
        async def undone() -> str:
            after = await self.session.client.roll_back_setup(setup.id)
            left = len(what_is_left(after.steps))
            things = f"{left} thing{'' if left == 1 else 's'} could not be removed"
            return f"{setup.name}: {things if left else 'nothing is left'}"

        await self._end(undone, setup)

    async def _end(self, act: Callable[[], Awaitable[str]], setup: Setup) -> None:
        try:
            self.post_message(Ended(await act()))
        except ClientError as error:
            self.post_message(Failed(f"{setup.name}: {error}"))


_SETTLED = (SetupState.DONE, SetupState.UNDONE)


def _row(setup: Setup, now: float, cells: int, *, kept: bool) -> Content:
    state, ink = SETUP_STATES[setup.state]
    left = len(what_is_left(setup.steps))
    said = f"{left} left" if left and setup.state not in _SETTLED else "no provider" if kept else ""
    when = fit(figures.clock_text(setup.tm_create, now), 11, right=True)
    names = cells - 10 - 14 - 11 - 11 - 4
    return Content.assemble(
        (fit(state, 10), ink),
        f" {fit(clean(setup.name), names)} ",
        (fit(clean(setup.carrier), 14), ".ink--faint"),
        (f" {fit(said, 11)} ", ".ink--suspect" if kept else ink),
        (when, ".ink--faint"),
    )


def _detail(setup: Setup, cells: int, now: float, *, kept: bool) -> list[Content]:
    whose = f"  begun by {clean(setup.by)} at {figures.clock_text(setup.tm_create, now)} UTC"
    lines = [Content.assemble((clean(setup.name), ".ink--title"), (whose, ".ink--faint"))]
    if kept:
        lines.append(
            Content.styled("! Its provider is gone, and its trunk was kept: u removes it.", ".ink--suspect")
        )
    lines += [line for step in setup.steps for line in step_lines(step, cells)]
    if setup.error:
        lines.append(Content.styled(f"✗ {clean(setup.error)}", ".ink--unhealthy"))
    return lines
