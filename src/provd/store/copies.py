"""How copies of the store are named, and which is to be put back when it is damaged."""

from datetime import datetime
from pathlib import Path

_PREFIX, _SUFFIX = "provd-", ".db"
_NIGHTLY = "backups"  # in the state directory: where provd-backup.timer has them put


def copy_name(at: datetime) -> str:
    """The name of a copy in a folder of copies; ``at`` is in UTC."""
    return f"{_PREFIX}{at:%Y%m%dT%H%M%SZ}{_SUFFIX}"


def kept_name(at: datetime) -> str:
    """The name of the store that another took the place of."""
    return f"before-{at:%Y%m%dT%H%M%SZ}{_SUFFIX}"


def copies(folder: Path) -> list[Path]:
    """The copies in a folder, the oldest first."""
    return sorted(folder.glob(f"{_PREFIX}*Z{_SUFFIX}"))


def superfluous(folder: Path, made: Path, keep: int) -> list[Path]:
    """The oldest copies beyond ``keep``. Never the one that was just ``made``, whatever the clock says."""
    others = [each for each in copies(folder) if each != made]
    return others[: max(0, len(others) - (keep - 1))]


def how_to_restore(store: Path) -> str:
    """What to do when the store at this path is damaged, with the newest copy that is known of."""
    known = copies(store.parent / _NIGHTLY)
    which, copy = ("the newest copy", str(known[-1])) if known else ("a copy", "FILE")
    return f"stop provd and put {which} back: provd restore {copy} --state-dir {store.parent}"
