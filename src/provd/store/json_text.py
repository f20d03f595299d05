"""JSON as columns hold it."""

import json
from typing import Any


def read_json(text: str) -> Any:
    """Parse it. Most columns hold nothing in it, and of those there are thousands."""
    if text == "{}":
        return {}
    if text == "[]":
        return []
    return json.loads(text)
