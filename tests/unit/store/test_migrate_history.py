"""A store of before there was history is upgraded with everything in it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from provd.store import migrations, providers
from provd.store.engine import Store
from provd.store.migrate import current_version, migrate

PROVIDER = """
    INSERT INTO provider
    VALUES ('a', 'Telnyx', '', 'sip', 'sip.telnyx.com', '', '', '{}', '{}', '', '', 'udp', 1, '[]', '{}', 3,
            '2026-01-01', '2026-01-02', '9999-01-01 00:00:00.000000')
"""
HEALTH = """
    INSERT INTO health VALUES ('a', 'healthy', 'ok', 200, 'OK', 'srv', 1.5, '2026-01-03', '2026-01-04')
"""


async def test_providers_and_their_health_stay(tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(PROVIDER))
        connection.execute(text(HEALTH))
    engine.dispose()
    assert current_version(path) == "0001"

    migrate(path)

    assert current_version(path) == migrations.HEAD
    store = Store(path)
    found = store.read_now(providers.get, "a")
    await store.close()
    assert found is not None
    provider, health = found
    assert (provider.name, provider.revision) == ("Telnyx", 3)
    maintenance = (provider.maintenance_until, provider.maintenance_reason, provider.maintenance_by)
    assert maintenance == (None, "", "")
    assert health is not None
    assert (health.status, health.rtt_ms, health.tls_not_after, health.tls_threshold) == (
        "healthy",
        1.5,
        None,
        None,
    )
