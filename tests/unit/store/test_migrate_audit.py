"""A store of before there was an audit log is upgraded with everything in it, and keeps one from then on."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from provd.services.auditing import revision_before
from provd.store import audit, migrations, providers, revisions, routes
from provd.store.audit_chain import Link
from provd.store.engine import Store
from provd.store.migrate import current_version, migrate

NEVER = "9999-01-01 00:00:00.000000"
PROVIDER = f"""
    INSERT INTO provider (id, name, detail, type, hostname, tech_prefix, tech_postfix, tech_headers,
        carrier_metadata, carrier, codecs, transport, enabled, tags, probe, revision, tm_create, tm_update,
        tm_delete)
    VALUES ('a', 'Telnyx', '', 'sip', 'sip.telnyx.com', '', '', '{{}}', '{{}}', '', '', 'udp', 1, '["eu"]',
        '{{}}', 3, '2026-01-01', '2026-01-02', '{NEVER}')
"""
ROUTE = f"""
    INSERT INTO route
    VALUES ('r', 'c', 'UK', '', 'a', 1, 2, '+44', 1, 5, '2026-01-01', '2026-01-02', '{NEVER}')
"""


async def test_records_stay_and_their_first_revision_is_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "provd.db"
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.execute(text(PROVIDER))
        connection.execute(text(ROUTE))
    engine.dispose()
    assert current_version(path) == "0004"

    migrate(path)

    assert current_version(path) == migrations.HEAD
    store = Store(path)
    try:
        assert store.read_now(audit.newest) == Link()
        route = store.read_now(routes.get, "r")
        assert route is not None
        assert (route.name, route.revision) == ("UK", 5)
        found = store.read_now(providers.get, "a")
        assert found is not None
        async with store.write() as transaction:
            transaction.revise(revision_before(found[0]))
        kept = store.read_now(revisions.get, "provider", "a", 3)
        assert kept is not None
        assert (kept.at, kept.uid, kept.fields["tags"]) == ("2026-01-02", None, ["eu"])
    finally:
        await store.close()
