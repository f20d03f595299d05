"""The question before a provider is deleted: its name must be typed."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provd.client import ApiError, ClientError
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.setup import Setup, StepState
from provtui.bulk import first_names
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.form_fields import YES, FormField, Kind
from provtui.session import Session
from provtui.text import clean
from provtui.widgets.form_row import FormRow
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_TRUNK = FormField("deprovision", "Remove the trunk too", kind=Kind.SWITCH)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What the user wants: the provider deleted; its trunk at the carrier removed or left there; the routes
    that lead to it deleted too (``cascade``)."""

    deprovision: bool
    cascade: bool = False


class TrunkKnown(Message):
    """What setup made for the provider; None: it was added by hand, or it can't be told (``error``)."""

    def __init__(self, setup: Setup | None, error: str = "") -> None:
        super().__init__()
        self.setup = setup
        self.error = error


class RoutesKnown(Message):
    """The routes that lead to the provider, or why they can't be told (``error``)."""

    def __init__(self, routes: list[Route], error: str = "") -> None:
        super().__init__()
        self.routes = routes
        self.error = error


class ConfirmDelete(Dialog[Deletion | None]):
    """Gives a Deletion once the name of ``provider`` was typed as it is shown, None when the user backed out.

    For a provider that a setup made it offers to remove the trunk at the carrier too. Routes that lead to it
    are named: they are deleted with it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.DELETE)]
    AUTO_FOCUS = "#typed-name"

    def __init__(self, session: Session, provider: Provider) -> None:
        super().__init__()
        self.session = session
        self._provider = provider
        self._wanted = clean(provider.name).strip()
        self._known: TrunkKnown | None = None
        self._routes: RoutesKnown | None = None

    def compose(self) -> ComposeResult:
        """Lay out what will happen, and the input."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = "Delete a provider"
            yield Lines(
                Content.assemble(
                    (self._wanted, ".ink--name"),
                    (f"  {clean(self._provider.hostname)}", ".ink--faint"),
                    "\n\nIt will no longer be checked, and its settings are lost.",
                )
            )
            with Vertical(id="delete-trunk"):
                yield Lines(id="delete-made")
                yield FormRow(_TRUNK, YES)
            yield Lines(id="delete-routes")
            yield Lines("Type its name to delete it:", id="delete-ask")
            yield Input(compact=True, placeholder=self._wanted, id="typed-name")
            yield Lines(id="delete-said")
        yield KeyBar(list(commands_at(Place.DELETE)), self.refused)

    def on_mount(self) -> None:
        """Ask whether a setup made it, and which routes lead to it."""
        self.query_one("#delete-trunk").display = False
        self.query_one("#delete-routes").display = False
        self.run_worker(self._ask(), group="trunk")
        self.run_worker(self._ask_routes(), group="routes")

    def do_confirm(self) -> None:
        """Give the deletion if the name is right, and it is known what else there is to delete."""
        if not self._right:
            self._say("✗ That is not its name.", ".ink--unhealthy")
        elif self._known is None or self._routes is None:
            self._say("Asking provd for its trunk and its routes; ↵ again in a moment.", ".ink--key")
        else:
            asked = self._known.setup is not None and self.query_one(FormRow).text == YES
            self.dismiss(Deletion(deprovision=asked, cascade=bool(self._routes.routes)))

    def do_decline(self) -> None:
        """Give None."""
        self.dismiss(None)

    @on(TrunkKnown)
    def _trunk_known(self, message: TrunkKnown) -> None:
        self._known = message
        offer = self.query_one("#delete-trunk")
        offer.display = message.setup is not None or bool(message.error)
        self.query_one(FormRow).display = message.setup is not None
        if message.setup is not None:
            made = sum(step.state is not StepState.UNDONE for step in message.setup.steps)
            things = f"{made} thing{'' if made == 1 else 's'}"
            said = Content(f"Setup made {things} for it at {clean(message.setup.carrier)}.")
        else:
            unknown = f"! Whether it has a trunk at a carrier is not known: {clean(message.error)}"
            said = Content.styled(f"{unknown}. What there is would stay.", ".ink--suspect")
        self.query_one("#delete-made", Lines).show(said)
        self._typed()

    @on(RoutesKnown)
    def _routes_known(self, message: RoutesKnown) -> None:
        self._routes = message
        shown = self.query_one("#delete-routes", Lines)
        shown.display = bool(message.routes or message.error)
        if message.routes:
            count = len(message.routes)
            lead = "routes lead to it, and are" if count > 1 else "route leads to it, and is"
            names = first_names([f"{clean(each.name)} ({each.target})" for each in message.routes])
            said = Content.styled(f"! {count} {lead} deleted with it: {names}", ".ink--suspect")
        else:
            unknown = f"! Which routes lead to it is not known: {clean(message.error)}"
            said = Content.styled(f"{unknown}. With any, it is not deleted.", ".ink--suspect")
        shown.show(said)
        self._typed()

    @on(Input.Changed)
    def _typed(self) -> None:
        self._say("↵ deletes it now." if self._right else "", ".ink--suspect")

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("confirm")

    @property
    def _right(self) -> bool:
        return self.query_one("#typed-name", Input).value.strip() == self._wanted

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#delete-said", Lines).show(Content.styled(text, ink))

    async def _ask_routes(self) -> None:
        try:
            found = await self.session.client.all_routes(provider_id=self._provider.id)
        except ClientError as error:
            self.post_message(RoutesKnown([], str(error)))
        else:
            self.post_message(RoutesKnown(found))

    async def _ask(self) -> None:
        try:
            self.post_message(TrunkKnown(await self.session.client.setup_of(self._provider.id)))
        except ApiError as error:
            by_hand = error.body.reason == "NOT_SET_UP"
            self.post_message(TrunkKnown(None, "" if by_hand else str(error)))
        except ClientError as error:
            self.post_message(TrunkKnown(None, str(error)))
