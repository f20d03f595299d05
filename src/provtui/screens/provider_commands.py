"""What can be done with one provider, on whichever screen it was chosen."""

import json
from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on

from provd.client import ClientError
from provd.schema.provider import Provider
from provtui.figures import counted
from provtui.outcomes import Changed, Checked, Failed, Fetched, Removed, why_not
from provtui.screens.base import CommandScreen
from provtui.text import clean

if TYPE_CHECKING:
    from provd.schema.revision import Revision
    from provtui.bulk import Bulk
    from provtui.bulk_calls import BulkCalls
    from provtui.dialogs.confirm_delete import Deletion
    from provtui.widgets.revisions_pane import RevisionsPane

_SOON_S = 3.0


class ProviderCommands(CommandScreen):
    """The commands check, maintenance, setup, add, edit, delete, toggle and copy; ``chosen`` says on what."""

    @abstractmethod
    def chosen(self) -> Provider | None:
        """Give the provider that the commands are about."""

    def marked(self) -> list[Provider]:
        """Give the providers that are marked, for commands to act on all; empty: on ``chosen``."""
        return []

    def unmark(self, provider_ids: frozenset[str]) -> None:
        """Take the marks of these providers away."""

    def added(self, provider: Provider) -> None:
        """Take note that the user added ``provider``."""

    def open(self, provider: Provider) -> None:
        """Show ``provider``, which the user has just made."""

    def do_add(self) -> None:
        """Open an empty form."""

        def answered(provider: Provider | None) -> None:
            if provider is not None:
                self.added(provider)
            self._saved(provider)

        self._open_form(None, answered)

    def do_setup(self) -> None:
        """Open the wizard that sets a trunk up at a carrier."""
        from provtui.dialogs.setup_wizard import SetupEnd, SetupWizard  # as with the form

        def answered(end: SetupEnd | None) -> None:
            if end is None:
                return
            if end.made is None:
                self.do_add()
                return
            self.added(end.made)
            if end.open:
                self.open(end.made)

        self.app.push_screen(SetupWizard(self.session), answered)

    def do_setups(self) -> None:
        """Open the list of setups."""
        from provtui.dialogs.setups import SetupsDialog  # as with the form

        self.app.push_screen(SetupsDialog(self.session))

    def do_edit(self) -> None:
        """Read the provider as it is now, then open its form."""
        provider = self.chosen()
        if provider is not None:
            self.run_worker(self._fetch(provider), group="fetch", exclusive=True)

    def do_raw(self) -> None:
        """Open what can be written of the provider as JSON."""
        from provtui.dialogs.raw_provider import RawProvider  # few edit so

        provider = self.chosen()
        if provider is not None:
            self.app.push_screen(RawProvider(self.session, provider.id, provider.name), self._saved)

    def do_delete(self) -> None:
        """Ask for the name, then delete."""
        from provtui.dialogs.confirm_delete import ConfirmDelete  # as with the form

        if marked := self.marked():
            self._act_on_all(self._bulk.delete(marked))
            return
        provider = self.chosen()
        if provider is None:
            return

        def answered(wanted: "Deletion | None") -> None:
            if wanted is None:
                return
            if wanted.deprovision:
                said = f"{provider.name}: deleting it, and removing its trunk at {provider.carrier}…"
                self.notify(clean(said), markup=False, timeout=_SOON_S)
            self.session.deleting.add(provider.id)
            # the app's, since this screen may close as soon as the provider is gone
            self.app.run_worker(self._delete(provider, wanted), group="delete")

        self.app.push_screen(ConfirmDelete(self.session, provider), answered)

    def do_toggle(self) -> None:
        """Enable or disable the provider; those that are marked are enabled if none of them is."""
        if marked := self.marked():
            self._act_on_all(self._bulk.enable(marked, enabled=not any(each.enabled for each in marked)))
            return
        provider = self.chosen()
        if provider is not None:
            self.run_worker(self._toggle(provider), group=f"toggle:{provider.id}", exclusive=True)

    def do_check(self) -> None:
        """Check the provider now, unless such a check is under way."""
        if marked := self.marked():
            self._act_on_all(self._bulk.check(marked))
            return
        provider = self.chosen()
        if provider is not None and provider.id not in self.session.checking:
            self.session.checking.add(provider.id)
            self.flush()
            self.run_worker(self._check(provider), group=f"check:{provider.id}")

    def do_maintenance(self) -> None:
        """Open the dialog that begins maintenance; of a provider that is in it, the one that ends it."""
        from provtui.dialogs.maintenance import LiftDialog, MaintenanceDialog  # as with the form

        if marked := self.marked():
            self._maintain_all(marked)
            return
        provider = self.chosen()
        if provider is None:
            return

        def begun(taken: Provider | None) -> None:
            if taken is not None:
                self.post_message(Changed(taken, f"{taken.name}: in maintenance"))

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self.run_worker(self._lift(provider), group=f"lift:{provider.id}", exclusive=True)

        if provider.maintenance is None:
            self.app.push_screen(MaintenanceDialog(self.session, provider), begun)
        else:
            self.app.push_screen(LiftDialog(provider, self.session.clock()), answered)

    def do_test_call(self) -> None:
        """Open the dialog that places test calls."""
        from provtui.dialogs.test_call import TestCallDialog  # as with the form

        provider = self.chosen()
        if provider is not None:
            self.app.push_screen(TestCallDialog(self.session, provider))

    def do_sip_login(self) -> None:
        """Open the dialog of the login that test calls use."""
        from provtui.dialogs.sip_login import SipLoginDialog  # as with the form

        provider = self.chosen()
        if provider is not None:
            self.app.push_screen(SipLoginDialog(self.session, provider))

    def do_copy(self) -> None:
        """Put the provider as JSON on the clipboard; those that are marked as a list."""
        if marked := self.marked():
            self.app.copy_to_clipboard(
                json.dumps([each.model_dump(mode="json") for each in marked], indent=2)
            )
            self.say(f"{counted(marked, 'provider')}: copied as JSON")
            return
        provider = self.chosen()
        if provider is not None:
            self.app.copy_to_clipboard(json.dumps(provider.model_dump(mode="json"), indent=2))
            self.say(f"{provider.name}: copied as JSON")

    def ask_to_restore(self, pane: "RevisionsPane") -> None:
        """Give the provider the fields of the revision that is chosen in ``pane``, after a question."""
        from provtui.dialogs.confirm_restore import ConfirmRestore  # as with the form

        chosen, newest = pane.chosen, pane.newest
        if chosen is None or newest is None:
            return
        if chosen.revision == newest.revision:
            self.say("It is at that revision now: choose another one to restore")
            return

        def answered(confirmed: bool | None) -> None:
            if confirmed:
                self.run_worker(self._restore(chosen, newest.revision), group="restore", exclusive=True)

        self.app.push_screen(ConfirmRestore(chosen, newest), answered)

    def _maintain_all(self, providers: list[Provider]) -> None:
        """Begin maintenance of all; when all are in it, end it."""
        from provtui.dialogs.bulk_maintenance import BulkMaintenance  # as with the form

        if all(each.maintenance is not None for each in providers):
            self._act_on_all(self._bulk.lift(providers))
            return

        self.app.push_screen(BulkMaintenance(self.session, self._bulk, providers), self._acted)

    @property
    def _bulk(self) -> "BulkCalls":
        from provtui.bulk_calls import BulkCalls  # as with the form

        return BulkCalls(self.session, self.app.post_message)

    def _act_on_all(self, bulk: "Bulk[Provider]") -> None:
        from provtui.dialogs.bulk import BulkDialog  # as with the form

        self.app.push_screen(BulkDialog(bulk), self._acted)

    def _acted(self, done: frozenset[str] | None) -> None:
        """Take away the marks of those that it was done to."""
        self.unmark(done or frozenset())
        self.flush()

    @on(Fetched)
    def _edit(self, message: Fetched) -> None:
        self._open_form(message.provider, self._saved)

    def _open_form(self, base: Provider | None, answered: Callable[[Provider | None], None]) -> None:
        from provtui.dialogs.provider_form import ProviderForm  # the first paint needs none of it

        self.app.push_screen(ProviderForm(self.session, base), answered)

    def _saved(self, provider: Provider | None) -> None:
        if provider is not None:
            warned = f". Look at this: {'; '.join(provider.warnings)}" if provider.warnings else ""
            self.post_message(Changed(provider, f"{clean(provider.name)}: saved{warned}"))

    async def _restore(self, wanted: "Revision", at: int) -> None:
        name = str(wanted.fields.get("name", ""))
        try:
            back = await self.session.client.restore_provider(wanted.object_id, wanted.revision, revision=at)
        except ClientError as error:
            self.post_message(Failed(why_not(name, error)))
        else:
            self.post_message(Changed(back, f"{back.name}: as it was at revision {wanted.revision}"))

    async def _fetch(self, provider: Provider) -> None:
        try:
            self.post_message(Fetched(await self.session.client.provider(provider.id)))
        except ClientError as error:
            self.post_message(Failed(f"{provider.name}: {error}"))

    async def _delete(self, provider: Provider, wanted: "Deletion") -> None:
        try:
            deleted = await self.session.client.delete_provider(
                provider.id,
                revision=provider.revision,
                deprovision=wanted.deprovision,
                cascade=wanted.cascade,
            )
        except ClientError as error:
            self.app.post_message(Failed(why_not(provider.name, error)))
        else:
            self.app.post_message(Removed(provider, deleted.deprovisioned))
        finally:
            self.session.deleting.discard(provider.id)

    async def _toggle(self, provider: Provider) -> None:
        wanted = not provider.enabled
        try:
            changed = await self.session.client.patch_provider(
                provider.id, {"enabled": wanted}, revision=provider.revision
            )
        except ClientError as error:
            self.post_message(Failed(why_not(provider.name, error)))
        else:
            said = "enabled: it is checked again" if wanted else "disabled: it is no longer checked"
            self.post_message(Changed(changed, f"{provider.name}: {said}"))

    async def _lift(self, provider: Provider) -> None:
        try:
            lifted = await self.session.client.lift_maintenance(provider.id)
        except ClientError as error:
            self.post_message(Failed(f"{provider.name}: maintenance goes on, {error}"))
        else:
            self.post_message(Changed(lifted, f"{provider.name}: maintenance has ended"))

    async def _check(self, provider: Provider) -> None:
        try:
            report = await self.session.client.check_provider(provider.id)
        except ClientError as error:
            self.post_message(Failed(f"{provider.name}: not checked, {error}"))
        else:
            self.post_message(Checked(provider, report))
        finally:
            self.session.checking.discard(provider.id)
