"""The audit log and the revisions of the in-memory daemon."""

from collections.abc import Mapping
from typing import Any

from provd.schema.audit import AuditEntry, AuditPage, AuditVerification, Outcome
from provd.schema.revision import Revision, RevisionPage
from provd.schema.timestamps import to_timestamp


def an_entry(seq: int, action: str = "provider.update", **fields: Any) -> AuditEntry:
    """Make an entry: Mara changed Acme, unless ``fields`` say otherwise."""
    whole: dict[str, Any] = {
        "at": to_timestamp(0),
        "uid": 1000,
        "user": "mara",
        "pid": 4242,
        "role": "admin",
        "method": "PATCH",
        "kind": action.partition(".")[0],
        "object_id": "id-acme",
        "name": "Acme",
        "revision": 2,
        "request_id": f"r-{seq}",
        "outcome": Outcome.DONE,
        "before": {"detail": "old"},
        "after": {"detail": "new"},
        "previous": "0" * 64,
        "hash": f"{seq:064x}",
    }
    return AuditEntry.model_validate(whole | {"seq": seq, "action": action} | fields)


def a_revision(number: int, object_id: str = "id-acme", kind: str = "provider", **fields: Any) -> Revision:
    """Make a revision with the written ``fields``."""
    action = f"{kind}.{'create' if number == 1 else 'update'}"
    return Revision(
        kind=kind,
        object_id=object_id,
        revision=number,
        at=to_timestamp(60.0 * number),
        uid=1000,
        user="mara",
        action=action,
        fields=fields,
    )


class FakeAudit:
    """The entries, newest first, and the revisions of each record, newest first; ``broken_at`` is the number
    of an entry that somebody has tampered with."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []
        self.revisions: dict[str, list[Revision]] = {}
        self.broken_at: int | None = None

    def page(self, size: int, token: str) -> AuditPage:
        """Give a page of the entries."""
        begin = int(token or 0)
        following = str(begin + size) if begin + size < len(self.entries) else ""
        return AuditPage(result=self.entries[begin : begin + size], next_page_token=following)

    def revisions_of(self, object_id: str) -> RevisionPage:
        """Give what a record was."""
        return RevisionPage(result=self.revisions.get(object_id, []), next_page_token="")

    def fields_at(self, object_id: str, number: int) -> Mapping[str, Any]:
        """Give the fields of a revision."""
        return next(each.fields for each in self.revisions[object_id] if each.revision == number)

    def verification(self) -> AuditVerification:
        """Tell whether the log is as it was written."""
        count, broken = len(self.entries), self.broken_at
        ok = f"{count} entries are as they were written"
        message = ok if broken is None else f"entry {broken} is not as it was written"
        return AuditVerification(
            ok=broken is None,
            checked=count if broken is None else broken - 1,
            first_seq=1 if count else 0,
            last_seq=count,
            last_hash="f" * 64,
            seq=broken,
            message=message,
        )
