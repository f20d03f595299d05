"""A provider as JSON."""

from collections.abc import Mapping
from typing import Any

from provd.schema.provider import Provider, ProviderUpdate
from provtui.dialogs.raw_record import RawRecord


class RawProvider(RawRecord[Provider]):
    """Edits a provider as JSON."""

    async def read(self) -> Provider:
        """Read it."""
        return await self.session.client.provider(self.record_id)

    def fields(self, record: Provider) -> Mapping[str, Any]:
        """Give what can be written of it."""
        return record.model_dump(mode="json", include=set(ProviderUpdate.model_fields))

    async def replace(self, fields: Mapping[str, Any], revision: int) -> Provider:
        """Replace it."""
        new = ProviderUpdate.model_validate(dict(fields))
        return await self.session.client.replace_provider(self.record_id, new, revision=revision)
