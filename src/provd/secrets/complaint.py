"""What a keyring's exception tells people, without what it may tell of a secret."""

import json
from collections.abc import Collection


def reason_of(error: BaseException, hidden: Collection[str] = ()) -> str:
    """Why a keyring call failed.

    Only what is written for people is passed on: the words of keyring's own errors, of D-Bus's and of the
    system's. Any other exception may show what it worked on, and so do those that mention ``hidden``; of
    these the class alone is named.
    """
    from keyring.errors import KeyringError

    text = ""
    if isinstance(error, OSError):
        text = error.strerror or ""
    elif isinstance(error, KeyringError) or type(error).__module__.startswith(("secretstorage.", "jeepney.")):
        text = str(error)
    if not text or any(_shows(text, secret) for secret in hidden):
        return f"it failed with {type(error).__qualname__}"
    return text.rstrip(".!")


def _shows(text: str, secret: str) -> bool:
    as_json = json.dumps(secret)[1:-1]
    forms = (secret, as_json, *(written[1:-1] for written in (repr(secret), ascii(secret), repr(as_json))))
    return bool(secret) and any(form in text for form in forms)
