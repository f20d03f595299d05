"""One copy of what is the same in thousands of providers, which would else take half of their memory."""

from pydantic import BaseModel

from provd.schema.probe import ProbeOverrides
from provd.schema.provider import Provider

_NO_OVERRIDES = ProbeOverrides()
_whole: dict[type[BaseModel], set[str]] = {}


def shared(provider: Provider) -> Provider:
    """Give ``provider`` itself; what of it is as in all others is in memory once.

    Those are the settings of checks that have none of their own, and pydantic's sets of which fields were
    given, of 2 kB each.
    """
    if provider.probe is not _NO_OVERRIDES and not provider.probe.model_fields_set:
        provider.probe = _NO_OVERRIDES
    for model in (provider, provider.health):
        given = model.__pydantic_fields_set__
        if len(given) == len(type(model).model_fields):
            model.__pydantic_fields_set__ = _whole.setdefault(type(model), given)
    return provider
