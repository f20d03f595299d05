"""What the daemon has announced, as its event log has it."""

from provd.schema.events import EventType, LoggedEvent
from tests.fakes.daemon import RunningDaemon, eventually


async def announced(
    daemon: RunningDaemon, kind: EventType, provider_id: str = "", *, at_least: int = 0
) -> list[LoggedEvent]:
    """The events of a kind, oldest first, once there are ``at_least`` so many; of one provider when it is
    given."""

    async def logged() -> list[LoggedEvent]:
        log = await daemon.client.event_log(page_size=1000, provider_id=provider_id)
        return [each for each in reversed(log.result) if each.type is kind]

    return await eventually(logged, lambda found: len(found) >= at_least)


async def changes(daemon: RunningDaemon, provider_id: str, *, at_least: int) -> list[object]:
    """The statuses that a provider has had, oldest first, once there are ``at_least`` so many."""
    found = await announced(daemon, EventType.HEALTH_CHANGED, provider_id, at_least=at_least)
    return [each.data["status"] for each in found]
