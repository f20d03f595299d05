"""What an empty store shows instead of a table."""

from collections.abc import Sequence

from textual.content import Content

from provtui.commands import Command
from provtui.widgets.lines import Lines

_TEXT = (
    "provd keeps the SIP trunks of your carriers and checks each of them with OPTIONS every few seconds: "
    "whether it answers, how fast, and if not, why. There is no provider here yet. With a carrier's key "
    "provd sets a trunk up there; or add one by hand: its name and its hostname, like sip.carrier.example or "
    "203.0.113.9:5060. Many come in one file: CSV, JSON, YAML, or your SIP server's own."
)


class Welcome(Lines):
    """Explains what this is, and offers ways to begin."""

    def offer(self, commands: Sequence[Command]) -> None:
        """Show the text with the ``commands`` that bring in a first provider."""
        parts: list[tuple[str, str] | str] = [("Welcome to provtui", ".ink--title"), "\n\n", _TEXT, "\n"]
        for command in commands:
            if command.id in ("setup", "add", "import", "demo"):
                parts += ["\n", (f"  {command.first_key}  ", ".ink--key"), command.help]
        self.show(Content.assemble(*parts))
