"""The format of the encrypted file."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.secrets.sealed import DamagedError, Entries, FileKey, parse

KEY = FileKey.derive(bytes(range(32)))
ANY_TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs", "Cc", "Cs"]))

WRITTEN_BY_VERSION_1 = b"""{
 "version": 1,
 "key": "daff7bfb704bf728",
 "entries": {
  "provd": {
   "carrier": "NqBPSHy/znQe5PuWFzynP4cq5XmmxgvqWlhMN0lkHC35n9VULM4K6AQVAzY="
  }
 }
}
"""


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_any_text_comes_back_as_it_was(service: str, user: str, password: str) -> None:
    entries = Entries().with_entry(KEY.id, service, user, KEY.seal(service, user, password))
    read = parse(entries.to_bytes())
    sealed = read.get(service, user)
    assert sealed is not None
    assert (read.key_id, KEY.unseal(service, user, sealed)) == (KEY.id, password)


def test_what_version_1_wrote_can_be_read() -> None:
    entries = parse(WRITTEN_BY_VERSION_1)
    sealed = entries.get("provd", "carrier")
    assert sealed is not None
    assert entries.key_id == KEY.id
    assert KEY.unseal("provd", "carrier", sealed) == "gr\u00fc\u00df dich \U0001f510"
    assert entries.to_bytes() == WRITTEN_BY_VERSION_1


def test_names_can_be_read_and_values_cannot() -> None:
    content = (
        Entries().with_entry(KEY.id, "provd", "user-7", KEY.seal("provd", "user-7", "s3cret")).to_bytes()
    )
    assert b"user-7" in content
    assert b"s3cret" not in content
    assert base64.b64encode(b"s3cret") not in content


def test_the_same_password_is_never_sealed_twice_alike() -> None:
    assert len({KEY.seal("s", "u", "p")[:16] for _ in range(100)}) == 100


@pytest.mark.parametrize(("service", "user"), [("s", "other"), ("other", "u"), ("su", ""), ("", "su")])
def test_an_entry_opens_in_no_other_place(service: str, user: str) -> None:
    with pytest.raises(DamagedError):
        KEY.unseal(service, user, KEY.seal("s", "u", "p"))


def test_another_key_opens_nothing_and_has_another_id() -> None:
    other = FileKey.derive(bytes(31) + b"\x01")
    assert other.id != KEY.id
    with pytest.raises(DamagedError):
        other.unseal("s", "u", KEY.seal("s", "u", "p"))


@given(st.data())
def test_no_changed_bit_goes_unnoticed(data: st.DataObject) -> None:
    raw = bytearray(base64.b64decode(KEY.seal("s", "u", "password")))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(DamagedError):
        KEY.unseal("s", "u", base64.b64encode(raw).decode())


@pytest.mark.parametrize("sealed", ["", "AAAA", "no base64!", "\u00fc", base64.b64encode(bytes(27)).decode()])
def test_what_was_never_sealed_is_damaged(sealed: str) -> None:
    with pytest.raises(DamagedError):
        KEY.unseal("s", "u", sealed)


def test_the_last_entry_takes_the_keys_name_with_it() -> None:
    one = Entries().with_entry("id", "s", "a", "A")
    two = one.with_entry("id", "s", "b", "B")
    assert two.without("s", "b") == one
    assert one.without("s", "a") == Entries()


@given(st.integers(0, 300))
def test_a_truncated_file_is_damaged(length: int) -> None:
    content = WRITTEN_BY_VERSION_1.rstrip()
    with pytest.raises(DamagedError):
        parse(content[: min(length, len(content) - 1)])


@given(st.binary())
def test_garbage_is_damaged(content: bytes) -> None:
    with pytest.raises(DamagedError):
        parse(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": None},
        {"version": True},
        {"version": "1"},
        {"version": 2},
        {"key": None},
        {"key": 7},
        {"entries": None},
        {"entries": []},
        {"entries": {"provd": "text"}},
        {"entries": {"provd": {"user": 7}}},
    ],
)
def test_a_file_of_another_shape_is_damaged(changes: dict[str, Any]) -> None:
    with pytest.raises(DamagedError):
        parse(json.dumps({**json.loads(WRITTEN_BY_VERSION_1), **changes}).encode())


@pytest.mark.parametrize("content", [b"[]", b"1", b"{}", b"[" * 100_000])
def test_other_json_is_damaged(content: bytes) -> None:
    with pytest.raises(DamagedError):
        parse(content)


def test_a_key_shows_its_name_alone() -> None:
    assert repr(KEY) == f"FileKey(id={KEY.id!r})"
