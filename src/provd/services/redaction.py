"""What is shown in the place of secret values."""

from collections.abc import Mapping
from typing import Any

HIDDEN = "***"


def hidden(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which the values of ``tech_headers`` are hidden."""
    headers = fields.get("tech_headers")
    return {**fields, "tech_headers": dict.fromkeys(headers, HIDDEN)} if headers else dict(fields)
