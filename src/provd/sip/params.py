"""The ``;name=value`` parameters after a header's value (RFC 3261 section 7.3.1)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provd.sip.errors import SipParseError, shown
from provd.sip.grammar import QUOTED_STRING, TOKEN_CHARS

# A value is taken up to the next separator rather than as a token: tags and branches with '=', '@' or
# ':' are common, and "received" has colons and brackets (RFC 5118 section 4.5).
_PARAM = re.compile(
    rf'[ \t]*;[ \t]*([{TOKEN_CHARS}]+)(?:[ \t]*=[ \t]*({QUOTED_STRING}|[^ \t;,"]+))?',
)


@dataclass(frozen=True, slots=True)
class Params:
    """Parameters in their order. A value is None for a bare name; a quoted string keeps its quotes."""

    items: tuple[tuple[str, str | None], ...] = ()

    def get(self, name: str) -> str | None:
        """The value of the first parameter of that name, in any case; None for none, or a bare name."""
        return next((value for key, value in self._named(name)), None)

    def count(self, name: str) -> int:
        """How many parameters have that name, in any case."""
        return sum(1 for _ in self._named(name))

    def replace(self, name: str, value: str | None) -> "Params":
        """A copy in which that parameter has ``value``: in its place, or at the end when it is new."""
        if name not in self:
            return Params((*self.items, (name, value)))
        wanted = name.lower()
        return Params(tuple((key, value if key.lower() == wanted else old) for key, old in self.items))

    def _named(self, name: str) -> Iterator[tuple[str, str | None]]:
        wanted = name.lower()
        return (item for item in self.items if item[0].lower() == wanted)

    def __contains__(self, name: str) -> bool:
        return self.count(name) > 0

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in self.items)


NO_PARAMS = Params()
"""The parameters of a value that has none."""


def scan_params(text: str, start: int) -> tuple[Params, int]:
    """Read the parameters of ``text`` from ``start``; give them and where they end."""
    items = []
    while match := _PARAM.match(text, start):
        items.append((match[1], match[2]))
        start = match.end()
    return (Params(tuple(items)) if items else NO_PARAMS), start


def parse_params(text: str, start: int = 0) -> Params:
    """Read the parameters that ``text`` has from ``start`` to its end, and nothing else.

    Raises SipParseError at the first thing that is not a parameter, such as an empty one.
    """
    params, end = scan_params(text, start)
    if text[end:].strip(" \t"):
        raise SipParseError(f"{shown(text[end:])} is not a parameter")
    return params
