"""A store of before there were calls is upgraded, and takes calls in then."""

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from provd.store import calls, migrations
from provd.store.calls import HOUR_S, Place
from provd.store.engine import Store
from provd.store.migrate import alembic_config, current_version, migrate

EVENT = "INSERT INTO event (type, at, provider_id, data) VALUES ('daemon.started', '2026-01-01', NULL, '{}')"


async def test_what_was_there_stays_and_calls_have_a_place(tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    config = alembic_config()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(text(EVENT))
    engine.dispose()

    migrate(path)

    assert current_version(path) == migrations.HEAD
    store = Store(path)
    place = Place(1, "p", True, "GB")
    try:
        assert store.read_now(
            lambda session: session.execute(text("SELECT type FROM event")).scalars().all()
        ) == ["daemon.started"]
        async with store.write() as transaction:
            await transaction.run(calls.save_rollups, HOUR_S, [(place, b"x")])
        assert store.read_now(calls.rollups_at, HOUR_S, [place]) == {place: b"x"}
        assert store.read_now(calls.rollups_at, HOUR_S, [place._replace(outbound=False)]) == {}
    finally:
        await store.close()
