"""Three versions of a record: as it was, theirs, yours. What differs, and yours put over theirs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provtui.text import clean, printable

Fields = Mapping[str, Any]
_NOT_THERE: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field as it was when you began, as it is now, and as you typed it."""

    label: str
    base: str
    theirs: str
    yours: str


def differences(base: Fields, theirs: Fields, yours: Fields, within: str = "") -> Iterator[Difference]:
    """Give each field of JSON that is not the same in all three, with its values as JSON writes them.

    Fields that have fields of their own are told apart by those, as ``probe.fall``.
    """
    for name in dict.fromkeys([*base, *theirs, *yours]):
        before, other, own = (each.get(name, _NOT_THERE) for each in (base, theirs, yours))
        label = f"{within}{clean(name)}"
        if isinstance(before, Mapping) and isinstance(other, Mapping) and isinstance(own, Mapping):
            yield from differences(before, other, own, f"{label}.")
        elif not before == other == own:
            yield Difference(label, _written(before), _written(other), _written(own))


def yours_over(base: Fields, theirs: Fields, yours: Fields) -> dict[str, Any]:
    """Give what is theirs, with what you changed, added or took out."""
    merged: dict[str, Any] = {}
    for name in dict.fromkeys([*theirs, *yours]):
        before, other, own = (each.get(name, _NOT_THERE) for each in (base, theirs, yours))
        if isinstance(before, Mapping) and isinstance(other, Mapping) and isinstance(own, Mapping):
            merged[name] = yours_over(before, other, own)
        elif (chosen := other if own == before else own) is not _NOT_THERE:
            merged[name] = chosen
    return merged


def _written(value: Any) -> str:
    return "(not there)" if value is _NOT_THERE else printable(json.dumps(value, ensure_ascii=False))
