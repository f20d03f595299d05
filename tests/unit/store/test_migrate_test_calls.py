"""A store of before there were test calls is upgraded with everything in it, and keeps them from then on."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from provd.store import migrations, setups, test_calls
from provd.store.engine import Store
from provd.store.migrate import current_version, migrate
from provd.store.tables import CallTestRow, SipLoginRow

CREDENTIAL = "INSERT INTO credential VALUES ('ref', '', 'file', '', '2026-01-01', NULL)"
CHANNEL = """
    INSERT INTO alert_channel
    VALUES ('ops', 'webhook', 'https://x', 'ref', 'info', 1, 1, '2026-01-01', '2026-01-01')
"""


async def test_channels_keep_their_credentials_and_logins_get_a_place(tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        connection.execute(text(CREDENTIAL))
        connection.execute(text(CHANNEL))
    engine.dispose()
    assert current_version(path) == "0006"

    migrate(path)

    assert current_version(path) == migrations.HEAD
    store = Store(path)
    try:
        assert store.read_now(setups.unused_credentials) == []
        async with store.write() as transaction:
            transaction.session.add(
                SipLoginRow(provider_id="a", username="alice", credential_ref="ref", tm_update="2026-01-02")
            )
            transaction.session.add(
                CallTestRow(
                    id="c",
                    provider_id="a",
                    uid=0,
                    outcome="answered",
                    seconds=3.0,
                    result={},
                    tm_create="2026-01-02",
                )
            )
        spent = store.read_now(test_calls.spent, "2026-01-01", "2026-01-03")
        assert (spent.calls, spent.oldest, spent.seconds) == (1, "2026-01-02", 3.0)
        login = store.read_now(test_calls.login, "a")
        assert login is not None
        assert login.username == "alice"
    finally:
        await store.close()
