"""Filter expressions: ``state=unhealthy carrier=telnyx tag=emea madrid``."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from provd.schema.provider import Provider
from provtui.condition import Condition, condition_of
from provtui.notes import Note, notes_of
from provtui.text import clean

_TERM = re.compile(r'([\w-]+)=(?:"([^"]*)"?|(\S*))|"([^"]*)"?|(\S+)')
R = TypeVar("R")
Test = Callable[[R], bool]
Key = Callable[[list[str]], Test[R]]
"""Makes the test of ``key=value,value`` from the values, in lower case."""

_Test = Test[Provider]


class FilterError(ValueError):
    """The expression can't be understood; ``str()`` says what to write instead."""


@dataclass(frozen=True, slots=True)
class Filter(Generic[R]):
    """An expression and the tests it stands for; a record must pass all of them."""

    text: str = ""
    tests: tuple[Test[R], ...] = ()

    def matches(self, record: R) -> bool:
        """Tell whether ``record`` passes."""
        return all(test(record) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


def read_filter(text: str, word: Callable[[str], Test[R]], keys: Mapping[str, Key[R]]) -> Filter[R]:
    """Read an expression; a leading ``/`` is allowed, ``"two words"`` are one term, letter case is ignored.

    ``word`` makes the test of a bare word; of ``keys`` the one that is named makes the test of its values,
    which commas separate; one without a value, which is still to be typed, tests nothing. Raises FilterError
    for another key, and what a key says.
    """
    expression = text.strip().removeprefix("/").strip()
    tests: list[Test[R]] = []
    for key, *written in _TERM.findall(expression):
        value = "".join(written).casefold()
        if not key:
            tests.append(word(value))
        elif key.casefold() not in keys:
            raise FilterError(f"no key {key!r}: {_instead(key.casefold(), keys)}")
        elif values := [part for part in value.split(",") if part]:
            tests.append(keys[key.casefold()](values))
    return Filter(expression, tuple(tests))


def _instead(key: str, keys: Iterable[str]) -> str:
    """Name the key that was meant, or when none is near, all of them."""
    meant = [each for each in keys if each.startswith(key)] or get_close_matches(key, keys, n=1)
    return f"did you mean {meant[0]}=?" if meant else f"use {', '.join(keys)}, or a word alone"


def parse_filter(text: str) -> Filter[Provider]:
    """Read an expression about providers.

    A bare word is looked for in the name, the hostname and the detail. Of the keys, ``state`` takes the
    beginning of a state's word and ``note`` that of what a note is called, ``name``, ``host`` and
    ``carrier`` a part, and ``tag`` a whole tag; commas separate alternatives. Raises FilterError for another
    key, or a state or note that does not exist.
    """
    return read_filter(text, _word, _KEYS)


def _word(word: str) -> _Test:
    def test(provider: Provider) -> bool:
        return (
            word in clean(provider.name).casefold()
            or word in provider.hostname.casefold()
            or word in clean(provider.detail).casefold()
        )

    return test


def _state(words: list[str]) -> _Test:
    _refuse_unknown("state", words, [condition.word for condition in Condition])
    wanted = frozenset(c for c in Condition if any(c.word.startswith(word) for word in words))
    return lambda provider: condition_of(provider) in wanted


def _note(words: list[str]) -> _Test:
    _refuse_unknown("note", words, [note.called for note in Note])
    wanted = frozenset(note for note in Note if any(note.called.startswith(word) for word in words))
    return lambda provider: not wanted.isdisjoint(notes_of(provider))


def _refuse_unknown(key: str, words: list[str], known: list[str]) -> None:
    for word in words:
        if not any(each.startswith(word) for each in known):
            raise FilterError(f"no {key} {word!r}: use {', '.join(known)}")


def _part_of(read: Callable[[Provider], str]) -> Callable[[list[str]], _Test]:
    return lambda words: lambda provider: any(word in clean(read(provider)).casefold() for word in words)


def _tag(words: list[str]) -> _Test:
    wanted = frozenset(words)
    return lambda provider: any(clean(tag).casefold() in wanted for tag in provider.tags)


HINT = "words  state=  note=  carrier=  tag=  host=  name="
"""What can be written, for where nothing is yet."""

_KEYS: dict[str, Key[Provider]] = {
    "state": _state,
    "note": _note,
    "carrier": _part_of(lambda provider: provider.carrier),
    "tag": _tag,
    "host": _part_of(lambda provider: provider.hostname),
    "name": _part_of(lambda provider: provider.name),
}
