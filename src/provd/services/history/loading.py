"""From the store into memory, as the daemon starts."""

from sqlalchemy.orm import Session

from provd.probe.timeline import take
from provd.services.history import day
from provd.services.history.journal import UNNUMBERED, replay
from provd.services.history.roster import Roster
from provd.store import history as stored


def load(session: Session, roster: Roster) -> int:
    """Fill the roster: the checkpoints, and on top of each what the log has beyond it.

    Answers the number of the newest row that the log ever had.
    """
    for number, provider_id, address in stored.targets(session):
        roster.know(number, provider_id, address)
    roster.newest = stored.newest_target(session)
    newest = 0
    for row in stored.checkpoints(session):
        roster.restore(row)
        newest = max(newest, row.upto)
    for log_id, data in stored.log_rows(session):
        _take_in(roster, log_id, data)
        newest = max(newest, log_id)
    return newest


def _take_in(roster: Roster, log_id: int, data: bytes) -> None:
    known = roster.kept
    for number, packed in replay(data):
        if number == UNNUMBERED:
            continue
        kept = known.get(number) or roster.begin(number, upto=0)
        if log_id > kept.upto:
            take(kept.timeline, packed)
            day.count(roster.days[number], packed)
