"""Where alerts are told: mail, chat, webhooks, programs, provd's own log."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from provd.client import ClientError
from provd.schema.alerts import Channel, ChannelRequest, ChannelWithSecret
from provtui.commands import Place, bindings_at
from provtui.dialogs.channel_form import ChannelForm, written
from provtui.dialogs.confirm_record_delete import ConfirmRecordDelete
from provtui.dialogs.record_list import RecordList
from provtui.dialogs.signing_secret import SigningSecret
from provtui.text import clean, fit


class ChannelsDialog(RecordList[Channel]):
    """Lists the channels; those of the configuration are dimmed, since they are changed there."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.CHANNELS)]
    place = Place.CHANNELS
    caption = "Where alerts are told"
    nothing = "Alerts are told nowhere yet. a adds a channel: mail, chat, or a webhook."

    async def read(self) -> list[Channel]:
        """Read them."""
        return (await self.session.client.alerts.channels()).result

    def row(self, record: Channel, cells: int) -> Content:
        """Write name, kind, address, and how it does."""
        dim = record.origin == "config"
        state, ink = _state(record)
        name, address = min(16, cells // 4), cells - min(16, cells // 4) - 8 - 18 - 3
        return Content.assemble(
            (fit(clean(record.name), name), ".ink--disabled" if dim else ".ink--name"),
            (f" {fit(record.kind, 8)} ", ".ink--faint"),
            (fit(clean(record.address), address), ".ink--disabled" if dim else ""),
            " ",
            (fit(state, 18), ink),
        )

    def facts(self, record: Channel) -> Sequence[tuple[str, str]]:
        """Tell all of it."""
        from_config = "the configuration of provd: it is changed there"
        return [
            ("address", record.address),
            ("takes", f"{record.min_severity.value} and worse" if record.enabled else "nothing: it is off"),
            ("waiting", _messages(record.waiting) if record.waiting else ""),
            ("last sent", f"{record.last_sent_at[:19]} UTC" if record.last_sent_at else "never"),
            ("error", record.error),
            ("from", from_config if record.origin == "config" else "made here or by provctl"),
        ]

    def edit(self) -> None:
        """Edit the chosen one."""
        self.do_edit_channel()

    def do_edit_channel(self) -> None:
        """Open the form of the chosen one."""
        channel = self.changeable("edit_channel")
        if channel is not None:
            self.app.push_screen(ChannelForm(self.session, channel), self._saved)

    def do_add_channel(self) -> None:
        """Open an empty form."""
        if self.may("add_channel"):
            self.app.push_screen(ChannelForm(self.session, None), self._saved)

    def do_toggle_channel(self) -> None:
        """Switch the chosen one on or off."""
        channel = self.changeable("toggle_channel")
        if channel is None:
            return

        async def toggled() -> str:
            wanted = ChannelRequest.model_validate({**written(channel), "enabled": not channel.enabled})
            calls = self.session.client.alerts
            after = await calls.put_channel(channel.name, wanted, revision=channel.revision)
            return f"{after.name}: {'on' if after.enabled else 'off'}"

        self.act(channel.name, f"Switching {channel.name} {'off' if channel.enabled else 'on'}…", toggled)

    def do_test_channel(self) -> None:
        """Have a message sent by the chosen one now; those of the configuration too."""
        channel = self.chosen
        if channel is None or not self.may("test_channel"):
            return

        async def tested() -> str:
            found = await self.session.client.alerts.test_channel(channel.name)
            if found.sent:
                return f"{found.channel}: a test message was sent in {found.took_ms:.0f} ms"
            raise ClientError(f"not sent: {found.error}")

        self.act(channel.name, f"Sending a test message by {channel.name}…", tested)

    def do_delete_channel(self) -> None:
        """Delete the chosen one, after a question."""
        channel = self.changeable("delete_channel")
        if channel is None:
            return

        async def deleted() -> str:
            await self.session.client.alerts.delete_channel(channel.name, revision=channel.revision)
            return f"{channel.name}: deleted"

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self.act(channel.name, f"Deleting {channel.name}…", deleted)

        given_up = f" What waits for it, {_messages(channel.waiting)}, is given up."
        waits = given_up if channel.waiting else ""
        means = f"Alerts are no longer told there, and its address is removed from the keyring.{waits}"
        self.app.push_screen(ConfirmRecordDelete("channel", channel.name, means), answered)

    def _saved(self, channel: Channel | None) -> None:
        if channel is None:
            return
        self.done(f"{channel.name}: saved. t sends a test message.")
        if isinstance(channel, ChannelWithSecret) and channel.secret:
            self.app.push_screen(SigningSecret(channel.name, channel.secret))


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _state(channel: Channel) -> tuple[str, str]:
    if not channel.enabled:
        return "– off", ".ink--disabled"
    if channel.error:
        return f"✗ {channel.waiting} waiting", ".ink--unhealthy"
    if channel.waiting:
        return f"◌ {channel.waiting} waiting", ".ink--suspect"
    return f"✓ from {channel.min_severity.value} on", ".ink--healthy"
