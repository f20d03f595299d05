"""What a trunk logs in with. The carrier was given it with the trunk; a new key does not change it there."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import JsonValue

from provd.carriers.saga import Step
from provd.services.errors import invalid


def with_login(
    given: Mapping[str, JsonValue], before: Mapping[str, str], steps: Iterable[Step]
) -> dict[str, JsonValue]:
    """New credentials with the login that the trunk has, where it was left out.

    ``before`` are the old ones; nothing when they can't be had. Raises ServiceError for another login, and
    for none where it is not known any more.
    """
    whole = dict(given)
    for name in dict.fromkeys(each for step in steps for each in _named(step.resource.body)):
        known, wanted = before.get(name), given.get(name)
        if not wanted and known is None:
            raise invalid(
                f"credentials.{name}",
                "is missing, and the keyring does not have it any more: give what the trunk was set up with",
            )
        if not wanted:
            whole[name] = known
        elif known is not None and wanted != known:
            raise invalid(
                f"credentials.{name}",
                "is not what the trunk was set up with, and stays so at the carrier: leave it out",
            )
    return whole


def _named(value: JsonValue) -> Iterator[str]:
    """The credentials that stand in a body."""
    match value:
        case {"$secret": str(name)}:
            yield name
        case dict():
            for each in value.values():
                yield from _named(each)
        case list():
            for each in value:
                yield from _named(each)
