"""The state directory is for one provd at a time."""

import fcntl
import os
from pathlib import Path

from provd.store.errors import StoreOpenError


def lock_state(state_dir: Path) -> int:
    """Take the directory's lock; gives the descriptor that holds it until it is closed.

    Raises StoreOpenError when somebody else holds it, or it can't be made.
    """
    try:
        handle = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreOpenError(f"the lock {error.filename} can't be opened: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise StoreOpenError(
            f"another provd uses the state directory {state_dir}: stop it, or set another [daemon] state_dir"
        ) from None
    return handle
