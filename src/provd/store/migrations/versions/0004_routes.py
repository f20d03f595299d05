"""Routes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "route",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("customer_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("provider_id", sa.String, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("tm_update", sa.String, nullable=False),
        sa.Column("tm_delete", sa.String, nullable=False),
    )
    op.create_index("ix_route_page", "route", ["tm_delete", "tm_create", "id"])
    op.create_index("ix_route_provider", "route", ["provider_id"])
