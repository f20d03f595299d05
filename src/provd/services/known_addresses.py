"""Where names led, as the store keeps it for the next start: then DNS may be silent."""

import json
import time

from provd.probe.resolver import Candidate
from provd.probe.target import NameState


def written(naming: NameState | None) -> tuple[str | None, float | None]:
    """The addresses, and when they were good (seconds since 1970); None without any."""
    if naming is None or not naming.candidates or naming.good_at is None:
        return None, None
    return json.dumps(list(naming.candidates.values())), time.time() - (time.monotonic() - naming.good_at)


def recall(naming: NameState, addresses: str, resolved_at: float) -> None:
    """Go by what was written until DNS says something newer. A time that is to come is now."""
    read = [
        Candidate((host, port), priority, weight, name)
        for (host, port), priority, weight, name in json.loads(addresses)
    ]
    naming.candidates = {each.address: each for each in read}
    naming.good_at = time.monotonic() - max(0.0, time.time() - resolved_at)
