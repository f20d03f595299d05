"""The Secret Service (the freedesktop.org specification) on the user's D-Bus session."""

from collections.abc import Callable
from contextlib import closing
from threading import Thread

_PATIENCE_S = 3.0


def answers() -> bool:
    """Whether a Secret Service answers on $DBUS_SESSION_BUS_ADDRESS and has a default collection.

    It may be locked. Nobody is prompted. Blocks for as long as D-Bus does.
    """
    try:
        import secretstorage

        with closing(secretstorage.dbus_init()) as connection:
            secretstorage.Collection(connection)
    except Exception:  # noqa: BLE001 - D-Bus, its library and the service each have errors of their own
        return False
    return True


def says_yes(ask: Callable[[], bool], patience_s: float = _PATIENCE_S) -> bool:
    """Whether ``ask`` answers yes within ``patience_s``. Blocks for that long at the most."""
    said: list[bool] = []
    thread = Thread(target=lambda: said.append(ask()), name="secret-service", daemon=True)
    thread.start()
    thread.join(patience_s)
    return said == [True]
