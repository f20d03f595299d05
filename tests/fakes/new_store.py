"""New stores without the time that their migrations take: copies of one that is made once in a process."""

import tempfile
from functools import cache
from pathlib import Path

from provd.store.migrate import migrate


def make_store(path: Path) -> None:
    """What ``migrate`` makes of nothing at ``path``; a store that is there is left as it is."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="provd-") as folder:
        path = Path(folder) / "provd.db"
        migrate(path)
        return path.read_bytes()
