"""Where names led, for when the daemon starts and DNS is silent."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("health", sa.Column("addresses", sa.Text))
    op.add_column("health", sa.Column("resolved_at", sa.Float))
