"""The audit log, and revisions of providers and routes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NO_CHANGE = """
    CREATE TRIGGER audit_no_change BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is added to alone'); END
"""
_NO_REMOVAL = """
    CREATE TRIGGER audit_no_removal BEFORE DELETE ON audit
    WHEN OLD.seq > (SELECT coalesce(max(seq), 0) FROM audit_anchor)
    BEGIN SELECT RAISE(ABORT, 'the audit log is added to alone'); END
"""


def upgrade() -> None:
    """Add the tables. Records from before get their revisions when they are next changed."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("uid", sa.Integer, nullable=False),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("object_id", sa.String, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_object", "audit", ["object_id", "seq"])
    op.create_index("ix_audit_uid", "audit", ["uid", "seq"])
    op.create_table(
        "audit_anchor",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
    )
    op.execute(_NO_CHANGE)
    op.execute(_NO_REMOVAL)
    op.create_table(
        "revision",
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("object_id", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("uid", sa.Integer),
        sa.Column("user", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
    )
