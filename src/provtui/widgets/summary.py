"""Under the table: what is wrong with the provider under the cursor, since when, and what to do."""

from textual.content import Content

from provd.schema.provider import Provider
from provtui import verdict
from provtui.text import clean, crop
from provtui.widgets.lines import Lines


class Summary(Lines):
    """Four lines about one provider."""

    def show_provider(self, provider: Provider | None, now: float, *, checking: bool) -> None:
        """Show ``provider``, or nothing; ``checking`` says that a check was asked for and is under way."""
        if provider is None:
            self.show(Content("\n\n"))
            return
        head = Content.assemble(
            (crop(clean(provider.name), 40), ".ink--name"),
            "  ",
            verdict.headline(provider, now),
            verdict.noted(provider, now),
        )
        if checking:
            head = Content.assemble(head, ("  checking…", ".ink--key"))
        lines = [head, Content(verdict.explanation(provider)), verdict.next_step(provider)]
        self.show(Content("\n").join([*lines, *verdict.remarks(provider, now)]))
