"""Our own files: JSON, a JSON object a line, CSV and YAML. They have everything, whatever the values."""

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

import yaml

from provd.routing.formats.base import VERSION, Record
from provd.routing.formats.carried import words

CSV_PROVIDER = (
    *("id", "name", "hostname", "transport", "enabled", "carrier", "codecs", "detail", "type"),
    *("tech_prefix", "tech_postfix", "tech_headers", "tags", "probe"),
)
CSV_ROUTE = ("provider_id", "target", "priority", "weight", "customer_id")
_TEXT = frozenset({"name", "detail", "carrier", "codecs"})
_UNBROKEN = 2**31 - 1  # an item goes on as long as it is
_FORMULA = re.compile(r"'*[=+\-@]")


class NdjsonWriter:
    """Writes a JSON object a line: providers, then routes."""

    def opening(self, note: str = "") -> str:
        """Give nothing."""
        return ""

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a line."""
        return _json(provider) + "\n"

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Give a line."""
        return _json(route) + "\n"

    def closing(self) -> str:
        """Give nothing."""
        return ""


class JsonWriter:
    """Writes ``{"provd": 1, "providers": [...], "routes": [...]}``, a record a line."""

    def __init__(self) -> None:
        self._comma = ""

    def opening(self, note: str = "") -> str:
        """Open the object and the first array."""
        said = f'"note": {json.dumps(note)}, ' if note else ""
        return f'{{"provd": {VERSION}, {said}"providers": ['

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a line."""
        return self._next(provider)

    def between(self) -> str:
        """Close an array, open the next."""
        self._comma = ""
        return '\n], "routes": ['

    def route(self, route: Record) -> str:
        """Give a line."""
        return self._next(route)

    def closing(self) -> str:
        """Close what is open."""
        return "\n]}\n"

    def _next(self, record: Record) -> str:
        comma, self._comma = self._comma, ","
        return f"{comma}\n{_json(record)}"


class YamlWriter:
    """Writes ``provd: 1`` and the lists ``providers`` and ``routes``."""

    def __init__(self) -> None:
        self._empty = True

    def opening(self, note: str = "") -> str:
        """Begin the first list."""
        said = f"# {words(note)}\n" if note else ""
        return f"{said}provd: {VERSION}\nproviders:"

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give an item."""
        return self._next(provider)

    def between(self) -> str:
        """End a list, begin the next."""
        return f"{self.closing()}routes:"

    def route(self, route: Record) -> str:
        """Give an item."""
        return self._next(route)

    def closing(self) -> str:
        """End a list."""
        ending, self._empty = (" []\n" if self._empty else ""), True
        return ending

    def _next(self, record: Record) -> str:
        begin, self._empty = ("\n" if self._empty else ""), False
        return begin + _yaml(record)


class CsvWriter:
    """Writes CSV (RFC 4180) whose first line has the names of the columns; an absent field is an empty cell.

    A cell of free text that a spreadsheet would take for a formula begins with an apostrophe, which an import
    takes away again.
    """

    def opening(self, note: str = "") -> str:
        """Name the columns."""
        return _csv_row([*CSV_PROVIDER, *CSV_ROUTE])

    def provider(self, provider: Record, routes: Sequence[Record]) -> str:
        """Give a row."""
        return _csv_row(
            [*(_cell(name, provider.get(name)) for name in CSV_PROVIDER), *("" for _ in CSV_ROUTE)]
        )

    def between(self) -> str:
        """Give nothing."""
        return ""

    def route(self, route: Record) -> str:
        """Give a row, which has a provider_id and no hostname."""
        return _csv_row([_cell(name, route.get(name)) for name in (*CSV_PROVIDER, *CSV_ROUTE)])

    def closing(self) -> str:
        """Give nothing."""
        return ""


def guarded(text: str) -> str:
    """Give free text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(name: str, text: str) -> str:
    """Give what ``guarded`` took, in a column of free text; other cells stay as they are."""
    return text[1:] if name in _TEXT and text.startswith("'") and _FORMULA.match(text) else text


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in _TEXT:
        return guarded(str(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _csv_row(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _json(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False)


def _yaml(record: Record) -> str:
    text = yaml.dump(
        [dict(record)], Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=_UNBROKEN
    )
    return str(text)
