"""Credentials of a carrier's account: what they may look like, and what of them may be shown."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr

LONGEST = 512
_SHOWN = 4
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class CarrierModel(BaseModel):
    """Credentials or settings of a carrier: unknown fields are refused. The wizard is drawn from its JSON
    Schema, so each field has a title, and a description where the title does not say it all."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


def _one_word(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("is empty: copy the whole of it from the carrier's portal")
    if len(text) > LONGEST:
        raise ValueError(f"has {len(text)} characters, and no key has more than {LONGEST}: copy only the key")
    if not _PRINTABLE.fullmatch(text):
        raise ValueError(
            "has spaces, line ends or characters outside of ASCII within it: copy it again from the "
            "carrier's portal, without quotes and line breaks"
        )
    return text


def _secret_word(value: SecretStr) -> SecretStr:
    return SecretStr(_one_word(value.get_secret_value()))


Word = Annotated[str, AfterValidator(_one_word)]
SecretWord = Annotated[SecretStr, AfterValidator(_secret_word)]


def exposed(credentials: BaseModel) -> dict[str, str]:
    """What was given, as the keyring keeps it; what is empty is left out."""
    given: dict[str, str] = {}
    for name in type(credentials).model_fields:
        value = getattr(credentials, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text:
            given[name] = str(text)
    return given


def hidden(credentials: BaseModel) -> list[str]:
    """The values that nobody may see, the longest first."""
    values = (getattr(credentials, name) for name in type(credentials).model_fields)
    texts = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    return sorted(filter(None, texts), key=len, reverse=True)


def last_four(credentials: BaseModel) -> str:
    """How a key is told from others: the end of the first secret that there is, "" if that would be most of
    it."""
    for name in type(credentials).model_fields:
        value = getattr(credentials, name)
        if isinstance(value, SecretStr) and len(value.get_secret_value()) >= 4 * _SHOWN:
            return value.get_secret_value()[-_SHOWN:]
    return ""
