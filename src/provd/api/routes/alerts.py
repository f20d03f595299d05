"""``/v1.0/alerts``: what is wrong, the rules that say so, and where it is told."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from provd.api.guard import Admin, IfMatch, Operator, Viewer, actor
from provd.api.permissions import GuardedRouter
from provd.schema.alerts import (
    AckRequest,
    Alert,
    AlertName,
    AlertPage,
    AlertState,
    Channel,
    ChannelList,
    ChannelRequest,
    ChannelTest,
    ChannelWithSecret,
    DeliveryPage,
    DeliveryState,
    Rule,
    RuleList,
    RuleSpec,
    Severity,
)
from provd.services.alerts.channels import ChannelBook
from provd.services.alerts.deliverer import Deliverer
from provd.services.alerts.keeper import AlertKeeper
from provd.services.alerts.rulebook import RuleBook
from provd.services.pages import MAX_PAGE
from provd.store.alerts import AlertFilter

Name = Annotated[AlertName, Path()]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE)]


def make_router(
    alerts: AlertKeeper, rules: RuleBook, channels: ChannelBook, deliveries: Deliverer
) -> GuardedRouter:
    """The endpoints of alerts."""
    router = GuardedRouter(prefix="/v1.0/alerts", tags=["alerts"])

    @router.get("", response_model=AlertPage, summary="List alerts, newest first")
    async def list_alerts(
        caller: Viewer,
        state: Annotated[list[AlertState], Query(description="may be given more than once")] = [],  # noqa: B006
        severity: Severity | None = None,
        rule: str = "",
        provider_id: str = "",
        page_size: PageSize = 100,
        page_token: str = "",
    ) -> Response:
        wanted = AlertFilter(
            states=frozenset(each.value for each in state),
            severity="" if severity is None else severity.value,
            rule=rule,
            provider_id=provider_id,
        )
        return _json(await alerts.page(wanted, page_size, page_token))

    @router.get("/rules", response_model=RuleList, summary="List the rules that raise alerts")
    async def list_rules(caller: Viewer) -> Response:
        return _json(rules.list())

    @router.get("/rules/{name}", response_model=Rule, summary="Read a rule")
    async def get_rule(name: Name, caller: Viewer) -> Response:
        return _revised(rules.get(name))

    @router.put("/rules/{name}", response_model=Rule, summary="Make a rule, or replace one")
    async def put_rule(name: Name, body: RuleSpec, caller: Admin, precondition: IfMatch) -> Response:
        return _revised(await rules.put(name, body, actor(caller), precondition))

    @router.delete("/rules/{name}", response_model=Rule, summary="Delete a rule that was made over the API")
    async def delete_rule(name: Name, caller: Admin, precondition: IfMatch) -> Response:
        return _revised(await rules.delete(name, actor(caller), precondition))

    @router.get("/channels", response_model=ChannelList, summary="List where alerts are told")
    async def list_channels(caller: Viewer) -> Response:
        return _json(await channels.list())

    @router.get("/channels/{name}", response_model=Channel, summary="Read a channel")
    async def get_channel(name: Name, caller: Viewer) -> Response:
        return _revised(await channels.get(name))

    @router.put("/channels/{name}", response_model=ChannelWithSecret, summary="Make a channel, or change one")
    async def put_channel(name: Name, body: ChannelRequest, caller: Admin, precondition: IfMatch) -> Response:
        made = await channels.put(name, body, actor(caller), precondition)
        deliveries.retry(name)
        return _revised(made)

    @router.delete("/channels/{name}", response_model=Channel, summary="Delete a channel")
    async def delete_channel(name: Name, caller: Admin, precondition: IfMatch) -> Response:
        return _revised(await channels.delete(name, actor(caller), precondition))

    @router.post("/channels/{name}/test", response_model=ChannelTest, summary="Send a test message now")
    async def test_channel(name: Name, caller: Operator) -> Response:
        tested = await channels.test(name, actor(caller))
        if tested.sent:
            deliveries.retry(name)
        return _json(tested)

    @router.get("/deliveries", response_model=DeliveryPage, summary="List messages, newest first")
    async def list_deliveries(
        caller: Viewer,
        state: DeliveryState | None = None,
        channel: str = "",
        alert_id: str = "",
        page_size: PageSize = 100,
        page_token: str = "",
    ) -> Response:
        return _json(await deliveries.page(state, channel, alert_id, page_size, page_token))

    @router.get("/{alert_id}", response_model=Alert, summary="Read an alert, with all its providers")
    async def get_alert(alert_id: str, caller: Viewer) -> Response:
        return _json(await alerts.get(alert_id))

    @router.post("/{alert_id}/ack", response_model=Alert, summary="Take care of an alert")
    async def acknowledge(alert_id: str, caller: Operator, body: AckRequest | None = None) -> Response:
        note = "" if body is None else body.note
        return _json(await alerts.acknowledge(alert_id, note, actor(caller)))

    return router


def _revised(model: Rule | Channel) -> Response:
    headers = {"ETag": f'"{model.revision}"'}
    return Response(model.model_dump_json(), 200, headers, media_type="application/json")


def _json(model: BaseModel) -> Response:
    return Response(model.model_dump_json(), media_type="application/json")
