"""If-Match: a change that is made only while the record is as the caller read it."""

from dataclasses import dataclass

from provd.schema.errors import ErrorStatus
from provd.services.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Precondition:
    """The revisions that a caller will accept (If-Match); None accepts any."""

    revisions: frozenset[str] | None = None

    def check(self, what: str, revision: int, tm_update: str) -> None:
        """Raise ServiceError 412 when the record, a ``what``, has moved on."""
        if self.revisions is not None and str(revision) not in self.revisions:
            raise ServiceError(
                ErrorStatus.PRECONDITION,
                "REVISION_MISMATCH",
                f"the {what} is at revision {revision} now, changed at {tm_update}: "
                "read it again, and repeat the change on what it says",
            )
