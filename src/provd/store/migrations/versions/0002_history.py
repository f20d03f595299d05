"""History: targets, samples, rollups and transitions. Maintenance of providers, certificates in health."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column("provider", sa.Column("maintenance_until", sa.String))
    for name in ("maintenance_reason", "maintenance_by"):
        op.add_column("provider", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.create_index(
        "ix_provider_maintenance",
        "provider",
        ["maintenance_until"],
        sqlite_where=sa.text("maintenance_until IS NOT NULL"),
    )
    op.add_column("health", sa.Column("tls_not_after", sa.Float))
    op.add_column("health", sa.Column("tls_threshold", sa.Integer))
    op.create_table(
        "target",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("retired_at", sa.Integer),
    )
    op.create_index("ix_target_provider", "target", ["provider_id", "address"], unique=True)
    op.create_table(
        "sample_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("target_id", sa.Integer, primary_key=True),
        sa.Column("upto", sa.Integer, nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("samples", sa.LargeBinary, nullable=False),
        sa.Column("minutes", sa.LargeBinary, nullable=False),
        sa.Column("day", sa.LargeBinary, nullable=False),
    )
    for name in ("rollup_hour", "rollup_minute"):
        op.create_table(
            name,
            sa.Column("slot", sa.Integer, primary_key=True),
            sa.Column("data", sa.LargeBinary, nullable=False),
        )
    op.create_table(
        "transition",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("cause", sa.String),
        sa.Column("code", sa.Integer),
        sa.Column("reason", sa.String),
        sa.Column("rtt_ms", sa.Float),
        sa.Column("address", sa.String),
        sa.Column("sent", sa.Text),
        sa.Column("received", sa.Text),
    )
    op.create_index("ix_transition_provider", "transition", ["provider_id", "at"])
    op.create_index("ix_transition_trace", "transition", ["id"], sqlite_where=sa.text("sent IS NOT NULL"))
