"""What pydantic found wrong, in words for people; never with the value, which may be a secret."""

import difflib
from collections.abc import Collection, Mapping
from typing import Any


def in_words(error: Mapping[str, Any], known: Collection[str]) -> str:
    """One of pydantic's errors, to stand after the field's name. ``known`` are the keys where it stands."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), known)
    if error["type"] == "string_unicode":
        return "is not valid Unicode text"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def unknown_key(key: str, known: Collection[str]) -> str:
    """That a key is not known, with the nearest that is, or all of them."""
    near = difflib.get_close_matches(key, known, 1, 0.5)
    return "is not a known key" + (
        f": did you mean {near[0]}?" if near else f": known are {', '.join(known)}"
    )
