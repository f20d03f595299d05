"""Setups: beginning one, its plan, its journal, going on, and going back."""

import time
import uuid
from typing import Any

from provd.carriers.base import Order, Plan
from provd.carriers.credentials import last_four
from provd.schema.errors import ErrorDetail
from provd.schema.provider import Provider
from provd.schema.setup import (
    PlannedCall,
    PlannedProvider,
    Setup,
    SetupPage,
    SetupPlan,
    SetupRequest,
)
from provd.schema.timestamps import to_timestamp
from provd.services import pages
from provd.services.actor import Actor
from provd.services.errors import ServiceError
from provd.services.idempotency import repeatable
from provd.services.identity import known_id
from provd.services.setups.catalogue import Catalogue, read, refused
from provd.services.setups.refusals import refusing
from provd.services.setups.runs import SetupRuns, Wanted, tag_of
from provd.services.setups.shown import shown
from provd.services.setups.words import no_such_setup, not_now
from provd.store import providers as stored_providers
from provd.store import setups as stored
from provd.store.engine import Store
from provd.store.setups import StoredSetup
from provd.store.tables import SetupRow


class SetupService:
    """The use cases of setups."""

    def __init__(self, store: Store, catalogue: Catalogue, runs: SetupRuns) -> None:
        self._store = store
        self._catalogue = catalogue
        self._runs = runs

    async def start(self, request: SetupRequest, actor: Actor, idempotency_key: str | None) -> Provider:
        """Set a trunk up. The run goes on when the caller has gone."""
        wanted = self._wanted(request)
        said = request.model_copy(
            update={
                "credentials": dict.fromkeys(request.credentials, ""),
                "setup_id": None,
                "detail": f"{request.detail}\0{last_four(wanted.credentials)}",
            }
        )
        same = repeatable(actor.uid, idempotency_key, said)
        now = to_timestamp(time.time())
        setup = SetupRow(
            id=str(request.setup_id or uuid.uuid4()),
            carrier=wanted.carrier.name,
            name=request.name,
            detail=request.detail,
            state="",
            uid=actor.uid,
            by=actor.user,
            idempotency_key=None if same is None else same.key,
            request_hash="" if same is None else same.request_hash,
            tm_create=now,
            tm_update=now,
        )
        return await self._runs.begin(setup, wanted, actor)

    async def dry_run(self, request: SetupRequest) -> SetupPlan:
        """What a setup would do; nothing is made or kept."""
        wanted = self._wanted(request)
        carrier, credentials = wanted.carrier, wanted.credentials
        order = Order(
            name=request.name,
            tag=tag_of(str(request.setup_id or uuid.uuid4())),
            gateways=wanted.gateways,
        )
        with refusing():
            async with self._catalogue.open(carrier, credentials) as api:
                plan: Plan = await carrier.plan(api, order, wanted.settings)
        return SetupPlan(
            carrier=carrier.name,
            calls=[
                PlannedCall(
                    step=each.step,
                    title=each.title,
                    method=each.method,
                    url=self._catalogue.url(carrier, credentials, each.path),
                    body=each.body,
                )
                for each in plan.resources
            ],
            provider=PlannedProvider(
                name=request.name,
                hostname=plan.provider.hostname,
                transport=plan.provider.transport,
                tech_prefix=plan.provider.tech_prefix,
                carrier=carrier.name,
            ),
            by_hand=plan.by_hand,
        )

    async def list(self, page_size: int, page_token: str) -> SetupPage:
        """One page, newest first."""
        cursor = pages.provider_cursor(page_token)
        found = await self._store.read(stored.page, cursor, page_size + 1)
        token = ""
        if len(found) > page_size:
            last = found[page_size - 1].setup
            token = pages.encode(last.tm_create, last.id)
        return SetupPage(result=[shown(each) for each in found[:page_size]], next_page_token=token)

    async def get(self, setup_id: str) -> Setup:
        """One setup."""
        return shown(await self._stored(setup_id))

    async def resume(self, setup_id: str, actor: Actor) -> Provider:
        """Go on with a setup that stopped, to the provider."""
        return await self._runs.resume(known_id(setup_id), actor)

    async def rollback(self, setup_id: str, actor: Actor) -> Setup:
        """Remove what a setup made."""
        found = await self._stored(setup_id)
        provider_id = found.setup.provider_id
        if provider_id and self._store.read_now(stored_providers.get, provider_id) is not None:
            raise not_now(
                found.setup,
                f"its provider is there: DELETE /v1.0/providers/{provider_id}?deprovision=true removes both",
            )
        await self._runs.undo(found.setup.id, actor)
        return await self.get(setup_id)

    async def _stored(self, setup_id: str) -> StoredSetup:
        found = await self._store.read(stored.get, known_id(setup_id))
        if found is None:
            raise no_such_setup(setup_id)
        return found

    def _wanted(self, request: SetupRequest) -> Wanted:
        carrier = self._catalogue.carrier(request.carrier)
        mistakes: list[ErrorDetail] = []
        given: dict[str, Any] = {}
        for where, model, values in (
            ("credentials", carrier.credentials, request.credentials),
            ("settings", carrier.settings, request.settings),
        ):
            try:
                given[where] = read(model, values, where)
            except ServiceError as error:
                mistakes += error.details
        if mistakes:
            raise refused(mistakes)
        credentials, settings = given["credentials"], given["settings"]
        gateways = self._catalogue.gateways(carrier, settings)
        problems = carrier.check(credentials, settings, gateways)
        if problems:
            raise refused([_detail(problem) for problem in problems])
        return Wanted(carrier, credentials, settings, gateways)


def _detail(problem: str) -> ErrorDetail:
    field, _, message = problem.partition(" ")
    return ErrorDetail(field=field, message=message)
