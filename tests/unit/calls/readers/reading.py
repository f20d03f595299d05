"""A file given to a reader."""

from typing import Any

from provd.calls.readers.base import Bad, Call, Place, Reader


def read(reader: Reader, text: str) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """The records, and what is wrong with which line."""
    records, bad = [], {}
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        found += reader.feed(Place(number, number * 100), line)
    for each in [*found, *reader.close(float("inf"))]:
        if isinstance(each, Call):
            records.append(each.record)
        elif isinstance(each, Bad):
            bad[each.place.line] = each.message
    return records, bad
