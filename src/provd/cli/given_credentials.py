"""Credentials for a carrier: asked for, or out of a file; never from the command line."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import typer

from provd.cli.failures import ExitCode, fail
from provd.schema.carriers import CarrierInfo


@dataclass(frozen=True, slots=True)
class Asked:
    """What to ask for: the fields of a JSON Schema, those that are required, those that are secret."""

    titles: dict[str, str]
    required: frozenset[str]
    secret: frozenset[str]

    @classmethod
    def of(cls, carrier: CarrierInfo) -> Self:
        """What a carrier wants to know."""
        fields: dict[str, dict[str, Any]] = carrier.credentials.get("properties", {})
        return cls(
            {name: field.get("title", name) for name, field in fields.items()},
            frozenset(carrier.credentials.get("required", ())),
            frozenset(name for name, field in fields.items() if field.get("writeOnly")),
        )


def credentials_from(file: str, asked: Asked) -> dict[str, str]:
    """Read a JSON object from ``file``, ``-`` for standard input; without one, ask at the terminal."""
    return _read(file) if file else _ask(asked)


def _read(file: str) -> dict[str, str]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(ExitCode.USAGE, f"--credentials: {file} can't be read: {error}")
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        where = "standard input" if file == "-" else file
        fail(
            ExitCode.USAGE,
            f'--credentials: {where} must be a JSON object of texts, like {{"api_key": "..."}}',
        )
    return given


def _ask(asked: Asked) -> dict[str, str]:
    if not sys.stdin.isatty():
        fail(
            ExitCode.USAGE,
            "there is no terminal to ask for the credentials at: give them with --credentials FILE, or - for "
            "standard input",
        )
    given = {}
    for name, title in asked.titles.items():
        needed = name in asked.required
        value = typer.prompt(
            title if needed else f"{title} (empty: none)",
            default=None if needed else "",
            show_default=False,
            hide_input=name in asked.secret,
            err=True,
        )
        if value:
            given[name] = value
    return given
