"""The part of ``provd.client.alerts.AlertCalls`` that the terminal uses, so that a fake can stand in."""

from collections.abc import Mapping, Sequence
from typing import Protocol

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


class Alerts(Protocol):
    """The calls about alerts; each raises ApiError or DaemonUnavailable as the client's does."""

    async def page(
        self,
        *,
        states: Sequence[AlertState] = (),
        page_size: int = 100,
        page_token: str = "",
        filters: Mapping[str, str] | None = None,
    ) -> AlertPage:
        """Read one page, newest first; no states: of every state."""

    async def get(self, alert_id: str) -> Alert:
        """Read one alert."""

    async def acknowledge(self, alert_id: str, note: str = "") -> Alert:
        """Take care of an alert."""

    async def deliveries(
        self, *, page_size: int = 100, page_token: str = "", filters: Mapping[str, str] | None = None
    ) -> DeliveryPage:
        """Read one page of messages, newest first."""

    async def rules(self) -> RuleList:
        """Read all rules."""

    async def rule(self, name: str) -> Rule:
        """Read one rule."""

    async def put_rule(self, name: str, spec: RuleSpec, *, revision: int | None = None) -> Rule:
        """Make a rule, or replace one."""

    async def delete_rule(self, name: str, *, revision: int | None = None) -> Rule:
        """Delete a rule that was made over the API."""

    async def channels(self) -> ChannelList:
        """Read where alerts are told."""

    async def channel(self, name: str) -> Channel:
        """Read one channel."""

    async def put_channel(
        self, name: str, wanted: ChannelRequest, *, revision: int | None = None
    ) -> ChannelWithSecret:
        """Make a channel, or change one."""

    async def delete_channel(self, name: str, *, revision: int | None = None) -> Channel:
        """Delete a channel, and its address from the keyring."""

    async def test_channel(self, name: str) -> ChannelTest:
        """Have a test message sent, and wait for what becomes of it."""
