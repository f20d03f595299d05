"""The first schema: providers, their health, durable events, idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "provider",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("hostname", sa.String, nullable=False),
        sa.Column("tech_prefix", sa.String, nullable=False),
        sa.Column("tech_postfix", sa.String, nullable=False),
        sa.Column("tech_headers", sa.JSON, nullable=False),
        sa.Column("carrier_metadata", sa.JSON, nullable=False),
        sa.Column("carrier", sa.String, nullable=False),
        sa.Column("codecs", sa.String, nullable=False),
        sa.Column("transport", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("probe", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("tm_update", sa.String, nullable=False),
        sa.Column("tm_delete", sa.String, nullable=False),
    )
    op.create_index("ix_provider_page", "provider", ["tm_delete", "tm_create", "id"])
    op.create_table(
        "health",
        sa.Column("provider_id", sa.Text, sa.ForeignKey("provider.id"), primary_key=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("code", sa.Integer),
        sa.Column("reason", sa.String),
        sa.Column("server", sa.String),
        sa.Column("rtt_ms", sa.Float),
        sa.Column("since", sa.String, nullable=False),
        sa.Column("checked_at", sa.String, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("provider_id", sa.String),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_provider", "event", ["provider_id", "seq"])
    op.create_table(
        "idempotency",
        sa.Column("uid", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
