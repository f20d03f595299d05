"""Page tokens: ours, timestamps, and rubbish."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.services import pages
from provd.services.errors import ServiceError
from provd.store.providers import Cursor

STAMP = "2026-04-20 03:15:00.000001"


def test_a_token_leads_back_to_its_place() -> None:
    assert pages.provider_cursor(pages.encode(STAMP, "some-id")) == Cursor(STAMP, "some-id")
    assert pages.event_cursor(pages.encode("42")) == 42
    assert pages.provider_cursor("") is None
    assert pages.event_cursor("") is None
    assert pages.provider_cursor(STAMP) == Cursor(STAMP, "")


@given(st.text(min_size=1, max_size=400))
def test_rubbish_is_refused_with_a_400(token: str) -> None:
    for read in (pages.provider_cursor, pages.event_cursor):
        with suppress(ServiceError):
            assert read(token) is not None  # type: ignore[operator]


@pytest.mark.parametrize("token", [pages.encode("x", "y"), pages.encode(STAMP, ""), pages.encode("-1"), "A"])
def test_tokens_that_look_right_and_are_not(token: str) -> None:
    with pytest.raises(ServiceError):
        pages.provider_cursor(token)
    with pytest.raises(ServiceError):
        pages.event_cursor(token)
