"""Test calls, and the references to the logins that they use."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "test_call",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("uid", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
    )
    op.create_index("ix_test_call_provider", "test_call", ["provider_id", "tm_create", "id"])
    op.create_index("ix_test_call_time", "test_call", ["tm_create"])
    op.create_table(
        "sip_login",
        sa.Column("provider_id", sa.String, primary_key=True),
        sa.Column("username", sa.String, nullable=False),
        sa.Column("credential_ref", sa.String, nullable=False),
        sa.Column("tm_update", sa.String, nullable=False),
    )
