"""The audit log."""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel


class AuditRow(SQLModel, table=True):
    """One line of the audit log, which is added to alone; a trigger holds to that.

    ``before`` and ``after`` are JSON. ``hash`` is over the line and ``previous``, the hash of the one before.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_object", "object_id", "seq"),
        Index("ix_audit_uid", "uid", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, primary_key=True)
    at: str
    uid: int
    user: str
    pid: int
    role: str
    method: str
    action: str
    kind: str
    object_id: str
    name: str = Field(sa_type=Text)
    revision: int
    request_id: str
    outcome: str
    message: str = Field(sa_type=Text)
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    previous: str
    hash: str


class AuditAnchorRow(SQLModel, table=True):
    """The last line of the audit log that was forgotten for its age, from which the others still verify."""

    __tablename__ = "audit_anchor"

    id: int | None = Field(default=None, primary_key=True)
    seq: int
    hash: str
    at: str
