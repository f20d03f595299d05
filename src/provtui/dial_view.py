"""What is known of how a number would be dialled through a provider."""

from dataclasses import dataclass, replace

from provd.schema.route import DialPreview


@dataclass(frozen=True, slots=True)
class DialView:
    """``asked`` is the number and the caller that were asked about; the answer is a preview or an error."""

    asked: tuple[str, str] = ("", "")
    preview: DialPreview | None = None
    error: str = ""


def ask(view: DialView, number: str, caller: str) -> DialView:
    """Note what is asked about; what was answered before stays to be seen until the answer comes."""
    return replace(view, asked=(number, caller)) if number else DialView()


def answered(view: DialView, asked: tuple[str, str], preview: DialPreview | None, error: str) -> DialView:
    """Take the answer to ``asked``, unless something else was asked since."""
    return view if asked != view.asked else DialView(asked, preview, error)
