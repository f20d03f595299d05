"""How calls went, and their rollups."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "call",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Integer),
        sa.Column("call_id", sa.String),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float, nullable=False),
        sa.Column("outbound", sa.Boolean, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("code", sa.Integer, nullable=False),
        sa.Column("pdd_ms", sa.Float),
        sa.Column("setup_ms", sa.Float),
        sa.Column("duration_s", sa.Float),
        sa.Column("codec", sa.String, nullable=False),
        sa.Column("mos", sa.Float),
        sa.Column("loss_pct", sa.Float),
    )
    op.create_index("ix_call_key", "call", ["key"], unique=True)
    op.create_index("ix_call_provider", "call", ["provider_id", "at"])
    op.create_index("ix_call_at", "call", ["at"])
    for name in ("call_hour", "call_day"):
        op.create_table(
            name,
            sa.Column("slot", sa.Integer, primary_key=True),
            sa.Column("provider_id", sa.String, primary_key=True),
            sa.Column("outbound", sa.Boolean, primary_key=True),
            sa.Column("country", sa.String, primary_key=True),
            sa.Column("data", sa.LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        )
