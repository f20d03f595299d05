"""Alerts: what was raised, their messages, rules and channels; and accounts' balances."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables, and the balance of setups' accounts."""
    op.add_column("setup", sa.Column("balance", sa.Float))
    op.add_column("setup", sa.Column("balance_at", sa.String))
    op.create_table(
        "alert",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("metric", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("phrase", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("failing", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.String, nullable=False),
        sa.Column("acknowledged_at", sa.String, nullable=False),
        sa.Column("acknowledged_by", sa.String, nullable=False),
        sa.Column("resolved_at", sa.String, nullable=False),
        sa.Column("told_at", sa.String, nullable=False),
        sa.Column("escalated", sa.Boolean, nullable=False),
        sa.Column("steps", sa.JSON, nullable=False),
    )
    op.create_index("ix_alert_page", "alert", ["opened_at", "id"])
    op.create_index("ix_alert_open", "alert", ["state"], sqlite_where=sa.text("state != 'resolved'"))
    op.create_table(
        "alert_member",
        sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("provider_id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("since", sa.String, nullable=False),
        sa.Column("cleared_at", sa.String, nullable=False),
        sa.Column("cleared_why", sa.String, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("next_step", sa.Text),
    )
    op.create_index("ix_alert_member_provider", "alert_member", ["provider_id"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("alert_id", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("next_at", sa.String, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("tm_done", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_delivery_queue", "delivery", ["channel", "id"], sqlite_where=waiting)
    op.create_index("ix_delivery_unsent", "delivery", ["state"], sqlite_where=sa.text("state != 'sent'"))
    op.create_index("ix_delivery_alert", "delivery", ["alert_id"])
    op.create_table(
        "alert_rule",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("spec", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("tm_update", sa.String, nullable=False),
    )
    op.create_table(
        "alert_channel",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("credential_ref", sa.String, nullable=False),
        sa.Column("min_severity", sa.String, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("tm_create", sa.String, nullable=False),
        sa.Column("tm_update", sa.String, nullable=False),
    )
