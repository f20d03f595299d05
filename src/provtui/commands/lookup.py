"""Which commands work at a place, and the keys of them."""

from collections.abc import Iterator

from textual.binding import Binding

from provtui.commands.command import Command, Group
from provtui.commands.places import Place
from provtui.commands.table import COMMANDS


def commands_at(place: Place, *, demo: bool = True) -> Iterator[Command]:
    """Give the commands that work at ``place``; ``demo`` tells whether there is a demo fleet to load."""
    return (c for c in COMMANDS if place in c.places and (demo or not c.needs_demo))


def bindings_at(*places: Place) -> list[Binding]:
    """Make the key bindings of a screen that is at any of ``places``; each runs ``run('<id>')``."""
    wanted = set(places)
    return [
        Binding(",".join(command.keys), f"run('{command.id}')", command.label, show=False)
        for command in COMMANDS
        if wanted & command.places
        and command.keys
        and command.group is not Group.MOVE
        and command.id != "palette"
    ]


def move_bindings() -> list[Binding]:
    """Make the bindings that move a list's cursor; each runs ``move('<where>')``."""
    moves = (command for command in COMMANDS if command.group is Group.MOVE)
    return [Binding(",".join(c.keys), f"move('{c.id.partition(':')[2]}')", show=False) for c in moves]
