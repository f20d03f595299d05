"""``--probe KEY=VALUE``: how one provider is checked, in the words of ProbeOverrides."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from provd.schema.probe import ProbeOverrides

HEADER = "headers."
_HOW = "write KEY=VALUE, or KEY= to have it as the daemon's configuration says"


class ProbeOptionError(ValueError):
    """An option can't be read; ``str()`` is a sentence for people."""


def read_options(lines: Sequence[str]) -> dict[str, str | None]:
    """Take ``KEY=VALUE`` apart; ``KEY=`` gives None. Raises ProbeOptionError.

    A key is a field of ProbeOverrides, or ``headers.`` and the name of a header.
    """
    found: dict[str, str | None] = {}
    for line in lines:
        key, equals, value = line.partition("=")
        key = key.strip()
        if not equals:
            raise ProbeOptionError(f"{line!r} has no '=': {_HOW}")
        if not (key in ProbeOverrides.model_fields or key.removeprefix(HEADER) not in ("", key)):
            raise ProbeOptionError(f"there is no {key!r}: {_known(key)}")
        if key == "headers" and value:
            raise ProbeOptionError("headers are named one by one, like headers.X-Account=17")
        if key in found:
            raise ProbeOptionError(f"{key} is given twice")
        found[key] = value.strip() or None
    return found


def changed(before: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The overrides ``before``, with ``options`` as read_options gives them put in or, where None, out."""
    after = {name: value for name, value in before.items() if name != "headers"}
    headers = {} if "headers" in options else dict(before.get("headers") or {})
    for key, value in options.items():
        if key.startswith(HEADER):
            name = key.removeprefix(HEADER)
            headers = {other: text for other, text in headers.items() if other.lower() != name.lower()}
            if value is not None:
                headers[name] = value
        elif value is None:
            after.pop(key, None)
        else:
            after[key] = value
    return after | ({"headers": headers} if headers else {})


def as_options(probe: ProbeOverrides) -> list[str]:
    """What is set, as the options that would set it."""
    found = []
    for key, value in probe.model_dump(mode="json").items():
        if isinstance(value, dict):
            found += [f"{key}.{name}={text}" for name, text in value.items()]
        else:
            found.append(f"{key}={_text(value)}")
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _known(key: str) -> str:
    near = difflib.get_close_matches(key, ProbeOverrides.model_fields, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(ProbeOverrides.model_fields)}"
