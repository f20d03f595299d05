"""The calls about alerts, as ``Client.alerts``."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from provd.schema.alerts import (
    Alert,
    AlertPage,
    AlertState,
    Channel,
    ChannelList,
    ChannelRequest,
    ChannelTest,
    ChannelWithSecret,
    DeliveryPage,
    Rule,
    RuleList,
    RuleSpec,
)

M = TypeVar("M", bound=BaseModel)
_TEST_S = httpx.Timeout(660.0, connect=5.0)  # a command of the configuration may take 10 minutes
_ALERTS = "/v1.0/alerts"


class Call(Protocol):
    """Makes one call, and reads its answer."""

    async def __call__(self, model: type[M], method: str, path: str, **how: Any) -> M:
        """Raises ApiError or DaemonUnavailable."""
        ...


class AlertCalls:
    """Every call raises ApiError or DaemonUnavailable."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def page(
        self,
        *,
        states: Sequence[AlertState] = (),
        page_size: int = 100,
        page_token: str = "",
        filters: Mapping[str, str] | None = None,
    ) -> AlertPage:
        """Read one page, newest first. ``filters`` are ``severity``, ``rule``, ``provider_id``."""
        query: dict[str, Any] = {"page_size": str(page_size), "page_token": page_token, **(filters or {})}
        query["state"] = [each.value for each in states]
        return await self._call(AlertPage, "GET", _ALERTS, params=query)

    async def get(self, alert_id: str) -> Alert:
        """Read one alert."""
        return await self._call(Alert, "GET", f"{_ALERTS}/{quote(alert_id, safe='')}")

    async def acknowledge(self, alert_id: str, note: str = "") -> Alert:
        """Take care of an alert."""
        path = f"{_ALERTS}/{quote(alert_id, safe='')}/ack"
        return await self._call(Alert, "POST", path, json={"note": note})

    async def deliveries(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> DeliveryPage:
        """Read one page of messages, newest first. ``filters`` are ``state``, ``channel``, ``alert_id``."""
        query = {"page_size": str(page_size), "page_token": page_token, **(filters or {})}
        return await self._call(DeliveryPage, "GET", f"{_ALERTS}/deliveries", params=query)

    async def rules(self) -> RuleList:
        """Read all rules."""
        return await self._call(RuleList, "GET", f"{_ALERTS}/rules")

    async def rule(self, name: str) -> Rule:
        """Read one rule."""
        return await self._call(Rule, "GET", _rule(name))

    async def put_rule(self, name: str, spec: RuleSpec, *, revision: int | None = None) -> Rule:
        """Make a rule, or replace one; with ``revision`` only when it is still at that one."""
        body = spec.model_dump(mode="json", exclude_unset=True)
        return await self._call(Rule, "PUT", _rule(name), json=body, headers=_if_match(revision))

    async def delete_rule(self, name: str, *, revision: int | None = None) -> Rule:
        """Delete a rule that was made over the API."""
        return await self._call(Rule, "DELETE", _rule(name), headers=_if_match(revision))

    async def channels(self) -> ChannelList:
        """Read where alerts are told."""
        return await self._call(ChannelList, "GET", f"{_ALERTS}/channels")

    async def channel(self, name: str) -> Channel:
        """Read one channel."""
        return await self._call(Channel, "GET", _channel(name))

    async def put_channel(
        self, name: str, wanted: ChannelRequest, *, revision: int | None = None
    ) -> ChannelWithSecret:
        """Make a channel, or change one; its address goes into the keyring."""
        body = wanted.model_dump(mode="json", exclude_unset=True, exclude={"url", "secret"})
        for name_of, secret in (("url", wanted.url), ("secret", wanted.secret)):
            if secret is not None:
                body[name_of] = secret.get_secret_value()
        headers = _if_match(revision)
        return await self._call(ChannelWithSecret, "PUT", _channel(name), json=body, headers=headers)

    async def delete_channel(self, name: str, *, revision: int | None = None) -> Channel:
        """Delete a channel, and its address from the keyring."""
        return await self._call(Channel, "DELETE", _channel(name), headers=_if_match(revision))

    async def test_channel(self, name: str) -> ChannelTest:
        """Have a test message sent, and wait for what becomes of it."""
        return await self._call(ChannelTest, "POST", f"{_channel(name)}/test", timeout=_TEST_S)


def _rule(name: str) -> str:
    return f"{_ALERTS}/rules/{quote(name, safe='')}"


def _channel(name: str) -> str:
    return f"{_ALERTS}/channels/{quote(name, safe='')}"


def _if_match(revision: int | None) -> dict[str, str]:
    return {} if revision is None else {"If-Match": f'"{revision}"'}
