"""JSON over HTTPS, as most carriers speak it."""

import json
from typing import Any

import httpx


def write_json(body: Any) -> tuple[bytes, str]:
    """A body, and its media type."""
    return json.dumps(body, separators=(",", ":")).encode(), "application/json"


def read_json(response: httpx.Response) -> Any:
    """What an answer says. Raises ValueError when it is no JSON, with what it is instead."""
    try:
        return response.json()
    except ValueError:
        media_type = response.headers.get("content-type", "no media type").split(";")[0]
        raise ValueError(f"{len(response.content)} bytes of {media_type} that are no JSON") from None


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The same, of an answer that must be an object."""
    data = read_json(response)
    if not isinstance(data, dict):
        raise ValueError("JSON that is no object")
    return data


class BearerAuth(httpx.Auth):
    """``Authorization: Bearer`` with a key."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request
