"""How much a program holds: memory, and the sizes of its containers."""

import gc
import os
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
_CONTAINERS = (dict, list, set, deque, tuple, frozenset, bytearray)


def resident() -> int:
    """How much memory this process has, in bytes."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def sizes(*roots: object) -> dict[str, int]:
    """How many things are in the containers of our objects that can be reached from ``roots``, added up by
    the class and the attribute that holds them."""
    found: defaultdict[str, int] = defaultdict(int)
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        each = waiting.pop()
        if id(each) in seen or not type(each).__module__.startswith("provd."):
            continue
        seen.add(id(each))
        for name, value in _attributes(each):
            waiting += _reached(value, f"{type(each).__name__}.{name}", found, seen)
    return dict(found)


def outgrown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """What has grown by more than chance makes of it."""
    return {
        name: (before.get(name, 0), size)
        for name, size in after.items()
        if size > 1.25 * before.get(name, 0) + 200
    }


def _reached(value: Any, path: str, found: defaultdict[str, int], seen: set[int]) -> list[Any]:
    """What is in a value; its size, if it is a container, is added to ``found``."""
    if not isinstance(value, _CONTAINERS):
        return [value]
    if id(value) in seen:
        return []
    seen.add(id(value))
    found[path] += len(value)
    inner: Collection[Any] = value.values() if isinstance(value, Mapping) else value
    reached = []
    for each in inner if not isinstance(value, bytearray) else ():
        reached += _reached(each, f"{path}[]", found, seen)
    return reached


def _attributes(each: object) -> Iterator[tuple[str, Any]]:
    yield from getattr(each, "__dict__", {}).items()
    for kind in type(each).__mro__:
        for name in getattr(kind, "__slots__", ()):
            if hasattr(each, name):
                yield name, getattr(each, name)
