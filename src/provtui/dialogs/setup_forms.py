"""The wizard's forms, for the key and for the trunk: what they ask, and what was typed there."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from provd.client import ApiError, ClientError
from provd.schema.carriers import CarrierInfo
from provd.schema.setup import SetupRequest
from provtui import schema_form
from provtui.form_fields import FormField, Texts
from provtui.schema_form import SchemaField
from provtui.text import sentence
from provtui.widgets.drawn_form import DrawnForm

_NAME = FormField("name", "Name", "what you call it", required=True, about="The provider's name in provd.")
_DETAIL = FormField("detail", "Detail", "anything worth knowing", about="A note for people.")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was made of an error: whether the key's form has some of it, and what is said about all of it."""

    about_key: bool
    said: str


@dataclass(slots=True)
class SetupForms:
    """The two forms of ``carrier``, which are drawn from its schemas. Only they have the key."""

    key: DrawnForm
    trunk: DrawnForm
    carrier: CarrierInfo | None = None
    key_fields: list[SchemaField] = field(default_factory=list)
    settings: list[SchemaField] = field(default_factory=list)

    @property
    def typed(self) -> bool:
        """Whether something stands in them that was not there to begin with."""
        if self.carrier is None:
            return False
        return self.key.texts != self._first_of_key or self.trunk.texts != self._first_of_trunk

    async def draw(self, carrier: CarrierInfo) -> None:
        """Draw the forms of a carrier; of the same one as before they stay as they are."""
        if self.carrier is not None and self.carrier.name == carrier.name:
            return
        self.carrier = carrier
        self.key_fields = schema_form.fields_of(carrier.credentials, "credentials")
        self.settings = schema_form.fields_of(carrier.settings, "settings")
        await self.key.draw([each.drawn for each in self.key_fields], self._first_of_key)
        await self.trunk.draw([_NAME, _DETAIL, *(each.drawn for each in self.settings)], self._first_of_trunk)

    def check_key(self) -> str:
        """Show what is wrong with the key at its fields; what is said about it, "" when nothing is."""
        return _shown(self.key, schema_form.problems(self.key_fields, self.key.texts))

    def check_trunk(self) -> str:
        """Show what is wrong with the name and the settings likewise."""
        texts = self.trunk.texts
        unnamed = {} if texts["name"].strip() else {"name": "Name is needed"}
        return _shown(self.trunk, unnamed | schema_form.problems(self.settings, texts))

    def credentials(self) -> dict[str, JsonValue]:
        """What stands in the key's form. It is made for a call, and not kept."""
        return schema_form.values(self.key_fields, self.key.texts)

    def request(self, setup_id: UUID) -> SetupRequest:
        """What both forms say, for a call likewise; the daemon judges it."""
        texts = self.trunk.texts
        detail: dict[str, Any] = {"detail": texts["detail"].strip()} if texts["detail"].strip() else {}
        return SetupRequest.model_construct(
            {"carrier", "name", "credentials", "settings", "setup_id", *detail},
            carrier="" if self.carrier is None else self.carrier.name,
            name=texts["name"].strip(),
            credentials=self.credentials(),
            settings=schema_form.values(self.settings, texts),
            setup_id=setup_id,
            **detail,
        )

    def show_refusal(self, error: ClientError) -> Refusal:
        """Show an error at the fields that it is about."""
        at: dict[str, dict[str, str]] = {"key": {}, "trunk": {}}
        elsewhere: list[str] = []
        for detail in error.details if isinstance(error, ApiError) else []:
            for name, form in (("key", self.key), ("trunk", self.trunk)):
                path = schema_form.path_at(form.texts, detail.field)
                if path is not None:
                    at[name].setdefault(path, f"{form.label(path)} {detail.message}")
                    break
            else:
                elsewhere.append(f"{detail.field} {detail.message}")
        self.trunk.show_problems(at["trunk"])
        self.key.show_problems(at["key"])
        whole = at["key"] | at["trunk"]
        if whole and not elsewhere:
            return Refusal(bool(at["key"]), _to_put_right(whole))
        more = [words for words in elsewhere if words not in str(error)]
        return Refusal(bool(at["key"]), f"✗ {' '.join([sentence(str(error)), *more])}")

    def forget(self) -> None:
        """Empty the fields that are masked."""
        self.key.forget()
        self.trunk.forget()

    @property
    def _first_of_key(self) -> Texts:
        return schema_form.first_texts(self.key_fields)

    @property
    def _first_of_trunk(self) -> Texts:
        return {"name": "", "detail": "", **schema_form.first_texts(self.settings)}


def _shown(form: DrawnForm, wrong: dict[str, str]) -> str:
    form.show_problems(wrong)
    return _to_put_right(wrong) if wrong else ""


def _to_put_right(wrong: dict[str, str]) -> str:
    return f"✗ {len(wrong)} field{'' if len(wrong) == 1 else 's'} to put right."
