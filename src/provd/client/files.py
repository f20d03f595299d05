"""Files that are imported and exported."""

import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from provd.schema.transfer import ExportFormat

ENDINGS: Mapping[str, ExportFormat] = {
    ".ndjson": ExportFormat.NDJSON,
    ".jsonl": ExportFormat.NDJSON,
    ".csv": ExportFormat.CSV,
    ".json": ExportFormat.JSON,
    ".yaml": ExportFormat.YAML,
    ".yml": ExportFormat.YAML,
    ".list": ExportFormat.KAMAILIO,
}
"""What a file is, by how its name ends."""


def format_of(file: str) -> ExportFormat | None:
    """Tell what a file is by how its name ends; None: that does not tell."""
    _, ending = os.path.splitext(file)  # noqa: PTH122  # "-" and "." are names like any other here
    return ENDINGS.get(ending.lower())


async def save(pieces: AsyncIterator[bytes], target: Path) -> None:
    """Write ``pieces`` into ``target``, which is replaced once they are complete; only its owner may read it.
    A pipe or a device is written to as it is. Raises OSError, and what ``pieces`` raises."""
    if target.exists() and not target.is_file():
        with target.open("wb") as output:
            async for piece in pieces:
                output.write(piece)
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as output:
            async for piece in pieces:
                output.write(piece)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink()
        raise
