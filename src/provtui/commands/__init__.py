"""The commands of the interface."""

from provtui.commands.command import Argument, Command, Group, refusal
from provtui.commands.lookup import bindings_at, commands_at, move_bindings
from provtui.commands.places import SCREENS, TABS, Place
from provtui.commands.table import BY_ID, COMMANDS

__all__ = [
    "BY_ID",
    "COMMANDS",
    "SCREENS",
    "TABS",
    "Argument",
    "Command",
    "Group",
    "Place",
    "bindings_at",
    "commands_at",
    "move_bindings",
    "refusal",
]
