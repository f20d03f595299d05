"""The fields of the form of an alert rule: their text, what they mean, and what is wrong with them.

Wrong is what the daemon would call wrong: they go through the models of the wire contract.
"""

import math
from typing import Any

from pydantic import TypeAdapter, ValidationError

from provd.schema.alerts import NUMBERS, AlertName, Metric, Rule, RuleSpec, Severity
from provtui.form_fields import NO, YES, FormField, Kind, Texts, sentence_of
from provtui.text import clean

NAME = FormField("name", "Name", "letters, digits, - _ .")
"""The field of a name, which only a new rule has."""

FIELDS = (
    FormField("metric", "Looks at", kind=Kind.CHOICE, choices=tuple(Metric)),
    FormField("above", "Above", f"a number, of {', '.join(sorted(NUMBERS))}"),
    FormField("below", "Below", "the same; one of the two"),
    FormField("one_of", "One of", "health, cause: unhealthy, or timeout, refused, tls_verify …"),
    FormField("for_s", "For", "how many seconds it must hold; empty: at once"),
    FormField("severity", "Severity", kind=Kind.CHOICE, choices=tuple(Severity)),
    FormField("tags", "Tags", "only providers with one of these; empty: all"),
    FormField("channels", "Channels", "told there alone; empty: on all"),
    FormField("detail", "Detail", "anything worth knowing"),
    FormField("enabled", "Enabled", kind=Kind.CHOICE, choices=(YES, NO)),
)
"""In the order in which the form shows them."""

_LABELS = {field.path: field.label for field in (NAME, *FIELDS)}
_LISTS = frozenset({"one_of", "tags", "channels"})
_NAMES: TypeAdapter[str] = TypeAdapter(AlertName)
_TOGETHER = "metric"  # where to say what is wrong with the fields together


def texts_of(rule: Rule | None) -> Texts:
    """Give what the form shows for ``rule``; None: a new one."""
    if rule is None:
        fresh = {"metric": Metric.HEALTH.value, "severity": Severity.WARNING.value, "enabled": YES}
        return {path: fresh.get(path, "") for path in _LABELS}
    return {field.path: _to_text(getattr(rule, field.path)) for field in FIELDS}


def problem(path: str, text: str) -> str | None:
    """Tell what is wrong with ``text`` in the field ``path`` by itself, as a sentence; None: nothing."""
    try:
        if path == "name":
            _NAMES.validate_python(text.strip())
        else:
            value = _from_text(path, text)
            if path not in ("metric", "above", "below", "one_of"):
                RuleSpec.model_validate({"metric": Metric.DRIFT, path: value})
    except ValidationError as error:
        return sentence_of(_LABELS[path], error)
    except ValueError as error:
        return f"{_LABELS[path]} {error}"
    return None


def problems(texts: Texts) -> dict[str, str]:
    """Tell what is wrong with which field."""
    found = {path: problem(path, text) for path, text in texts.items()}
    wrong = {path: said for path, said in found.items() if said is not None}
    if not wrong:
        try:
            to_spec(texts)
        except ValidationError as error:
            first = error.errors()[0]
            path = str(first["loc"][0]) if first["loc"] else _TOGETHER
            wrong[path if path in _LABELS else _TOGETHER] = sentence_of(_LABELS[_TOGETHER], error)
    return wrong


def to_spec(texts: Texts) -> RuleSpec:
    """Make the body of a rule from texts that are each without problems; raises ValidationError."""
    return RuleSpec.model_validate(
        {field.path: _from_text(field.path, texts[field.path]) for field in FIELDS}
    )


def changes(base: Rule, texts: Texts) -> dict[str, Any]:
    """Give the fields, with their new values, in which texts without problems differ from ``base``."""
    before = texts_of(base)
    return {
        path: _from_text(path, text) for path, text in texts.items() if text.strip() != before[path].strip()
    }


def field_of(detail_field: str) -> str | None:
    """Give the path of the form's field that an error detail is about; None when it has none."""
    path = detail_field.partition(".")[0]
    return path if path in _LABELS else None


def _to_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case list():
            return ", ".join(clean(str(each)) for each in value)
        case float():
            return f"{value:g}"
        case _:
            return clean(str(value))


def _from_text(path: str, text: str) -> Any:
    """Give the value that ``text`` means; ValueError when it means none."""
    text = text.strip()
    if path in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if path == "enabled":
        return text == YES
    if path in ("above", "below"):
        return None if not text else _number(text)
    if path == "for_s":
        return 0.0 if not text else _number(text)
    return text


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("must be a number") from None
    if not math.isfinite(number):
        raise ValueError("must be a number")
    return number
