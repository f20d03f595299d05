"""The audit log's chain: what was changed, taken out or put in is found, by its number."""

from typing import Any

from provd.store.audit_chain import BEGINNING, Broken, Link, chained, follow, hash_of


def a_log(length: int) -> list[dict[str, Any]]:
    entries, last = [], Link()
    for number in range(length):
        entry = chained({"action": "provider.update", "name": f"n{number}", "after": {"a": None}}, last)
        entries.append(entry)
        last = Link(entry["seq"], entry["hash"])
    return entries


def test_a_log_follows_from_its_beginning_and_from_any_place_in_it() -> None:
    log = a_log(5)
    assert log[0]["previous"] == BEGINNING
    end = Link(5, log[-1]["hash"])
    assert follow(log, Link()) == end
    assert follow(log[3:], Link(3, log[2]["hash"])) == end
    assert follow([], Link()) == Link()


def test_the_hash_is_over_canonical_json_with_the_one_before() -> None:
    assert (
        hash_of({"seq": 1, "name": "é", "previous": "00"})
        == "dc4e039d19b62b1bd5555cd512e2093d7f5e087f8a3d6eef4126f6e9b6d6198e"
    )


def test_a_changed_line_is_found() -> None:
    log = a_log(5)
    log[2] = {**log[2], "name": "another"}
    found = follow(log, Link())
    assert isinstance(found, Broken)
    assert found.seq == 3


def test_a_changed_line_with_a_hash_made_anew_is_found_by_the_next() -> None:
    log = a_log(5)
    changed = {**log[2], "name": "another"}
    del changed["hash"]
    log[2] = {**changed, "hash": hash_of(changed)}
    found = follow(log, Link())
    assert isinstance(found, Broken)
    assert found.seq == 4


def test_a_line_that_was_taken_out_is_found() -> None:
    log = a_log(5)
    del log[1]
    found = follow(log, Link())
    assert isinstance(found, Broken)
    assert found.seq == 2
    assert "missing" in found.message


def test_a_log_does_not_follow_from_elsewhere() -> None:
    found = follow(a_log(2), Link(0, "f" * 64))
    assert isinstance(found, Broken)
    assert found.seq == 1
