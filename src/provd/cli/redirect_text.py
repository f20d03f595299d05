"""Redirects in words."""

from provd.schema.redirect import Redirect


def redirect_words(redirect: Redirect) -> str:
    """Whom to try, in order, who was passed over, and what is to be known about it."""
    tried = ", ".join(each.provider for each in redirect.attempts)
    skipped = ", ".join(f"{each.provider} {each.reason}" for each in redirect.skipped)
    return "; ".join(part for part in (tried, f"not {skipped}" if skipped else "", redirect.message) if part)
