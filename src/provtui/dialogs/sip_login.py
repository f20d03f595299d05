"""The dialog of the login that a provider's test calls use."""

from typing import ClassVar

from pydantic import SecretStr, ValidationError
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from provd.client import ClientError
from provd.schema.provider import Provider
from provd.schema.test_calls import SipLogin, SipLoginRequest
from provtui.commands import Place, bindings_at, commands_at
from provtui.dialogs.base import Dialog
from provtui.form_fields import FormField, Kind
from provtui.session import Session
from provtui.text import clean, sentence
from provtui.widgets.drawn_form import DrawnForm
from provtui.widgets.key_bar import KeyBar
from provtui.widgets.lines import Lines

_FIELDS = (
    FormField("username", "User name", "as the carrier gave it", required=True),
    FormField("password", "Password", "it goes into the keyring", Kind.MASKED, required=True),
)
_FROM = {"api": "given by hand", "setup": "made by its setup", "none": ""}


class LoginRead(Message):
    """Which login there is; ``saved``: it was just given or forgotten."""

    def __init__(self, login: SipLogin, *, saved: bool = False) -> None:
        super().__init__()
        self.login = login
        self.saved = saved


class NotDone(Message):
    """It could not be read or changed."""

    def __init__(self, error: str) -> None:
        super().__init__()
        self.error = error


class SipLoginDialog(Dialog[None]):
    """Tells which login ``provider`` has, and takes another. The password is in its field alone, which is
    emptied when the dialog closes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_at(Place.SIP_LOGIN)]
    AUTO_FOCUS = ""

    def __init__(self, session: Session, provider: Provider) -> None:
        super().__init__()
        self.session = session
        self._provider = provider
        self._asking = False

    def compose(self) -> ComposeResult:
        """Lay out what there is, and the fields."""
        with Vertical(classes="dialog--box") as box:
            box.border_title = Content(f"The SIP login of {clean(self._provider.name)}")
            yield Lines("Asking provd…", id="login-known", classes="help--group")
            yield DrawnForm(id="login-form")
            yield Lines(id="login-said")
        yield KeyBar(list(commands_at(Place.SIP_LOGIN)), self.refused)

    async def on_mount(self) -> None:
        """Show the fields, and ask what there is."""
        form = self.query_one(DrawnForm)
        await form.draw(_FIELDS, {field.path: "" for field in _FIELDS})
        form.begin()
        self.run_worker(self._read(), group="login")

    def do_keep_login(self) -> None:
        """Give the provider the login that was typed."""
        form = self.query_one(DrawnForm)
        if self._asking:
            return
        try:
            texts = form.texts
            wanted = SipLoginRequest(username=texts["username"], password=SecretStr(texts["password"]))
        except ValidationError as error:
            wrong = {str(each["loc"][0]): _words(each["msg"]) for each in error.errors(include_input=False)}
            form.show_problems(wrong)
            return
        form.show_problems({})
        self._asking = True
        self.run_worker(self._put(wanted), group="login")

    def do_forget_login(self) -> None:
        """Have provd forget the login that was given by hand."""
        if not self._asking:
            self._asking = True
            self.run_worker(self._forget(), group="login")

    def do_leave(self) -> None:
        """Close."""
        self.query_one(DrawnForm).forget()
        self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run("keep_login")

    @on(LoginRead)
    def _login_read(self, message: LoginRead) -> None:
        self._asking = False
        login = message.login
        known = (
            f"{clean(login.username)}, {_FROM[login.source]}" if login.username else "It has no login yet."
        )
        about = "Test calls use it where a carrier asks with 401 or 407."
        self.query_one("#login-known", Lines).show(Content(f"{known}\n{about}"))
        if message.saved:
            self.query_one(DrawnForm).forget()
            self._say("✓ Done", ".ink--healthy")

    @on(NotDone)
    def _not_done(self, message: NotDone) -> None:
        self._asking = False
        self._say(f"✗ {clean(sentence(message.error))}", ".ink--unhealthy")

    def _say(self, text: str, ink: str) -> None:
        self.query_one("#login-said", Lines).show(Content.styled(text, ink))

    async def _read(self) -> None:
        try:
            self.post_message(LoginRead(await self.session.client.test_calls.login(self._provider.id)))
        except ClientError as error:
            self.post_message(NotDone(str(error)))

    async def _put(self, wanted: SipLoginRequest) -> None:
        try:
            login = await self.session.client.test_calls.put_login(self._provider.id, wanted)
        except ClientError as error:
            self.post_message(NotDone(str(error)))
        else:
            self.post_message(LoginRead(login, saved=True))

    async def _forget(self) -> None:
        try:
            await self.session.client.test_calls.delete_login(self._provider.id)
            login = await self.session.client.test_calls.login(self._provider.id)
        except ClientError as error:
            self.post_message(NotDone(str(error)))
        else:
            self.post_message(LoginRead(login, saved=True))


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")
