"""Bring a store to the newest schema, or refuse it."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from provd.store.engine import in_words, sqlite_is_usable
from provd.store.errors import StoreOpenError
from provd.store.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config


def migrate(path: Path) -> None:
    """Make the store at ``path`` or upgrade it to HEAD, in one transaction.

    Raises StoreOpenError when it is of a newer provd, is no database, or an upgrade fails; the store is
    then as it was.
    """
    sqlite_is_usable(path)
    current = current_version(path)
    if current == HEAD:
        return
    _upgrade(path, current)
    path.chmod(0o600)


def current_version(path: Path) -> str | None:
    """Read the schema version of the store at ``path``; None when there is none yet."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    finally:
        connection.close()
    return str(row[0]) if row else None


def check_known(path: Path, version: str | None) -> None:
    """Raise StoreOpenError when the store at ``path`` has a schema of a newer provd."""
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    if version in (None, HEAD):
        return
    try:
        ScriptDirectory.from_config(alembic_config()).get_revision(version)
    except CommandError:
        raise StoreOpenError(
            f"the store {path} has schema {version}; this provd knows up to {HEAD}: "
            "run the newer provd, or restore a backup of before the upgrade"
        ) from None


def alembic_config() -> "Config":
    """Give Alembic its configuration: where the schema versions are."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _upgrade(path: Path, current: str | None) -> None:
    # Alembic takes a while to import, and most starts find the store at HEAD.
    from alembic import command
    from sqlalchemy import create_engine, event, text
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    check_known(path, current)
    config = alembic_config()
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})

    @event.listens_for(engine, "begin")
    def begin(connection: object) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]

    try:
        # foreign_keys stays off here: with it on, the rebuild of a table deletes the rows that refer to it
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            if broken:
                raise StoreOpenError(
                    f"the upgrade of {path} would leave {len(broken)} rows without their parent: "
                    "it is as it was"
                )
    except SQLAlchemyError as error:
        why = in_words(error.orig, path) if isinstance(error, DBAPIError) else str(error)
        raise StoreOpenError(
            f"the store {path} can't be brought to schema {HEAD}, and is as it was: {why}"
        ) from error
    finally:
        engine.dispose()
