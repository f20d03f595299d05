"""The audit log: who changed what, by the kernel's word, and who was refused."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from provd.schema.model import Model
from provd.schema.timestamps import Timestamp


class Outcome(StrEnum):
    """What became of an attempt."""

    DONE = "done"
    BEGUN = "begun"
    REFUSED = "refused"


class AuditEntry(Model):
    """One line of the audit log. Values of ``tech_headers`` read ``***``; credentials are in none.

    ``hash`` is the SHA-256, in hex, of the entry without it as JSON: keys sorted, no spaces, everything but
    ASCII escaped. ``previous`` is the hash of the entry before, so that none can be changed or taken out
    without a trace.
    """

    seq: int = Field(description="1, 2, 3, ... without a gap")
    at: Timestamp
    uid: int
    user: str
    pid: int = Field(description="the process that connected; 0: the daemon went on by itself")
    role: str = Field(description="viewer, operator or admin; empty for who has none")
    method: str = Field(description="the HTTP method; empty where there was no request")
    action: str = Field(description="like provider.update")
    kind: str = Field(description="provider, route, setup, import, call or audit")
    object_id: str
    name: str = Field(description="what the object was called; of a refused call its method and path")
    revision: int = Field(description="that the object has since; 0 for what has none")
    request_id: str
    outcome: Outcome
    message: str = ""
    before: dict[str, Any] | None = Field(description="the fields that differ; null: it was not there")
    after: dict[str, Any] | None = Field(description="the same fields since; null: it is gone")
    previous: str
    hash: str


class AuditPage(Model):
    """One page of the audit log, newest first."""

    result: list[AuditEntry]
    next_page_token: str


class AuditVerification(Model):
    """Whether the audit log is as it was written. ``seq`` is the first entry that is not, or is missing."""

    ok: bool
    checked: int = Field(description="entries that were found in order")
    first_seq: int = Field(description="of the oldest entry that is kept; 0: there is none")
    last_seq: int
    last_hash: str = Field(description="of the newest entry: keep it elsewhere, and compare")
    seq: int | None = None
    message: str
