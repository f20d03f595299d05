"""Which existing record each written one stands for, and which provider a route leads to."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provd.cli.apply.written import Kind, Mistake, Place, Reading, Written
from provd.schema.provider import Provider
from provd.schema.route import Route

_KNOWN_BY = {Kind.PROVIDER: ("name",), Kind.ROUTE: ("name", "target", "customer_id")}
_NAMED = 5
Record = Provider | Route
Identified = tuple[Written, str, Record | None]
"""What is written, its id, and what provd has under that id."""


@dataclass(frozen=True, slots=True)
class Present:
    """What provd has now."""

    providers: Sequence[Provider]
    routes: Sequence[Route]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record as it is to be: all its writable fields. ``before`` is what provd has, None for a new one."""

    place: Place
    kind: Kind
    id: str
    before: Record | None
    fields: Mapping[str, Any]


def match(
    reading: Reading, present: Present, new_id: Callable[[], str]
) -> tuple[list[Wanted], list[Mistake]]:
    """Find what each record stands for: by its id, else by its name (a route: name, target and customer).

    Those that are new and without an id get one of ``new_id``. The mistakes are those that matching finds,
    beside those of ``reading``; a record that has one is not among what is wanted.
    """
    mistakes: list[Mistake] = []
    providers = [each for each in reading.written if each.kind is Kind.PROVIDER]
    routes = [each for each in reading.written if each.kind is Kind.ROUTE]
    identified = list(_identified(providers, present.providers, new_id, mistakes))
    wanted = [_wanted(each, each[0].fields) for each in identified]
    leading = _Leading(reading, identified, present)
    for each in _identified(routes, present.routes, new_id, mistakes):
        written, _, before = each
        if isinstance(before, Route) and before.customer_id != written.fields["customer_id"]:
            mistakes.append(Mistake(written.place, _moved(before)))
            continue
        provider_id = leading.provider_of(written, mistakes)
        if provider_id:
            wanted.append(_wanted(each, {**written.fields, "provider_id": provider_id}))
    return wanted, mistakes


def _wanted(identified: Identified, fields: Mapping[str, Any]) -> Wanted:
    written, record_id, before = identified
    return Wanted(written.place, written.kind, record_id, before, fields)


def _identified(
    written: Sequence[Written],
    existing: Sequence[Record],
    new_id: Callable[[], str],
    mistakes: list[Mistake],
) -> Iterator[Identified]:
    by_id = {each.id: each for each in existing}
    by_name: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in existing:
        kind = Kind.ROUTE if isinstance(record, Route) else Kind.PROVIDER
        by_name[tuple(getattr(record, name) for name in _KNOWN_BY[kind])].append(record)
    given: dict[str, Written] = {}
    alike: dict[tuple[str, ...], list[Written]] = defaultdict(list)
    for each in written:
        alike[_name_of(each)].append(each)
        if each.id is not None:
            given.setdefault(each.id, each)
    for each in written:
        if each.id is not None:
            first = given[each.id]
            if first is each:
                yield each, each.id, by_id.get(each.id)
            else:
                mistakes.append(Mistake(each.place, f"has the id {each.id}, which {first.place} has too"))
            continue
        same, found = alike[_name_of(each)], by_name[_name_of(each)]
        problem = _ambiguity(each, same, found, given)
        if problem:
            mistakes.append(Mistake(each.place, problem))
        else:
            yield each, found[0].id if found else new_id(), found[0] if found else None


def _ambiguity(
    each: Written, same: Sequence[Written], found: Sequence[Record], given: Mapping[str, Written]
) -> str:
    """Why a record without an id can't be told from others; empty when it can."""
    what = f"is the {each.kind} {each.fields['name']!r} without an id, and"
    if len(same) > 1:
        other = next(another for another in same if another is not each)
        return f"{what} {other.place} has {_that_name(each)} too: give each its id"
    if len(found) > 1:
        ids = ", ".join(record.id for record in found[:_NAMED]) + (", ..." if len(found) > _NAMED else "")
        return f"{what} provd has {len(found)} of {_that_name(each)}: give the id, one of {ids}"
    if found and found[0].id in given:
        return f"{what} provd's is {found[0].id}, which {given[found[0].id].place} has: give each its id"
    return ""


def _that_name(written: Written) -> str:
    return "that name" if written.kind is Kind.PROVIDER else "that name, target and customer"


def _name_of(written: Written) -> tuple[str, ...]:
    return tuple(written.fields[name] for name in _KNOWN_BY[written.kind])


def _moved(before: Route) -> str:
    return (
        f"is a route of the customer {before.customer_id}, and a route's customer stays: write that "
        "customer_id, or leave the id out for a new route"
    )


class _Leading:
    """Finds the providers that routes lead to."""

    def __init__(self, reading: Reading, identified: Sequence[Identified], present: Present) -> None:
        self._ids = {record_id for _, record_id, _ in identified}
        self._by_name: dict[str, list[Identified]] = defaultdict(list)
        for each in identified:
            self._by_name[each[0].fields["name"]].append(each)
        made_out = {each.place for each, _, _ in identified}
        self._doubtful = set(reading.wrong)
        for written in reading.written:
            if written.kind is Kind.PROVIDER and written.place not in made_out:
                self._doubtful |= {written.fields["name"], written.id or ""}
        self._whole = reading.whole
        self._present = {each.id: each for each in present.providers}
        self._present_by_name = {each.name: each for each in present.providers}

    def provider_of(self, route: Written, mistakes: list[Mistake]) -> str:
        """Give the id; empty where there is a mistake, which is noted unless another one explains it."""
        said = route.provider or route.fields["provider_id"]
        if not route.provider and said in self._ids:
            return str(said)
        named = self._by_name.get(route.provider, []) if route.provider else []
        if said in self._doubtful:
            return ""
        if len(named) == 1:
            return named[0][1]
        if named:
            places = ", ".join(str(written.place) for written, _, _ in named[:_NAMED])
            message = f"leads to the provider {said!r}, and {len(named)} have that name ({places})"
            mistakes.append(Mistake(route.place, f"{message}: give provider_id"))
        elif self._whole:
            mistakes.append(Mistake(route.place, self._absent(route, said)))
        return ""

    def _absent(self, route: Written, name: str) -> str:
        said = f"leads to the provider {name!r}"
        known = (self._present_by_name if route.provider else self._present).get(name)
        if known is None:
            return f"{said}, and there is none, neither in the files nor in provd"
        if known.id in self._ids:
            return f"{said}, which has another name in the files: write that, or provider_id"
        return f"{said}, which is not in the files and so would be deleted: add it, or leave the route out"
