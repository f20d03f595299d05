"""What ``provctl sync kamailio`` says: for people, and as data."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from provd.cli.output import columns
from provd.routing.dispatcher_states import ACTIVE, DISABLED, INACTIVE, Compared

_WORDS = {ACTIVE: "active", INACTIVE: "inactive", DISABLED: "disabled", "T": "trying"}
_NAMED = 5


class DispatcherState(BaseModel):
    """A destination of Kamailio's, and what provd has measured."""

    set: int
    uri: str
    provider_id: str | None
    provider: str | None = Field(description="null: none of ours")
    kamailio: str = Field(description="its flags before, like AP")
    provd: str | None = Field(description="the state it should have: A, I or D; null: there is no verdict")
    why: str
    differs: bool


class DispatcherStates(BaseModel):
    """All destinations; ``missing`` has the names of providers that no destination is for."""

    destinations: list[DispatcherState]
    missing: list[str]


def as_data(compared: Sequence[Compared], absent: list[str]) -> DispatcherStates:
    """Give what was found for programs."""
    return DispatcherStates(
        destinations=[
            DispatcherState(
                set=each.destination.set_id,
                uri=each.destination.uri,
                provider_id=None if each.name is None else each.destination.duid,
                provider=each.name,
                kamailio=each.destination.flags,
                provd=each.wanted,
                why=each.why,
                differs=each.differs,
            )
            for each in compared
        ],
        missing=absent,
    )


def comparison_table(compared: Sequence[Compared], *, dry_run: bool) -> str:
    """Give a line for each destination, those that differ first, and a summary."""
    ordered = sorted(compared, key=lambda each: (not each.differs, each.destination.set_id))
    rows = [
        (
            str(each.destination.set_id),
            each.destination.uri,
            each.name or "-",
            f"{state_text(each.destination.state)} ({each.destination.flags})",
            f"{each.why}{': ' + state_text(each.wanted) if each.wanted and each.differs else ''}",
        )
        for each in ordered
    ]
    differing = sum(each.differs for each in compared)
    done = "differ" if dry_run else "set"
    summary = f"{len(compared)} destinations, {differing} {done}"
    return f"{columns(('SET', 'DESTINATION', 'PROVIDER', 'KAMAILIO', 'PROVD'), rows)}\n{summary}"


def change_line(change: Compared) -> str:
    """Tell of a state that was set."""
    there = change.destination
    return (
        f"set {there.set_id} {there.uri} {change.name}: {state_text(there.state)} -> "
        f"{state_text(change.wanted or '')} ({change.why})"
    )


def missing_line(names: Sequence[str]) -> str:
    """Tell which providers Kamailio does not know, and what to do."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"Kamailio has no destination for {', '.join(names[:_NAMED])}{more}. To add what is missing: "
        "provctl export --format kamailio, then dispatcher.reload"
    )


def state_text(state: str) -> str:
    """Give a state in a word."""
    return _WORDS.get(state, state)
