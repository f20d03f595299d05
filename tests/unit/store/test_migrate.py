"""Migrations lead to what the tables say."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import provd.store.tables  # noqa: F401
from provd.store import migrations
from provd.store.migrate import current_version, migrate


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_migrations_make_the_tables_as_they_are_declared(tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    assert current_version(path) is None
    migrate(path)
    assert current_version(path) == migrations.HEAD
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_a_store_at_head_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    migrate(path)
    before = path.stat().st_mtime_ns
    migrate(path)
    assert path.stat().st_mtime_ns == before
