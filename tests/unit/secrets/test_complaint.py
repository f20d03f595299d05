"""What of a keyring's exception reaches people."""

import json

import pytest
from keyring.errors import InitError, KeyringError, KeyringLocked
from secretstorage.exceptions import SecretServiceNotAvailableException

from provd.secrets.complaint import reason_of


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (KeyringLocked("Failed to unlock the collection!"), "Failed to unlock the collection"),
        (InitError("Failed to create the collection."), "Failed to create the collection"),
        (SecretServiceNotAvailableException("no bus"), "no bus"),
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (KeyringError(""), "it failed with KeyringError"),
        (TimeoutError(), "it failed with TimeoutError"),
    ],
)
def test_words_for_people_are_passed_on(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad: s3cret"),
        UnicodeDecodeError("utf-8", b"s3cret", 0, 1, "bad byte"),
        SystemExit("s3cret"),
    ],
)
def test_of_an_error_that_may_show_its_work_only_the_class_is_named(error: BaseException) -> None:
    assert reason_of(error) == f"it failed with {type(error).__name__}"


@pytest.mark.parametrize("secret", ["s3cret", 'with "quotes"', "gr\u00fc\u00df", "two\nlines", "back\\slash"])
@pytest.mark.parametrize("said", ["{}", "{!r}", "{!a}"])
def test_words_that_show_the_secret_are_not_passed_on(secret: str, said: str) -> None:
    for shown in (secret, json.dumps({"api_key": secret})):
        error = KeyringError("can't keep " + said.format(shown))
        assert reason_of(error, ["unrelated", secret]) == "it failed with KeyringError"
    assert reason_of(error, ["unrelated", ""]).startswith("can't keep")
