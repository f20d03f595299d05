"""Setups: runs with their steps, and references to credentials."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "setup",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("carrier", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("provider_id", sa.String),
        sa.Column("draft", sa.JSON, nullable=False),
        sa.Column("by_hand", sa.JSON, nullable=False),
        sa.Column("credential_ref", sa.String),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("uid", sa.Integer, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("idempotency_key", sa.String),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("drift", sa.JSON, nullable=False),
        sa.Column("verified_at", sa.String),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("tm_update", sa.String, nullable=False),
    )
    op.create_index("ix_setup_page", "setup", ["tm_create", "id"])
    op.create_index("ix_setup_provider", "setup", ["provider_id"])
    op.create_index(
        "ix_setup_state", "setup", ["state"], sqlite_where=sa.text("state NOT IN ('done', 'undone')")
    )
    op.create_table(
        "setup_step",
        sa.Column("setup_id", sa.Text, sa.ForeignKey("setup.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("resource", sa.JSON, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("carrier_id", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "credential",
        sa.Column("ref", sa.String, primary_key=True),
        sa.Column("setup_id", sa.String, nullable=False),
        sa.Column("backend", sa.String, nullable=False),
        sa.Column("ends", sa.String, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("verified_at", sa.String),
    )
