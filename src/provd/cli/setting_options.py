"""``--set KEY=VALUE``: settings of a carrier, read by its JSON Schema."""

import difflib
from collections.abc import Sequence
from typing import Any


class SettingOptionError(Exception):
    """An option can't be read; ``str()`` says which and why."""


def read_settings(options: Sequence[str], schema: dict[str, Any]) -> dict[str, Any]:
    """The settings as JSON has them: lists of what stands between commas, numbers, true and false."""
    known: dict[str, dict[str, Any]] = schema.get("properties", {})
    given: dict[str, Any] = {}
    for option in options:
        name, equals, text = option.partition("=")
        if not equals:
            raise SettingOptionError(f"{option!r} has no '=': write KEY=VALUE")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            raise SettingOptionError(
                f"{name!r} is not known"
                + (f": did you mean {near[0]}?" if near else f": {', '.join(known)} are")
            )
        if name in given:
            raise SettingOptionError(f"{name} is given twice: put lists into one, with commas")
        given[name] = _read(name, text, _kinds(known[name]))
    return given


def _kinds(field: dict[str, Any]) -> set[str]:
    return {each.get("type", "") for each in (field, *field.get("anyOf", ()))}


def _read(name: str, text: str, kinds: set[str]) -> Any:
    if "array" in kinds:
        return [part.strip() for part in text.split(",") if part.strip()]
    if "boolean" in kinds:
        if text.lower() not in ("true", "false", "yes", "no"):
            raise SettingOptionError(f"{name} is yes or no, not {text!r}")
        return text.lower() in ("true", "yes")
    if kinds & {"integer", "number"}:
        if not text and "null" in kinds:
            return None
        try:
            return int(text) if "integer" in kinds else float(text)
        except ValueError:
            raise SettingOptionError(f"{name} is a number, not {text!r}") from None
    return text
