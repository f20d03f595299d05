"""What can be done with routes; ``chosen_line`` says with which."""

import json
from abc import abstractmethod
from collections.abc import Callable

from textual import on

from provd.client import ClientError
from provd.schema.route import Route
from provtui.bulk import Bulk
from provtui.bulk_calls import BulkCalls
from provtui.dialogs.bulk import BulkDialog
from provtui.figures import counted
from provtui.outcomes import Failed, RouteChanged, RouteFetched, RouteRemoved, why_not
from provtui.route_lines import RouteLine
from provtui.screens.base import CommandScreen
from provtui.text import clean


class RouteCommands(CommandScreen):
    """The commands add_route, edit_route, delete_route, toggle_route, copy_route, resolve and matrix."""

    @abstractmethod
    def chosen_line(self) -> RouteLine | None:
        """Give the route that the commands are about."""

    def marked_routes(self) -> list[Route]:
        """Give the routes that are marked, for the commands to act on all; empty: on ``chosen_line``."""
        return []

    def unmark(self, route_ids: frozenset[str]) -> None:
        """Take the marks of these routes away."""

    def added(self, route: Route) -> None:
        """Take note that the user added ``route``."""

    def do_add_route(self) -> None:
        """Open an empty form."""

        def answered(route: Route | None) -> None:
            if route is not None:
                self.added(route)
            self._saved(route)

        self._open_form(None, answered)

    def do_edit_route(self) -> None:
        """Read the route as it is now, then open its form."""
        line = self.chosen_line()
        if line is not None:
            self.run_worker(self._fetch(line.route), group="fetch", exclusive=True)

    def do_raw_route(self) -> None:
        """Open what can be written of the route as JSON."""
        from provtui.dialogs.raw_route import RawRoute  # few edit so

        line = self.chosen_line()
        if line is not None:
            self.app.push_screen(RawRoute(self.session, line.route.id, line.route.name), self._saved)

    def do_delete_route(self) -> None:
        """Ask, then delete."""
        from provtui.dialogs.confirm_route_delete import ConfirmRouteDelete  # as with the form

        if marked := self.marked_routes():
            self._act_on_all(self._bulk.delete_routes(marked))
            return
        line = self.chosen_line()
        if line is None:
            return

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                # the app's, since this screen may be left before it is done
                self.app.run_worker(self._delete(line.route), group="delete-route")

        self.app.push_screen(ConfirmRouteDelete(line), answered)

    def do_toggle_route(self) -> None:
        """Enable or disable the route; those that are marked are enabled if none of them is."""
        if marked := self.marked_routes():
            wanted = not any(each.enabled for each in marked)
            self._act_on_all(self._bulk.enable_routes(marked, enabled=wanted))
            return
        line = self.chosen_line()
        if line is not None:
            self.run_worker(self._toggle(line.route), group=f"toggle:{line.route.id}", exclusive=True)

    def do_copy_route(self) -> None:
        """Put the route as JSON on the clipboard; those that are marked as a list."""
        if marked := self.marked_routes():
            self.app.copy_to_clipboard(
                json.dumps([each.model_dump(mode="json") for each in marked], indent=2)
            )
            self.say(f"{counted(marked, 'route')}: copied as JSON")
            return
        line = self.chosen_line()
        if line is not None:
            self.app.copy_to_clipboard(json.dumps(line.route.model_dump(mode="json"), indent=2))
            self.say(f"{line.route.name}: copied as JSON")

    def do_route_revisions(self) -> None:
        """Show what the route was, and restore it if the user wants."""
        from provtui.dialogs.route_revisions import RouteRevisions  # as with the form

        line = self.chosen_line()
        if line is None:
            return

        def answered(back: Route | None) -> None:
            if back is not None:
                self.post_message(RouteChanged(back, f"{back.name}: as it was before"))

        self.app.push_screen(RouteRevisions(self.session, line.route), answered)

    def do_resolve(self) -> None:
        """Open the box that a number is typed into."""
        from provtui.dialogs.resolve import ResolveDialog  # as with the form

        self.app.push_screen(ResolveDialog(self.session))

    def do_matrix(self) -> None:
        """Show who would carry each country."""
        from provtui.dialogs.matrix import MatrixDialog  # as with the form

        self.app.push_screen(MatrixDialog(self.session))

    @property
    def _bulk(self) -> BulkCalls:
        return BulkCalls(self.session, self.app.post_message)

    def _act_on_all(self, bulk: Bulk[Route]) -> None:
        def answered(done: frozenset[str] | None) -> None:
            self.unmark(done or frozenset())
            self.flush()

        self.app.push_screen(BulkDialog(bulk), answered)

    @on(RouteFetched)
    def _edit(self, message: RouteFetched) -> None:
        self._open_form(message.route, self._saved)

    def _open_form(self, base: Route | None, answered: Callable[[Route | None], None]) -> None:
        from provtui.dialogs.route_form import RouteForm  # most who look at the routes change none

        self.app.push_screen(RouteForm(self.session, base), answered)

    def _saved(self, route: Route | None) -> None:
        if route is not None:
            self.post_message(RouteChanged(route, f"{clean(route.name)}: saved"))

    async def _fetch(self, route: Route) -> None:
        try:
            self.post_message(RouteFetched(await self.session.client.route(route.id)))
        except ClientError as error:
            self.post_message(Failed(why_not(route.name, error)))

    async def _delete(self, route: Route) -> None:
        try:
            await self.session.client.delete_route(route.id, revision=route.revision)
        except ClientError as error:
            self.app.post_message(Failed(why_not(route.name, error)))
        else:
            self.app.post_message(RouteRemoved(route))

    async def _toggle(self, route: Route) -> None:
        wanted = not route.enabled
        try:
            changed = await self.session.client.patch_route(
                route.id, {"enabled": wanted}, revision=route.revision
            )
        except ClientError as error:
            self.post_message(Failed(why_not(route.name, error)))
        else:
            said = "enabled" if wanted else "disabled: no call takes it"
            self.post_message(RouteChanged(changed, f"{route.name}: {said}"))
