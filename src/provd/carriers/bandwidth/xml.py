"""XML documents as objects and lists, and back."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

_DEEPEST = 32
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2


def write_xml(document: Mapping[str, Any]) -> tuple[bytes, str]:
    """A document, an object whose one key is the root's name, and its media type.

    Keys are elements, in their order; a list is an element for each item. Characters that XML can't have are
    left out.
    """
    ((name, content),) = document.items()
    root = ElementTree.Element(name)
    _fill(root, content)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True), "application/xml"


def _fill(element: ElementTree.Element, content: Any) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            for each in value if isinstance(value, list) else [value]:
                _fill(ElementTree.SubElement(element, name), each)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = _UNWRITABLE.sub("", str(content))


def read_xml(content: bytes) -> dict[str, Any]:
    """A document, as an object whose one key is the root's name.

    An element with others in it is an object, any other is its text; attributes and namespaces are left out.
    Elements are a list where they stand within their plural, like each ``Host`` in ``VoiceHosts``, or where
    there are several of a name. Raises ValueError when it can't be read, and for a document type declaration,
    which is where entities come from.
    """
    parser = ElementTree.XMLParser(target=_Bounded())  # noqa: S314 - _Bounded refuses what makes it unsafe
    try:
        parser.feed(content)
        root = parser.close()
    except _UnsafeXml:
        raise
    except (ElementTree.ParseError, LookupError, ValueError):  # the last two: of its encoding
        raise ValueError(f"{len(content)} bytes that are no XML") from None
    return {_name(root): _content(root)}


class _UnsafeXml(ValueError):
    pass


class _Bounded(ElementTree.TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: Any, attrs: Any, /) -> ElementTree.Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _UnsafeXml(f"XML with more than {_DEEPEST} elements within each other")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise _UnsafeXml("XML with a document type declaration")


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _content(element: ElementTree.Element) -> Any:
    if not len(element):
        return (element.text or "").strip()
    content: dict[str, Any] = {}
    for child in element:
        name, value = _name(child), _content(child)
        if isinstance(content.get(name), list):
            content[name].append(value)
        elif name in content:
            content[name] = [content[name], value]
        else:
            content[name] = [value] if _name(element).endswith(f"{name}s") else value
    return content
