"""The names in forms, held against a specification: the checker drops those that it doesn't know."""

import json
import re
from functools import cache
from urllib.parse import parse_qs

import httpx

from tests.fakes.carriers.contract import SPECS, BrokenContract

_FORM = "application/x-www-form-urlencoded"


@cache
def _known(name: str) -> list[tuple[re.Pattern[str], frozenset[str]]]:
    paths = json.loads((SPECS / name).read_text())["paths"]
    return [
        (
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
            frozenset(item["post"]["requestBody"]["content"][_FORM]["schema"]["properties"]),
        )
        for path, item in paths.items()
        if "requestBody" in item.get("post", {})
    ]


def check_form(request: httpx.Request, name: str) -> None:
    """Raise BrokenContract when a form has a field that the specification does not have there."""
    fields = set(parse_qs(request.content.decode(), keep_blank_values=True))
    for path, known in _known(name):
        if path.fullmatch(request.url.path) and not fields <= known:
            raise BrokenContract(f"{request.method} {request.url} has {sorted(fields - known)}")
