"""One copy of what is the same in thousands of providers, which would else take half of their memory."""

from typing import Any

from pydantic import BaseModel

from provd.schema.probe import ProbeOverrides
from provd.schema.provider import Provider

_NO_OVERRIDES = ProbeOverrides()
_EMPTY: dict[str, Any] = {"tags": [], "tech_headers": {}, "metadata": {}, "warnings": []}
_whole: dict[type[BaseModel], set[str]] = {}


def shared(provider: Provider) -> Provider:
    """Give ``provider`` itself; what of it is as in all others is in memory once, and is not to be changed.

    Those are the settings of checks that have none of their own, empty lists and mappings, and pydantic's
    sets of which fields were given, of 2 kB each.
    """
    fields = provider.__dict__  # past pydantic's setters, which take ten times as long
    if fields["probe"] is not _NO_OVERRIDES and not fields["probe"].model_fields_set:
        fields["probe"] = _NO_OVERRIDES
    for name, empty in _EMPTY.items():
        if not fields[name]:
            fields[name] = empty
    for model in (provider, provider.health):
        given = model.__pydantic_fields_set__
        if len(given) == len(type(model).model_fields):
            object.__setattr__(model, "__pydantic_fields_set__", _whole.setdefault(type(model), given))
    return provider
