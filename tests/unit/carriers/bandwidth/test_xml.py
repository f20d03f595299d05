"""XML as objects and lists, and back."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provd.carriers.bandwidth.xml import read_xml, write_xml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20)
NAMES = st.sampled_from(["Name", "Host", "Port", "VoiceHost", "Description"])
CONTENT = st.recursive(
    TEXT,
    lambda inner: st.dictionaries(
        NAMES, inner | st.lists(inner, min_size=2, max_size=3), min_size=1, max_size=3
    ),
    max_leaves=10,
)


@given(NAMES, CONTENT)
def test_what_is_written_is_read_again(name: str, content: Any) -> None:
    document, media_type = write_xml({name: content})
    assert media_type == "application/xml"
    assert read_xml(document) == {name: content}


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("<R/>", ""),
        ("<R>\n</R>", ""),
        ("<R> a </R>", "a"),
        ('<R xmlns="urn:x" a="b"><x:N xmlns:x="urn:y">1</x:N></R>', {"N": "1"}),
        ("<R><!-- c --><?p i?><N>&lt;&amp;&#65;</N></R>", {"N": "<&A"}),
        ("<Rs><R>1</R></Rs>", {"R": ["1"]}),
        ("<VoiceHosts><Host>1</Host><Host>2</Host></VoiceHosts>", {"Host": ["1", "2"]}),
        ("<R><N>1</N><N>2</N><N>3</N></R>", {"N": ["1", "2", "3"]}),
    ],
)
def test_elements_become_objects_lists_and_texts(text: str, content: Any) -> None:
    ((_, found),) = read_xml(text.encode()).items()
    assert found == content


def test_values_are_written_as_xml_has_them() -> None:
    content: dict[str, Any] = {
        "Yes": True,
        "No": False,
        "None": None,
        "Number": 7,
        "Odd": "a\x00\x0b\ufffe\ud800b<&>",
        "Not": [],
    }
    document, _ = write_xml({"R": content})
    assert read_xml(document) == {
        "R": {"Yes": "true", "No": "false", "None": "", "Number": "7", "Odd": "ab<&>"},
    }


ENTITIES = '<!DOCTYPE R [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><R>&b;</R>'
OUTSIDE = '<!DOCTYPE R [<!ENTITY a SYSTEM "file:///etc/passwd">]><R>&a;</R>'


@pytest.mark.parametrize(
    "text", [ENTITIES, OUTSIDE, "<!DOCTYPE html><R/>", '<!DOCTYPE R SYSTEM "x.dtd"><R/>']
)
def test_document_types_and_with_them_entities_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="document type"):
        read_xml(text.encode())


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="within each other"):
        read_xml(b"<a>" * 100_000)
    assert read_xml(b"<a>" * 32 + b"</a>" * 32)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no",
        b"<a>",
        b"<a></b>",
        b"<a>&unknown;</a>",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b"<a/><b/>",
        b"<a>\x00</a>",
    ],
)
def test_what_is_no_xml_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=f"{len(content)} bytes that are no XML"):
        read_xml(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ValueError):
        assert read_xml(content)
