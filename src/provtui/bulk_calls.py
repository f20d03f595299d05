"""What can be done to many providers or routes at once; each call tells the app what became of a record."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from textual.message import Message

from provd.client import ApiError, ClientError
from provd.schema.maintenance import MaintenanceRequest
from provd.schema.provider import Provider
from provd.schema.route import Route
from provtui.bulk import Bulk
from provtui.figures import counted
from provtui.outcomes import Changed, Removed, RouteChanged, RouteRemoved
from provtui.session import Session

_MEANWHILE = "someone else changed it meanwhile"


class BulkCalls:
    """``post`` takes to the app what became of each record; nobody is told of them one by one."""

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post

    def check(self, providers: Sequence[Provider]) -> Bulk[Provider]:
        """Check them now."""

        async def act(provider: Provider) -> str:
            self._session.checking.add(provider.id)
            try:
                report = await self._session.client.check_provider(provider.id)
            finally:
                self._session.checking.discard(provider.id)
            return report.health_status.value

        return Bulk(f"Check {counted(providers, 'provider')} now", "Checking", "checked", providers, act)

    def maintain(self, providers: Sequence[Provider], wanted: MaintenanceRequest) -> Bulk[Provider]:
        """Put them into maintenance."""

        async def act(provider: Provider) -> str:
            self._post(Changed(await self._session.client.set_maintenance(provider.id, wanted)))
            return ""

        until = f"until {wanted.until} UTC" if wanted.until else "without an end"
        warning = f"In maintenance {until}: checked all the same, but no problem, and left out by routing."
        title = f"Maintenance of {counted(providers, 'provider')}"
        return Bulk(title, "Beginning", "in maintenance", providers, act, warning)

    def lift(self, providers: Sequence[Provider]) -> Bulk[Provider]:
        """End their maintenance."""

        async def act(provider: Provider) -> str:
            self._post(Changed(await self._session.client.lift_maintenance(provider.id)))
            return ""

        title = f"End the maintenance of {counted(providers, 'provider')}"
        return Bulk(title, "Ending", "out of maintenance", providers, act)

    def enable(self, providers: Sequence[Provider], *, enabled: bool) -> Bulk[Provider]:
        """Enable or disable them."""

        async def act(provider: Provider) -> str:
            change = {"enabled": enabled}
            with _told_of_conflicts():
                changed = await self._session.client.patch_provider(
                    provider.id, change, revision=provider.revision
                )
            self._post(Changed(changed))
            return ""

        word, warning = _enabling(enabled, "They are no longer checked, and no call goes to them.")
        title = f"{word} {counted(providers, 'provider')}"
        return Bulk(title, f"{word[:-1]}ing", f"{word.lower()}d", providers, act, warning)

    def delete(self, providers: Sequence[Provider]) -> Bulk[Provider]:
        """Delete them; those that routes lead to are left, and trunks at carriers stay."""

        async def act(provider: Provider) -> str:
            self._session.deleting.add(provider.id)
            try:
                with _told_of_conflicts():
                    await self._session.client.delete_provider(provider.id, revision=provider.revision)
            finally:
                self._session.deleting.discard(provider.id)
            self._post(Removed(provider, quietly=True))
            return ""

        warning = (
            "They are no longer checked. What setup made at carriers stays there until u in the setups (s) "
            "removes it, and those that routes lead to are not deleted: d on one alone offers both."
        )
        title = f"Delete {counted(providers, 'provider')}"
        return Bulk(title, "Deleting", "deleted", providers, act, warning, typed=True)

    def enable_routes(self, routes: Sequence[Route], *, enabled: bool) -> Bulk[Route]:
        """Enable or disable routes."""

        async def act(route: Route) -> str:
            with _told_of_conflicts():
                changed = await self._session.client.patch_route(
                    route.id, {"enabled": enabled}, revision=route.revision
                )
            self._post(RouteChanged(changed))
            return ""

        word, warning = _enabling(enabled, "No call takes them.")
        title = f"{word} {counted(routes, 'route')}"
        return Bulk(title, f"{word[:-1]}ing", f"{word.lower()}d", routes, act, warning)

    def delete_routes(self, routes: Sequence[Route]) -> Bulk[Route]:
        """Delete routes."""

        async def act(route: Route) -> str:
            with _told_of_conflicts():
                await self._session.client.delete_route(route.id, revision=route.revision)
            self._post(RouteRemoved(route, quietly=True))
            return ""

        warning = "Calls no longer take them. Their providers stay."
        title = f"Delete {counted(routes, 'route')}"
        return Bulk(title, "Deleting", "deleted", routes, act, warning, typed=True)


@contextmanager
def _told_of_conflicts() -> Iterator[None]:
    """Say of a record that has moved on that it has."""
    try:
        yield
    except ApiError as error:
        if error.http_code == 412:
            raise ClientError(_MEANWHILE) from error
        raise


def _enabling(enabled: bool, means: str) -> tuple[str, str]:
    return ("Enable", "") if enabled else ("Disable", means)
