"""A provider as JSON."""

from collections.abc import Iterable
from typing import Any

from provd.schema.events import LoggedEvent
from provd.schema.provider import Provider, ProviderUpdate
from provtui.dialogs.raw_record import RawRecord
from provtui.last_saved import provider_updates


class RawProvider(RawRecord[Provider, ProviderUpdate]):
    """Edits a provider as JSON."""

    what = "provider"
    shape = ProviderUpdate

    async def read(self) -> Provider:
        """Read it."""
        return await self.session.client.provider(self.record_id)

    def fields(self, record: Provider) -> dict[str, Any]:
        """Give what can be written of it."""
        return record.model_dump(mode="json", include=set(ProviderUpdate.model_fields))

    async def updates(self, record: Provider) -> Iterable[LoggedEvent]:
        """Read who changed it."""
        return await provider_updates(self.session, record.id)

    async def replace(self, new: ProviderUpdate, revision: int) -> Provider:
        """Replace it."""
        return await self.session.client.replace_provider(self.record_id, new, revision=revision)
