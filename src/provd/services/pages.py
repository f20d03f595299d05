"""Page tokens: opaque to clients, a place in a list to us."""

import base64
import binascii

from provd.schema.timestamps import from_timestamp
from provd.services.errors import invalid
from provd.store.providers import Cursor

MAX_PAGE = 1000
_MAX_TOKEN = 256


def encode(*parts: str) -> str:
    """Make a token of the parts."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def provider_cursor(token: str) -> Cursor | None:
    """Read a token of the provider list, or a bare timestamp; ServiceError 400 when it is neither."""
    if not token:
        return None
    if _is_timestamp(token):
        return Cursor(token, "")
    created, _, key = _decode(token).partition("|")
    if not _is_timestamp(created) or not key:
        raise _rubbish()
    return Cursor(created, key)


def event_cursor(token: str) -> int | None:
    """Read a token of the event log; ServiceError 400 when it is none."""
    if not token:
        return None
    text = _decode(token)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _rubbish()
    return int(text)


def _decode(token: str) -> str:
    if len(token) > _MAX_TOKEN or not token.isascii():
        raise _rubbish()
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _rubbish() from None


def _is_timestamp(text: str) -> bool:
    try:
        from_timestamp(text)
    except ValueError:
        return False
    return True


def _rubbish() -> Exception:
    return invalid(
        "page_token",
        "is not one that this list gave: use next_page_token of the page before, or leave it out",
    )
