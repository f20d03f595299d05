"""Ids as callers write them."""

import uuid

from provd.services.errors import invalid


def known_id(text: str, field: str = "id") -> str:
    """An id in its canonical writing; ServiceError 400 when it is no UUID."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise invalid(field, f"{text[:64]!r} is not a UUID") from None
