"""Who would carry a call, and how it would be dialled."""

from random import Random

from provd.routing.dialling import dial, region_of
from provd.routing.number import parse_number
from provd.routing.table import Route
from provd.schema.provider import Transport
from provd.schema.route import (
    DEFAULT_CUSTOMER,
    Attempt,
    DialPreview,
    DialRequest,
    Resolution,
    ResolveRequest,
)
from provd.services.errors import invalid
from provd.services.providers import ProviderService
from provd.services.routing.book import RouteBook, Standing
from provd.services.routing.told import skipped, tried_fields

_LAST_RESORT = (
    "Every provider with a route for this number is unhealthy: they are tried all the same, as a last resort."
)
_NOBODY = "No provider with a route for this number can be used: see what was skipped, and why."
_NO_ROUTE = (
    "No route is for this number: add one, POST /v1.0/routes; with the target all it takes every number."
)


class Resolver:
    """The use cases of dialling: a preview for one provider, and the choice among all."""

    def __init__(self, book: RouteBook, providers: ProviderService) -> None:
        self._book = book
        self._providers = providers

    def preview(self, provider_id: str, request: DialRequest) -> DialPreview:
        """How a number would be dialled through a provider. Nothing is sent."""
        row, _ = self._providers.stored(provider_id)
        number = _number(request.destination)
        call = dial(row, number, request.caller)
        return DialPreview(
            provider_id=row.id,
            destination=number,
            region=region_of(number),
            number=call.number,
            request_uri=call.request_uri,
            next_hop=call.next_hop,
            transport=Transport(row.transport),
            headers=dict(call.headers),
            warnings=call.warnings,
        )

    def resolve(self, request: ResolveRequest) -> Resolution:
        """Who would carry a call, in order, and who is passed over."""
        number = _number(request.destination)
        random = Random(request.seed)  # noqa: S311 - it shares calls out, and hides nothing
        customers = (request.customer_id, DEFAULT_CUSTOMER)
        usable: list[tuple[Route, Standing]] = []
        passed: list[tuple[Route, Standing]] = []
        for route in self._book.table.candidates(number, customers, random):
            standing = self._book.standing(route.provider_id)
            if standing is None:
                continue
            sick = standing.reason == "unhealthy" and not request.include_unhealthy
            held = standing.reason not in ("", "unhealthy")
            (passed if sick or held else usable).append((route, standing))
        last_resort = [] if usable else [each for each in passed if each[1].reason == "unhealthy"]
        attempts = [_attempt(route, standing, number, request.caller) for route, standing in usable]
        attempts += [_attempt(*each, number, request.caller, last_resort=True) for each in last_resort]
        return Resolution(
            destination=number,
            region=region_of(number),
            attempts=attempts,
            skipped=[skipped(*each) for each in passed if each not in last_resort],
            message=_LAST_RESORT if last_resort else "" if usable else _NOBODY if passed else _NO_ROUTE,
        )


def _attempt(
    route: Route, standing: Standing, number: str, caller: str, *, last_resort: bool = False
) -> Attempt:
    call = dial(standing.row, number, caller)
    return Attempt(
        **tried_fields(route, standing, last_resort=last_resort),
        number=call.number,
        request_uri=call.request_uri,
        next_hop=call.next_hop,
        headers=dict(call.headers),
        warnings=call.warnings,
    )


def _number(text: str) -> str:
    try:
        return parse_number(text)
    except ValueError as error:
        raise invalid("destination", str(error)) from None
