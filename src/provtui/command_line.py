"""What is typed after a colon: the name of a command, and what it is to be done with."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from provtui.commands import COMMANDS, Argument, Command

Values = Callable[[Argument, str], Iterable[str]]
"""Gives what may be written for an argument that begins with a text, the likeliest first."""

_ENOUGH = 40
"""Completions; more help nobody."""


class LineError(ValueError):
    """The line can't be understood; ``str()`` says what to write instead."""


@dataclass(frozen=True, slots=True)
class Line:
    """A command, and its argument as it was written; empty: none was."""

    command: Command
    argument: str = ""


def read_line(text: str, here: Sequence[Command]) -> Line:
    """Read a line; ``here`` are the commands that work where it was typed. Raises LineError."""
    name, _, argument = text.strip().removeprefix(":").strip().partition(" ")
    argument = argument.strip()
    if not name:
        raise LineError("type the name of a command; tab completes it")
    command = next((each for each in here if name.casefold() in each.names), None)
    if command is None:
        raise LineError(_unknown(name.casefold(), here))
    if command.argument is None and argument:
        raise LineError(f"{name} stands alone: leave {argument[:20]!r} out")
    if command.argument is not None and command.argument.needed and not argument:
        raise LineError(f"write {name} {command.argument.hint}")
    return Line(command, argument)


def completions(text: str, here: Sequence[Command], values: Values) -> list[str]:
    """Give the lines that ``text`` may become, the likeliest first."""
    name, space, rest = text.lstrip().removeprefix(":").lstrip().partition(" ")
    if not space:
        wanted = name.casefold()
        begin = [_first(each, wanted) for each in here]
        return sorted({found for found in begin if found})[:_ENOUGH]
    command = next((each for each in here if name.casefold() in each.names), None)
    if command is None or command.argument is None:
        return []
    found = (f"{name} {value}" for value in values(command.argument, rest.lstrip()))
    return [line for line, _ in zip(found, range(_ENOUGH), strict=False)]


def _first(command: Command, beginning: str) -> str:
    """Give the first of the names of ``command`` that begins so; empty when none does."""
    return next((name for name in command.names if name.startswith(beginning)), "")


def _unknown(name: str, here: Sequence[Command]) -> str:
    if any(name in each.names for each in COMMANDS):
        return f"{name} does not work here"
    near = get_close_matches(name, [known for each in here for known in each.names], 1, 0.5)
    meant = f": did you mean {near[0]}?" if near else ": tab shows which there are"
    return f"there is no command {name[:20]!r}{meant}"
