"""Reading YAML with providers and routes: item by item, with line numbers, and without surprises.

Anchors and aliases are refused, as few bytes of them make gigabytes; so are tags, and keys that come twice.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from provd.routing.formats.base import FormatError, Found, Problem, Read
from provd.routing.formats.carried import check_version

MAX_DOCUMENT = 64 * 1024 * 1024
_DEEPEST = 20
_AS_TEXT = frozenset(f"tag:yaml.org,2002:{name}" for name in ("timestamp", "value", "merge"))
_DIALLED = re.compile(r"\+|0[0-9]")  # a number to dial, not one to count with
_LISTS = ("providers", "routes", "result")


class YamlReader:
    """Reads a mapping with the lists ``providers`` and ``routes``, or one list."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._size = 0

    def feed(self, number: int, text: str) -> Iterable[Found]:
        """Hold a line: what it means depends on those before."""
        self._size += len(text) + 1
        if self._size > MAX_DOCUMENT:
            raise FormatError(f"is over {MAX_DOCUMENT} bytes: send NDJSON, which has no bound")
        self._lines.append(text)
        return ()

    def close(self) -> Iterable[Found]:
        """Give every item."""
        return records("\n".join(self._lines))


def records(text: str) -> Iterator[Found]:
    """Read a document's records. Raises FormatError."""
    try:
        yield from _Items(text).found()
    except yaml.YAMLError as error:
        raise FormatError(f"is not YAML: {_words(error)}") from None


class _Items:
    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._resolve: Any = Resolver().resolve
        self._constructor = SafeConstructor()

    def found(self) -> Iterator[Found]:
        """Give every record of every list."""
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                yield from self._lists()
            elif isinstance(event, yaml.SequenceStartEvent):
                yield from self._list()
            elif isinstance(event, yaml.ScalarEvent) and event.value.strip():
                _refuse(event, "is a plain value, not a mapping with 'providers' and 'routes'")

    def _lists(self) -> Iterator[Found]:
        seen: set[str] = set()
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            key = str(self._value(event, 1))
            if key in seen:
                _refuse(event, f"has {key!r} a second time")
            seen.add(key)
            value = next(self._events)
            if key in _LISTS and isinstance(value, yaml.SequenceStartEvent):
                yield from self._list()
            elif key == "provd":
                check_version(self._value(value, 1))
            elif key not in _LISTS or self._value(value, 1) is not None:
                _refuse(event, f"has {key[:64]!r}: there are the lists 'providers' and 'routes'")

    def _list(self) -> Iterator[Found]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            value, line = self._value(event, 1), event.start_mark.line + 1
            if isinstance(value, dict) and all(isinstance(key, str) for key in value):
                yield Read(line, value)
            else:
                yield Problem(line, "is not a mapping with the fields of a provider or a route")

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(event, "has an anchor or an alias (& or *): write the value out")
        if getattr(event, "tag", None):
            _refuse(event, f"has the tag {event.tag[:64]!r}: use plain values")
        if depth > _DEEPEST:
            _refuse(event, "is nested too deeply")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(each, depth + 1) for each in self._until(yaml.SequenceEndEvent)]
        found: dict[Any, Any] = {}
        for key_event in self._until(yaml.MappingEndEvent):
            key = self._value(key_event, depth + 1)
            if not isinstance(key, str):
                _refuse(key_event, "has a key that is not text: put it in quotes")
            if key in found:
                _refuse(key_event, f"has {key[:64]!r} a second time")
            found[key] = self._value(next(self._events), depth + 1)
        return found

    def _until(self, end: type[Any]) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _scalar(self, event: Any) -> Any:
        tag: str = self._resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag in _AS_TEXT or _DIALLED.match(event.value):
            return event.value
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            return self._constructor.construct_object(node)
        except (ValueError, OverflowError):
            return event.value


def _words(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem}, in line {error.problem_mark.line + 1}"
    return str(error).split("\n")[0]


def _refuse(event: Any, message: str) -> NoReturn:
    raise FormatError(f"{message}, in line {event.start_mark.line + 1}")
