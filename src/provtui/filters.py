"""Filter expressions: ``state=unhealthy carrier=telnyx tag=emea madrid``."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from provd.schema.provider import Provider
from provtui.condition import Condition, condition_of
from provtui.notes import Note, notes_of
from provtui.text import clean

_TERM = re.compile(r'(?:([A-Za-z]+)=)?(?:"([^"]*)"?|(\S+))')
_Test = Callable[[Provider], bool]


class FilterError(ValueError):
    """The expression can't be understood; ``str()`` says what to write instead."""


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression and the tests it stands for; a provider must pass all of them."""

    text: str = ""
    tests: tuple[_Test, ...] = ()

    def matches(self, provider: Provider) -> bool:
        """Tell whether ``provider`` passes."""
        return all(test(provider) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


def parse_filter(text: str) -> Filter:
    """Read an expression; a leading ``/`` is allowed, ``"two words"`` are one term, letter case is ignored.

    A bare word is looked for in the name, the hostname and the detail. Of the keys, ``state`` takes the
    beginning of a state's word and ``note`` that of a note's, ``name``, ``host`` and ``carrier`` a part, and
    ``tag`` a whole tag; commas separate alternatives. Raises FilterError for another key, no value, or a
    state or note that does not exist.
    """
    expression = text.strip().removeprefix("/").strip()
    tests: list[_Test] = []
    for key, quoted, bare in _TERM.findall(expression):
        value = (quoted or bare).casefold()
        if not key:
            known = value.rstrip("=") in _KEYS and value.endswith("=")
            if known:
                continue  # a key whose value is still being typed
            tests.append(_word(value))
        elif key.casefold() not in _KEYS:
            raise FilterError(f"no key {key!r}: use {', '.join(_KEYS)}, or a word alone")
        else:
            tests.append(_KEYS[key.casefold()]([part for part in value.split(",") if part]))
    return Filter(expression, tuple(tests))


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
    _refuse_unknown("note", words, [note.word for note in Note])
    wanted = frozenset(note for note in Note if any(note.word.startswith(word) for word in words))
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


_KEYS: dict[str, Callable[[list[str]], _Test]] = {
    "state": _state,
    "note": _note,
    "carrier": _part_of(lambda provider: provider.carrier),
    "tag": _tag,
    "host": _part_of(lambda provider: provider.hostname),
    "name": _part_of(lambda provider: provider.name),
}
