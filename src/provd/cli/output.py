"""How provctl prints: a table for people, JSON or YAML for programs."""

import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import typer
import yaml
from pydantic import BaseModel

_NOT_PLAIN = re.compile(r"[^\x20-\x7e\n]")


class Output(StrEnum):
    """The forms of ``-o``."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def show(form: Output, data: BaseModel | Sequence[BaseModel], table: str) -> None:
    """Print ``data`` in the form; ``table`` is what people see."""
    if form is Output.TABLE:
        say(table)
        return
    plain: Any
    if isinstance(data, BaseModel):
        plain = data.model_dump(mode="json", by_alias=True)
    else:
        plain = [each.model_dump(mode="json") for each in data]
    if form is Output.JSON:
        say(as_json(plain, indent=2))
    else:
        say(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip())


def as_json(plain: Any, indent: int | None = None) -> str:
    """JSON as programs read it; what a terminal would obey is escaped in it."""
    text = json.dumps(plain, indent=indent, ensure_ascii=False)
    return _NOT_PLAIN.sub(lambda match: json.dumps(match[0])[1:-1] if _obeyed(match[0]) else match[0], text)


def say(text: str) -> None:
    """Print a line or more at once; a reader who has had enough ends the command without a fuss."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        raise typer.Exit from None


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out under a header, every column as wide as its widest cell."""
    lines = [list(header), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(_width(line[place]) for line in lines) for place in range(len(header))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Lay out names and values, one a line."""
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name.ljust(width)}  {printable(value)}" for name, value in pairs)


def printable(text: str) -> str:
    """Text from elsewhere without what a terminal would obey: control and direction characters."""
    return "".join("\ufffd" if _obeyed(c) else c for c in text)


def _obeyed(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _width(text: str) -> int:
    """How many cells of a terminal the text takes."""
    marks = ("Mn", "Me")  # combine with the character before them
    return sum(
        0 if unicodedata.category(c) in marks else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
