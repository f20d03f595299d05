"""The fields of a route's form: their text, what they mean, and what is wrong with them.

Wrong is what the daemon would call wrong: each field goes through the models of the wire contract.
"""

from typing import Any

from pydantic import ValidationError

from provd.schema.route import DEFAULT_CUSTOMER, Route, RouteCreate
from provtui.form_fields import NO, YES, FormField, Kind, Texts, sentence_of
from provtui.provider_names import ProviderNames
from provtui.text import clean

_NUMBERS = frozenset({"priority", "weight"})
_PROVIDER = "provider_id"
_REST = {"name": "any", "provider_id": DEFAULT_CUSTOMER}  # what a route must have, whatever it is


def route_fields(names: ProviderNames) -> tuple[FormField, ...]:
    """Give the fields in the order in which the form shows them; ``names`` are offered for the provider."""
    return (
        FormField("name", "Name", "what you call it"),
        FormField(
            _PROVIDER, "Provider", "the beginning of its name; → takes what is offered", suggest=names.all
        ),
        FormField("target", "Target", "all, or what the numbers begin with: +1, +4420"),
        FormField("priority", "Priority", "the lowest is tried first"),
        FormField("weight", "Weight", "the share of calls among those of equal priority"),
        FormField("enabled", "Enabled", kind=Kind.CHOICE, choices=(YES, NO)),
        FormField("detail", "Detail", "anything worth knowing"),
    )


_LABELS = {field.path: field.label for field in route_fields(ProviderNames(()))}


def texts_of(route: Route | None, names: ProviderNames) -> Texts:
    """Give what the form shows for ``route``; None: a new one, for every number."""
    if route is None:
        return {
            "name": "",
            _PROVIDER: "",
            "target": "all",
            "priority": "1",
            "weight": "1",
            "enabled": YES,
            "detail": "",
        }
    return {
        "name": clean(route.name),
        _PROVIDER: names.name(route.provider_id),
        "target": route.target,
        "priority": str(route.priority),
        "weight": str(route.weight),
        "enabled": YES if route.enabled else NO,
        "detail": clean(route.detail),
    }


def problem(path: str, text: str, names: ProviderNames) -> str | None:
    """Tell what is wrong with ``text`` in the field ``path``, as a sentence; None: nothing."""
    try:
        value = _value(path, text, names)
    except ValueError as error:
        return f"{_LABELS[path]} {error}"
    if path == _PROVIDER:
        return None
    try:
        RouteCreate.model_validate(_REST | {path: value})
    except ValidationError as error:
        return sentence_of(_LABELS[path], error)
    return None


def problems(texts: Texts, names: ProviderNames) -> dict[str, str]:
    """Tell what is wrong with which field."""
    found = {path: problem(path, text, names) for path, text in texts.items()}
    return {path: said for path, said in found.items() if said is not None}


def to_create(texts: Texts, names: ProviderNames) -> RouteCreate:
    """Make the body of a new route from texts without problems."""
    return RouteCreate.model_validate({path: _value(path, text, names) for path, text in texts.items()})


def changes(base: Route, texts: Texts, names: ProviderNames) -> dict[str, Any]:
    """Give the fields, with their new values, in which texts without problems differ from ``base``."""
    before = texts_of(base, names)
    return {path: _value(path, text, names) for path, text in texts.items() if text.strip() != before[path]}


def field_of(detail_field: str) -> str | None:
    """Give the path of the form's field that an error detail is about; None when it has none."""
    return detail_field if detail_field in _LABELS else None


def _value(path: str, text: str, names: ProviderNames) -> Any:
    """Give the value that ``text`` means; ValueError when it means none."""
    text = text.strip()
    if path == _PROVIDER:
        return names.id(text)
    if path == "enabled":
        return text == YES
    if path in _NUMBERS:
        try:
            return int(text)
        except ValueError:
            raise ValueError("must be a whole number") from None
    return text
