"""A command: what a user can do, and who may."""

from dataclasses import dataclass
from enum import Enum

from provd.schema.status import Role
from provtui.commands.calls import CALLS
from provtui.commands.places import Place


class Group(Enum):
    """The headings of the help."""

    PROVIDER = "The provider"
    ROUTE = "The route"
    ALERT = "The alert"
    TABS = "Its tabs"
    LIST = "The list"
    SCREENS = "Screens"
    LINE = "Typed after a colon"
    SORT = "Sort (again: the other way)"
    MOVE = "Move"
    GENERAL = "General"


class Argument(Enum):
    """What is written after the name of a command on the ``:`` line; ``needed``: it does not work without."""

    PROVIDER = ("NAME", True)
    THEME = ("dark, light or ansi", False)
    FILE = ("FILE [FORMAT]", True)
    CALLS_FILE = ("FILE", True)
    FORMAT_FILE = ("FORMAT FILE", True)
    FILTER = ("WORDS", False)

    def __init__(self, hint: str, needed: bool) -> None:
        self.hint = hint
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a user can do.

    ``id`` names the handler ``do_<id>`` of the screen; after a colon comes its argument. ``rank`` is the
    place in the queue for the key bar's room, 1 being served first; 0: only in the help. ``words`` are its
    names on the ``:`` line, where those are not made from its id; ``argument`` is what it takes there, and
    gives to the handler. Without ``keys`` it is only there, and in the palette.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    places: frozenset[Place]
    group: Group = Group.GENERAL
    role: Role = Role.VIEWER
    rank: int = 0
    needs_demo: bool = False
    words: tuple[str, ...] = ()
    argument: Argument | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called on the ``:`` line, in lower case; nothing for what moves a cursor."""
        if self.group is Group.MOVE or self.id in _UNNAMED:
            return ()
        return self.words or (self.id.replace(":", "-").replace("_", "-").lower(),)

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls of the API that it makes, as the OpenAPI document writes them."""
        return CALLS.get(self.id, ())

    @property
    def key_text(self) -> str:
        """Its keys as people write them; of one that has none, its name on the ``:`` line."""
        if not self.keys:
            return f":{self.names[0]}"
        return " ".join(_KEY_TEXT.get(key, key) for key in self.keys)

    @property
    def is_typed(self) -> bool:
        """Whether its main key is a character, which goes into a field while one is typed into."""
        return bool(self.keys) and len(self.first_key) == 1 and self.first_key.isascii()

    @property
    def first_key(self) -> str:
        """Its main key as people write it."""
        return _KEY_TEXT.get(self.keys[0], self.keys[0])


_UNNAMED = ("palette", "clear", "out", "back", "line", "mark")
_KEY_TEXT = {
    "colon": ":",
    "space": "space",
    "enter": "↵",
    "escape": "esc",
    "slash": "/",
    "question_mark": "?",
    "up": "↑",
    "down": "↓",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "left": "←",
    "right": "→",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "ctrl+z": "^z",
    "ctrl+s": "^s",
    "ctrl+r": "^r",
    "ctrl+p": "^p",
    "ctrl+t": "^t",
}


def refusal(command: Command, role: Role | None, *, readonly: bool) -> str | None:
    """Say why someone of ``role`` may not run ``command``; None when they may.

    ``role`` is None until the daemon has said who one is; ``readonly`` treats everyone as a viewer.
    """
    if command.role is Role.VIEWER:
        return None
    what = command.label or command.help
    if readonly:
        return f"{what}: not now, provtui was started with --readonly"
    if role is None:
        return f"{what}: provd has not said yet what you may do"
    if role.includes(command.role):
        return None
    return f"{what} needs the {command.role} role; provd says you are {role}"
