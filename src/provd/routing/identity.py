"""Who a call says it is from: what each carrier reads, and so which headers it ignores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provd.routing.number import parse_number


@dataclass(frozen=True, slots=True)
class CarrierNotes:
    """``name`` as people write it. ``read`` are the headers that may name the caller, the first that is there
    counts; ``own`` is how the names of its own headers begin, in lower case; ``wants`` is what it says of
    callers' numbers."""

    name: str
    read: Sequence[str]
    own: str
    wants: str


NOTES: Mapping[str, CarrierNotes] = {
    "telnyx": CarrierNotes(
        "Telnyx",
        ("P-Preferred-Identity", "P-Asserted-Identity", "Remote-Party-ID", "From"),
        "x-telnyx-",
        "a number that it does not take is answered 403 (D35, D36)",
    ),
    "twilio": CarrierNotes(
        "Twilio",
        ("From", "Remote-Party-ID", "P-Asserted-Identity"),
        "x-twilio-",
        "it must be one of yours or verified there, else the call is answered 403",
    ),
}
"""By how the name of a provider's ``carrier`` begins."""

_IDENTITIES = ("p-preferred-identity", "p-asserted-identity", "remote-party-id")


def header_warnings(carrier: str, headers: Mapping[str, str]) -> list[str]:
    """Tell which of a provider's ``tech_headers`` its carrier ignores."""
    notes = _notes(carrier)
    if notes is None:
        return []
    told = []
    foreign = [each for key, each in NOTES.items() if not carrier.startswith(key)]
    there = {name.lower(): name for name in headers}
    for key, name in there.items():
        if any(key.startswith(each.own) for each in foreign):
            told.append(f"{notes.name} ignores the header {name}, which is another carrier's")
        elif key in _IDENTITIES:
            told += _identity_warnings(notes, name, there)
    return told


def caller_warnings(carrier: str, headers: Mapping[str, str], caller: str) -> list[str]:
    """Tell what the carrier may object to in the caller's number; ``caller`` as the user of From has it."""
    if not caller:
        return []
    notes = _notes(carrier)
    try:
        number = parse_number(caller)
    except ValueError as error:
        return [f"the caller {error}"]
    if not number.startswith("+"):
        wants = f": {notes.name} wants E.164; {notes.wants}" if notes else ": many carriers want E.164"
        return [f"the caller {number} has no country code{wants}"]
    there = {name.lower(): name for name in headers}
    before = notes.read[: notes.read.index("From")] if notes else ()
    instead = [there[name.lower()] for name in before if name.lower() in there]
    if notes and instead:
        return [f"{notes.name} takes the caller from the header {instead[0]}, not from {number}"]
    return []


def _identity_warnings(notes: CarrierNotes, name: str, there: Mapping[str, str]) -> list[str]:
    ranked = [each.lower() for each in notes.read]
    if name.lower() not in ranked:
        return [f"{notes.name} ignores the header {name}: it reads {', '.join(notes.read)}"]
    better = [each for each in ranked[: ranked.index(name.lower())] if each in there or each == "from"]
    if better:
        instead = there.get(better[0], "From")
        return [f"{notes.name} takes the caller from {instead} before it looks at the header {name}"]
    return []


def _notes(carrier: str) -> CarrierNotes | None:
    return next((notes for key, notes in NOTES.items() if carrier.startswith(key)), None)
