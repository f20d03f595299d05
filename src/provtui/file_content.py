"""Reading a file for sending, without holding the interface up."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

from provd.client.upload import chunks


async def content_of(file: Path) -> AsyncIterator[bytes]:
    """Read ``file`` to its end. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        async for piece in chunks(descriptor):
            yield piece
    finally:
        os.close(descriptor)
