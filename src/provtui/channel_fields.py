"""The fields of the form of a channel, on which alerts are told: their text, and what is wrong with it.

Wrong is what the daemon would call wrong: they go through the models of the wire contract.
"""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from provd.schema.alerts import AlertName, Channel, ChannelRequest, Severity
from provtui.form_fields import NO, YES, FormField, Kind, Texts, sentence_of

NAME = FormField("name", "Name", "letters, digits, - _ .")
"""The field of a name, which only a new channel has."""

FIELDS = (
    FormField("kind", "Kind", kind=Kind.CHOICE, choices=("apprise", "webhook")),
    FormField("url", "Address", "of Apprise, or https; empty: it stays", Kind.MASKED),
    FormField("secret", "Secret", "of a webhook; empty: one is made, or stays", Kind.MASKED),
    FormField("min_severity", "From", kind=Kind.CHOICE, choices=tuple(Severity)),
    FormField("enabled", "Enabled", kind=Kind.CHOICE, choices=(YES, NO)),
)
"""In the order in which the form shows them."""

_LABELS = {field.path: field.label for field in (NAME, *FIELDS)}
_SECRET = frozenset({"url", "secret"})
_NAMES: TypeAdapter[str] = TypeAdapter(AlertName)


def texts_of(channel: Channel | None) -> Texts:
    """Give what the form shows for ``channel``; None: a new one. What is secret is never shown."""
    if channel is None:
        return {
            "name": "",
            "kind": "apprise",
            "url": "",
            "secret": "",
            "min_severity": Severity.INFO.value,
            "enabled": YES,
        }
    return {
        "kind": channel.kind,
        "url": "",
        "secret": "",
        "min_severity": channel.min_severity.value,
        "enabled": YES if channel.enabled else NO,
    }


def problem(path: str, text: str) -> str | None:
    """Tell what is wrong with ``text`` in the field ``path`` by itself, as a sentence; None: nothing."""
    try:
        if path == "name":
            _NAMES.validate_python(text.strip())
        elif (value := _from_text(path, text)) is not None:
            ChannelRequest.model_validate({"kind": "apprise", path: value})
    except ValidationError as error:
        return sentence_of(_LABELS[path], error)
    return None


def problems(texts: Texts) -> dict[str, str]:
    """Tell what is wrong with which field; a new channel needs an address, only a webhook has a secret."""
    found = {path: problem(path, text) for path, text in texts.items()}
    wrong = {path: said for path, said in found.items() if said is not None}
    if "name" in texts and not texts["url"].strip():
        wrong["url"] = "Address is needed: where do messages go to?"
    if texts["kind"] != "webhook" and texts["secret"].strip():
        wrong["secret"] = "Secret is for webhooks alone: leave it empty"  # noqa: S105  # a sentence
    return wrong


def to_request(texts: Texts) -> ChannelRequest:
    """Make the body of a channel from texts without problems; what is secret and empty is not in it."""
    values = {field.path: _from_text(field.path, texts[field.path]) for field in FIELDS}
    return ChannelRequest.model_validate({path: each for path, each in values.items() if each is not None})


def changes(base: Channel, texts: Texts) -> dict[str, Any]:
    """Give the fields, with their new values, in which texts without problems differ from ``base``."""
    before = texts_of(base)
    return {path: _from_text(path, text) for path, text in texts.items() if text.strip() != before[path]}


def field_of(detail_field: str) -> str | None:
    """Give the path of the form's field that an error detail is about; None when it has none."""
    return detail_field if detail_field in _LABELS else None


def _from_text(path: str, text: str) -> Any:
    text = text.strip()
    if path == "enabled":
        return text == YES
    return None if path in _SECRET and not text else text
