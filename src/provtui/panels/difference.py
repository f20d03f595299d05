"""What differs between two states of a record, as text: the old value over the new one."""

import json
from collections.abc import Mapping
from typing import Any

from textual.content import Content

from provtui.panels.parts import hung

Fields = Mapping[str, Any]
_OLD, _NEW = ("  - ", ".ink--lost"), ("  + ", ".ink--healthy")


def difference_lines(before: Fields | None, after: Fields | None, cells: int) -> list[Content]:
    """Write each field that differs, by its name, in lines of at most ``cells`` cells.

    None: it was not there, or is gone. Fields that have fields of their own are told apart by those.
    """
    old, new = _flat(before or {}), _flat(after or {})
    lines: list[Content] = []
    for name in dict.fromkeys([*old, *new]):
        if name in old and name in new and old[name] == new[name]:
            continue
        lines.append(Content.styled(name, ".ink--title"))
        if before is not None and name in old:
            lines += hung(_OLD, _value(old[name]), cells)
        if after is not None and name in new:
            lines += hung(_NEW, _value(new[name]), cells)
    return lines


def _flat(fields: Fields) -> dict[str, Any]:
    """Give fields with those of their fields: ``{"probe": {"fall": 3}}`` as ``{"probe.fall": 3}``."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            flat |= {f"{name}.{inner}": found for inner, found in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _value(value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    return "(empty)" if value in ("", [], {}) else json.dumps(value, ensure_ascii=False)
