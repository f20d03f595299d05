"""The form in which a channel, on which alerts are told, is added or edited."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType

from provd.client import ApiError, ClientError
from provd.schema.alerts import Channel, ChannelRequest, ChannelWithSecret
from provd.schema.events import LoggedEvent
from provtui import channel_fields
from provtui.commands import Place, bindings_at
from provtui.dialogs.record_form import RecordForm
from provtui.form_fields import FormField, Texts


class ChannelForm(RecordForm[Channel]):
    """Adds or edits a channel; its address and secret are hidden as they are typed, and never shown.

    The result may be a ChannelWithSecret.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.CHANNEL_FORM)]
    what = "channel"
    place = Place.CHANNEL_FORM

    @property
    def fields(self) -> Iterable[FormField]:
        """The fields of a channel; the name only of a new one."""
        return (channel_fields.NAME, *channel_fields.FIELDS) if self._base is None else channel_fields.FIELDS

    def texts_of(self, record: Channel | None) -> Texts:
        """Give what the form shows for a channel."""
        return channel_fields.texts_of(record)

    def problem(self, path: str, text: str) -> str | None:
        """Tell what is wrong with a field."""
        return channel_fields.problem(path, text)

    def problems(self, texts: Texts) -> dict[str, str]:
        """Tell what is wrong with which field."""
        return channel_fields.problems(texts)

    def changes(self, base: Channel, texts: Texts) -> dict[str, Any]:
        """Give the fields that differ."""
        return channel_fields.changes(base, texts)

    def field_of(self, detail_field: str) -> str | None:
        """Give the field that an error detail is about."""
        return channel_fields.field_of(detail_field)

    def named(self, record: Channel) -> str:
        """Give its name."""
        return record.name

    async def create(self, texts: Texts) -> ChannelWithSecret:
        """Make it, unless there is another of that name."""
        name = texts["name"].strip()
        if await self._is_there(name):
            raise ClientError(f"there is a channel {name} already: leave, and edit that one")
        wanted = channel_fields.to_request(texts)
        return await self.session.client.alerts.put_channel(name, wanted, revision=0)

    async def patch(self, base: Channel, changes: dict[str, Any]) -> ChannelWithSecret:
        """Change it; what is secret and was not typed stays."""
        wanted = ChannelRequest.model_validate({**written(base), **changes})
        return await self.session.client.alerts.put_channel(base.name, wanted, revision=base.revision)

    async def read(self, base: Channel) -> tuple[Channel, Iterable[LoggedEvent]]:
        """Read it as it is now; no event tells of channels."""
        return await self.session.client.alerts.channel(base.name), ()

    async def _is_there(self, name: str) -> bool:
        try:
            await self.session.client.alerts.channel(name)
        except ApiError as error:
            if error.http_code == 404:
                return False
            raise
        return True


def written(channel: Channel) -> dict[str, Any]:
    """Give what can be written of a channel, and is no secret."""
    return channel.model_dump(include={"kind", "min_severity", "enabled"})
