"""How the Universal platform's API answers: JSON, with what was asked for in ``data``."""

from collections.abc import Mapping
from typing import Any

import httpx

from provd.carriers.api import Page
from provd.carriers.rest import read_json, read_object

_WORDS = ("code", "error", "type", "title", "description", "error_description", "message", "detail")


def read(response: httpx.Response) -> Any:
    """The object in ``data``; for a list, the whole answer. Raises ValueError."""
    whole = read_object(response)
    data = whole.get("data")
    if not isinstance(data, dict | list):
        raise ValueError("JSON without data")
    return data if isinstance(data, dict) else whole


def page(data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
    """The things listed, and where the rest begins if ``page`` tells of more. Raises ValueError."""
    items = data.get("data") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise ValueError("a list without data")
    about = data.get("page")
    total = about.get("totalElements") if isinstance(about, dict) else None
    seen = int(params.get("offset", "0")) + len(items)
    if not items or not isinstance(total, int) or seen >= total:
        return items, None
    return items, (path, {**params, "offset": str(seen)})


def words(response: httpx.Response) -> str:
    """The errors, each with its code. Raises ValueError."""
    whole = read_json(response)
    if not isinstance(whole, dict):
        return ""
    listed = whole.get("errors")
    errors = listed if isinstance(listed, list) and listed else [whole]
    return "; ".join(filter(None, (_words_of(each) for each in errors)))


def _words_of(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    said = (error.get(name) for name in _WORDS)
    return ", ".join(str(each) for each in said if isinstance(each, str | int) and each != "")
