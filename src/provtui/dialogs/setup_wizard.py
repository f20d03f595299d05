"""The wizard that sets a trunk up at a carrier: carrier, key, settings, plan, and the setup itself."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Input, OptionList

from provd.schema.carriers import CarrierInfo
from provd.schema.health import CheckReport
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.setup import SetupPlan
from provtui import setup_progress
from provtui.commands import BY_ID, Command, Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.dialogs.route_form import RouteForm
from provtui.dialogs.setup_forms import SetupForms
from provtui.dialogs.wizard_steps import BACK, STEPS, Step, steps_text
from provtui.outcomes import Changed, RouteChanged
from provtui.panels import setup as panels
from provtui.session import Session
from provtui.setup_calls import (
    CarriersRead,
    FirstChecked,
    Journalled,
    Made,
    NotMade,
    NotTaken,
    OutOfSight,
    Planned,
    Proved,
    SetupCalls,
    WentOn,
)
from provtui.setup_progress import SetupProgress
from provtui.text import clean
from provtui.widgets.choice_list import ChoiceList
from provtui.widgets.drawn_form import DrawnForm
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_BY_HAND = "By hand"
_BY_HAND_ABOUT = "For any carrier: you type the hostname, and make the trunk in the carrier's portal"
_GOES_ON = "The setup goes on in provd: its provider comes when it is made, and s lists setups."
_LOST = "Whether provd had begun the setup is not known. Once it answers, s lists setups."
_MARGIN = 6


@dataclass(frozen=True, slots=True)
class SetupEnd:
    """How the wizard was left: with the provider that was made, which the user wants to ``open``; without
    one, the user wants to add one by hand."""

    made: Provider | None = None
    open: bool = False


class SetupWizard(Dialog[SetupEnd | None]):
    """Leads from a carrier to a checked provider; None when it was left before that.

    What was typed stays until the wizard closes or another carrier is chosen, whatever is refused; either is
    asked once more. The key is in its fields alone, which are emptied when the wizard closes or has set up.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_at(*(step.place for step in STEPS), Place.SETUP_DONE, Place.SETUP_FAILED),
    ]
    AUTO_FOCUS = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.place = Place.SETUP_CARRIER
        self._calls = SetupCalls(session, self.post_message)
        self._carriers: list[CarrierInfo] = []
        self._forms = SetupForms(DrawnForm(id="wizard-key"), DrawnForm(id="wizard-trunk"))
        self._told = Content("")
        self._setup_id = uuid4()
        self._plan: SetupPlan | None = None
        self._progress = SetupProgress()
        self._ending = Content("")
        self._made: Provider | None = None
        self._asking = False
        self._lost_sight = False
        self._asked_to_drop = ""

    def compose(self) -> ComposeResult:
        """Lay out the steps, the present one, what is to be known, what is said, and the keys."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Set a trunk up at a carrier"
            yield Lines(id="wizard-steps")
            yield Lines(id="wizard-told")
            yield ChoiceList(id="wizard-carriers", compact=True)
            yield self._forms.key
            yield self._forms.trunk
            with VerticalScroll(id="wizard-plan"):
                yield Lines(id="wizard-calls")
            with VerticalScroll(id="wizard-run"):
                yield Lines(id="wizard-progress")
            yield Lines(id="wizard-about")
            yield Lines(id="wizard-said")
        yield KeyBar([], self.refused)

    def on_mount(self) -> None:
        """Begin with the carriers; nothing can be chosen until they are there."""
        self._go_to(Step.CARRIER)
        self._ask(self._calls.carriers(), "Asking provd which carriers it knows…")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let keys through only to the commands of the present step."""
        if action == "run":
            return BY_ID[str(parameters[0])] in self._commands()
        return super().check_action(action, parameters)

    # commands

    def do_next(self) -> None:
        """Go on from the carrier, the key or the settings, unless an answer is awaited."""
        if self._asking:
            return
        match self.place:
            case Place.SETUP_CARRIER:
                self._list.action_select()
            case Place.SETUP_KEY:
                wrong = self._forms.check_key()
                self._ask_or_say(wrong, self._prove, f"Asking {self._title} whose key it is…")
            case _:
                wrong = self._forms.check_trunk()
                self._ask_or_say(wrong, self._ask_for_plan, f"Asking {self._title} what it would take…")

    def do_previous(self) -> None:
        """Go one step back; what is asked meanwhile is not waited for."""
        self._stop_asking()
        self._go_to(BACK[self.place])

    def do_retry(self) -> None:
        """Go back to the settings, with what was typed."""
        self._go_to(Step.TRUNK)

    def do_build(self) -> None:
        """Set it up as planned."""
        if self._plan is None:
            return
        self._progress = setup_progress.planned(self._plan)
        self._lost_sight = False
        self._ending = panels.running_text(self._title)
        self._go_to(Step.RUN)
        self._show_progress()
        self.run_worker(
            self._calls.set_up(self._forms.request(self._setup_id)), group="set-up", exclusive=True
        )

    def do_leave(self) -> None:
        """Leave; with something typed, only when asked twice. A setup that runs goes on in the daemon."""
        if self.place is Place.SETUP_CARRIER and not self._may_drop("esc"):
            return
        if self.place is Place.SETUP_RUN:
            self.app.notify(_LOST if self._lost_sight else _GOES_ON, markup=False)
        self._close(None)

    def do_abandon(self) -> None:
        """Leave after a setup that failed."""
        self._close(None)

    def do_finish(self) -> None:
        """Leave for the provider that was made."""
        self._close(SetupEnd(self._made, open=True))

    def do_add_route_to(self) -> None:
        """Open the form of a route to the provider that was made."""

        def answered(route: Route | None) -> None:
            if route is not None:
                self.post_message(RouteChanged(route, f"{clean(route.name)}: saved"))

        self.app.push_screen(RouteForm(self.session, None, self._made), answered)

    def do_done(self) -> None:
        """Leave for the list."""
        self._close(SetupEnd(self._made))

    # answers of the daemon

    @on(CarriersRead)
    def _carriers_read(self, message: CarriersRead) -> None:
        self._asking = False
        self._carriers = message.carriers
        self._offer()
        if message.error:
            self._say(f"✗ The carriers are not known: {message.error}", ".ink--unhealthy")
        else:
            self._say("")

    @on(Proved)
    def _proved(self, message: Proved) -> None:
        self._asking = False
        if self.place is Place.SETUP_KEY:
            self._told = panels.account_text(self._title, message.account)
            self._go_to(Step.TRUNK)

    @on(Planned)
    def _planned(self, message: Planned) -> None:
        self._asking = False
        if self.place is Place.SETUP_TRUNK:
            self._plan = message.plan
            self.query_one("#wizard-calls", Lines).show(
                panels.plan_panel(message.plan, self._title, self._room)
            )
            self._go_to(Step.PLAN)

    @on(NotTaken)
    def _not_taken(self, message: NotTaken) -> None:
        self._asking = False
        refusal = self._forms.show_refusal(message.error)
        if refusal.about_key and self.place is not Place.SETUP_KEY:
            self._go_to(Step.KEY)
            self._forms.show_refusal(message.error)  # again, for the cursor
        self._say(refusal.said, ".ink--unhealthy")

    @on(WentOn)
    def _went_on(self, message: WentOn) -> None:
        self._progress = setup_progress.after(self._progress, message.event)
        self._show_progress()

    @on(Journalled)
    def _journalled(self, message: Journalled) -> None:
        if message.setup.steps:
            self._progress = setup_progress.journalled(message.setup)
        self._show_progress()

    @on(OutOfSight)
    def _out_of_sight(self, message: OutOfSight) -> None:
        self._lost_sight = True
        self._ending = panels.out_of_sight_text(message.error, self._room)
        self._show_progress()

    @on(NotMade)
    def _not_made(self, message: NotMade) -> None:
        self._setup_id = uuid4()  # the next try is another setup
        self._ending = panels.failed_text(message.error, self._progress, self._room)
        self._enter(Place.SETUP_FAILED)
        self._show_progress()

    @on(Made)
    def _provider_made(self, message: Made) -> None:
        self._made = message.provider
        self.post_message(Changed(message.provider))
        self._forms.forget()
        self._end(None, "")
        self._enter(Place.SETUP_DONE)
        self._show_progress()

    @on(FirstChecked)
    def _first_checked(self, message: FirstChecked) -> None:
        self._end(message.report, message.error)
        self._show_progress()

    # what the user does

    @on(OptionList.OptionSelected)
    async def _chosen(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        carrier = self._carriers[message.option_index] if message.option_index < len(self._carriers) else None
        if carrier != self._forms.carrier and not self._may_drop("↵"):
            return
        if carrier is None:
            self._close(SetupEnd())
            return
        await self._forms.draw(carrier)
        self._go_to(Step.KEY)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self) -> None:
        if self._asked_to_drop:
            self._asked_to_drop = ""
            self._say("")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("next")

    @on(FormRow.Changed)
    def _typed(self, message: FormRow.Changed) -> None:
        message.row.show_problem(None)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Tell about the field that the cursor is in."""
        rows = [each for each in event.widget.ancestors if isinstance(each, FormRow)]
        about = rows[0].field.about if rows else ""
        self.query_one("#wizard-about", Lines).show(Content.styled(about, ".ink--step"))

    # parts

    @property
    def _list(self) -> OptionList:
        return self.query_one("#wizard-carriers", OptionList)

    @property
    def _title(self) -> str:
        carrier = self._forms.carrier
        return "" if carrier is None else clean(carrier.title)

    @property
    def _room(self) -> int:
        return min(76, self.app.size.width) - _MARGIN

    def _commands(self) -> list[Command]:
        return list(commands_at(self.place))

    def _offer(self) -> None:
        """List the carriers, and by hand."""
        choices = [panels.carrier_choice(each, self._room) for each in self._carriers]
        by_hand = panels.choice(_BY_HAND, _BY_HAND_ABOUT, self._room)
        self._list.set_options([*choices, by_hand])
        self._list.highlighted = 0

    def _may_drop(self, key: str) -> bool:
        """Whether ``key`` may drop what was typed: nothing was, or it is pressed again after being asked."""
        if not self._forms.typed or self._asked_to_drop == key:
            return True
        self._asked_to_drop = key
        self._say(f"Not set up yet. {key} again drops what you typed for {self._title}.", ".ink--suspect")
        return False

    def _prove(self) -> Coroutine[Any, Any, None]:
        carrier = self._forms.carrier
        return self._calls.prove("" if carrier is None else carrier.name, self._forms.credentials())

    def _ask_for_plan(self) -> Coroutine[Any, Any, None]:
        return self._calls.plan(self._forms.request(self._setup_id))

    def _ask_or_say(self, wrong: str, call: Callable[[], Coroutine[Any, Any, None]], said: str) -> None:
        if wrong:
            self._say(wrong, ".ink--unhealthy")
        else:
            self._ask(call(), said)

    def _ask(self, call: Coroutine[Any, Any, None], said: str) -> None:
        self._asking = True
        self._say(said, ".ink--key")
        self.run_worker(call, group="ask", exclusive=True)

    def _stop_asking(self) -> None:
        self._asking = False
        self.workers.cancel_group(self, "ask")

    def _go_to(self, step: Step) -> None:
        for each in STEPS:
            self.query_one(f"#{each.body}").display = each is step
        self._enter(step.place)
        self._asked_to_drop = ""
        self.query_one("#wizard-steps", Lines).show(steps_text(step))
        told = self.query_one("#wizard-told", Lines)
        told.show(self._told if step is Step.TRUNK else self._prompt(step))
        told.display = step is not Step.RUN
        about = self.query_one("#wizard-about", Lines)
        about.show(Content(""))
        about.display = step in (Step.KEY, Step.TRUNK)
        self._say("")
        body: Widget = self.query_one(f"#{step.body}")
        if isinstance(body, DrawnForm):
            body.begin()
        else:
            body.focus()

    def _prompt(self, step: Step) -> Content:
        carrier = self._forms.carrier
        about = "" if carrier is None or step is not Step.KEY else f"{clean(carrier.summary)}.\n"
        return Content.assemble(about.replace("..", "."), (step.prompt, ".ink--faint"))

    def _enter(self, place: Place) -> None:
        self.place = place
        self.query_one(KeyBar).show(self._commands())
        self.refresh_bindings()

    def _end(self, report: CheckReport | None, error: str) -> None:
        if self._made is not None:
            notes = [] if self._plan is None else self._plan.by_hand
            self._ending = Content("\n").join(panels.done_text(self._made, report, error, notes, self._room))

    def _show_progress(self) -> None:
        steps = panels.progress_panel(self._progress, self._room)
        self.query_one("#wizard-progress", Lines).show(Content("\n").join([steps, Content(""), self._ending]))

    def _say(self, text: str, ink: str = ".ink--faint") -> None:
        self.query_one("#wizard-said", Lines).show(Content.styled(clean(text), ink))

    def _close(self, end: SetupEnd | None) -> None:
        self._forms.forget()
        self.dismiss(end)
