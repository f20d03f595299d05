"""The dialog of what is done to many records: a question, the progress, and a report of what failed."""

import asyncio
from collections import Counter
from typing import ClassVar, Generic

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provd.client import ClientError
from provtui.bulk import Bulk, Ending, N, first_names
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.figures import count_text
from provtui.panels.parts import heading, hung
from provtui.text import clean
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

AT_ONCE = 8
"""How many records are acted on at the same time."""

_MARGIN = 6
_STOPPED = "not done: you stopped it"


class Ended(Message):
    """It ended for one record."""

    def __init__(self, ending: Ending) -> None:
        super().__init__()
        self.ending = ending


class AllEnded(Message):
    """It ended for every record."""


class BulkDialog(Dialog[frozenset[str]], Generic[N]):
    """Asks, acts, and gives the ids of the records that it was done to; those for which it failed are told.

    When it is stopped, what is under way is still waited for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.BULK, Place.BULK_RUN, Place.BULK_DONE)]
    AUTO_FOCUS = ""

    def __init__(self, bulk: Bulk[N]) -> None:
        super().__init__()
        self.place = Place.BULK
        self._bulk = bulk
        self._endings: list[Ending] = []
        self._stopped = False

    def compose(self) -> ComposeResult:
        """Lay out the question; the report comes in its place."""
        bulk = self._bulk
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(bulk.title)
            with VerticalScroll():
                yield Lines(self._question(), id="bulk-text")
            if bulk.typed:
                yield Input(compact=True, placeholder=str(len(bulk.records)), id="bulk-count")
            yield Lines(id="bulk-said")
        yield KeyBar(list(commands_at(self.place)), self.refused)

    def on_mount(self) -> None:
        """Give the keys to the number, where one is typed; else to the text, which scrolls."""
        (self.query_one("#bulk-count") if self._bulk.typed else self.query_one(VerticalScroll)).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let keys through only to the commands of the present step."""
        if action == "run":
            return any(command.id == parameters[0] for command in commands_at(self.place))
        return super().check_action(action, parameters)

    def do_act(self) -> None:
        """Begin, if the number was typed where it has to be."""
        bulk = self._bulk
        if bulk.typed:
            field = self.query_one("#bulk-count", Input)
            if field.value.strip() != str(len(bulk.records)):
                self._say(f"✗ Type {len(bulk.records)}, the number of them.", ".ink--unhealthy")
                return
            field.display = False
            self.query_one(VerticalScroll).focus()
        self._go_to(Place.BULK_RUN)
        self._tell()
        self.run_worker(self._act_on_all(), group="bulk")

    def do_give_up(self) -> None:
        """Give that nothing was done."""
        self.dismiss(frozenset())

    def do_stop(self) -> None:
        """Begin with no other record."""
        self._stopped = True
        self._say("Stopping: waiting for what is under way…", ".ink--suspect")

    def do_seen(self) -> None:
        """Give the ids of those that it was done to."""
        self.dismiss(frozenset(ending.record_id for ending in self._endings if not ending.error))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if self.place is Place.BULK:
            self.action_run("act")

    @on(Ended)
    def _ended(self, message: Ended) -> None:
        self._endings.append(message.ending)
        self._tell()

    @on(AllEnded)
    def _all_ended(self) -> None:
        failed = [ending for ending in self._endings if ending.error]
        if not failed and not any(ending.words for ending in self._endings):
            self.app.notify(f"{self._count(len(self._endings))} {self._bulk.done}", markup=False)
            self.do_seen()
            return
        self._go_to(Place.BULK_DONE)
        self.query_one("#bulk-text", Lines).show(self._report(failed))
        self._say("The marks stay on those that failed." if failed else "", ".ink--faint")

    def _go_to(self, place: Place) -> None:
        self.place = place
        self.query_one(KeyBar).show(list(commands_at(place)))

    def _tell(self) -> None:
        failed = sum(bool(ending.error) for ending in self._endings)
        said = f"{self._bulk.doing}: {len(self._endings)} of {count_text(len(self._bulk.records))}"
        if not self._stopped:
            self._say(said + (f", {failed} failed" if failed else ""), ".ink--key")

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#bulk-said", Lines).show(Content.styled(text, ink))

    def _question(self) -> Content:
        bulk, cells = self._bulk, min(76, self.app.size.width) - _MARGIN
        names = first_names([clean(record.name) for record in bulk.records])
        lines = hung(("", ""), names, cells, ".ink--name")
        if bulk.warning:
            lines += [Content(""), *hung(("", ""), bulk.warning, cells)]
        if bulk.typed:
            lines += [Content(""), Content(f"Type {len(bulk.records)}, the number of them, to do it:")]
        return Content("\n").join(lines)

    def _report(self, failed: list[Ending]) -> Content:
        cells = min(76, self.app.size.width) - _MARGIN
        done = len(self._endings) - len(failed)
        lines = [Content(f"{self._count(done)} {self._bulk.done}.")]
        words = Counter(ending.words for ending in self._endings if ending.words)
        for said, _ in words.most_common():
            names = [clean(ending.name) for ending in self._endings if ending.words == said]
            lines += hung((f"{len(names)} {said}: ", ".ink--faint"), first_names(names), cells)
        if failed:
            lines += [Content(""), heading(f"{len(failed)} failed")]
            for ending in failed:
                lines += hung(("✗ ", ".ink--unhealthy"), f"{ending.name}: {ending.error}", cells)
        return Content("\n").join(lines)

    def _count(self, number: int) -> str:
        return f"{count_text(number)} of {count_text(len(self._bulk.records))}"

    async def _act_on_all(self) -> None:
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for record in self._bulk.records:
                tasks.create_task(self._act_on(record, room))
        self.post_message(AllEnded())

    async def _act_on(self, record: N, room: asyncio.Semaphore) -> None:
        async with room:
            if self._stopped:
                self.post_message(Ended(Ending(record.id, record.name, error=_STOPPED)))
                return
            try:
                words = await self._bulk.act(record)
            except ClientError as error:
                self.post_message(Ended(Ending(record.id, record.name, error=str(error))))
            else:
                self.post_message(Ended(Ending(record.id, record.name, words=words)))
