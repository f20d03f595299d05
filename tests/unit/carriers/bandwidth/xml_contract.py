"""Holds requests and answers in XML against Bandwidth's specification.

The checker for OpenAPI can't look into XML: it checks methods, paths, parameters and codes, and what is
within is checked here. An element must be in the specification below the element that it is in, in a schema
or an example; its text must fit what the operation's own schema has by that name.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests.fakes.carriers.contract import SPECS, BrokenContract

NAME = "bandwidth_numbers.json"
PREFIX = "/api/v2"
XML = "application/xml"


@cache
def xml_contract() -> "XmlContract":
    path = SPECS / NAME
    if not path.exists():
        pytest.skip(f"the carriers' specifications are not at {SPECS}")
    return XmlContract(json.loads(path.read_text()))


class XmlContract:
    def __init__(self, whole: dict[str, Any]) -> None:
        self._whole = whole
        self._outline = OpenAPI.from_dict(_without_bodies(whole))
        self._known = set(self._pairs())

    def check_request(self, request: httpx.Request) -> None:
        """Raise BrokenContract when the specification has no such request."""
        try:
            self._outline.validate_request(_mock(request))
        except Exception as error:
            raise BrokenContract(f"{request.method} {request.url}: {error}: {error.__cause__}") from error
        body = self._operation(request).get("requestBody")
        if bool(body) != bool(request.content):
            raise BrokenContract(f"{request.method} {request.url} with {request.content!r}")
        if body:
            self._check(request.content, body["content"][XML])

    def check_answer(self, request: httpx.Request, response: httpx.Response) -> None:
        """Raise BrokenContract when the specification has no such answer."""
        answers = self._operation(request)["responses"]
        try:
            mock = MockResponse(b"", response.status_code, content_type=XML)
            self._outline.validate_response(_mock(request), mock)
        except Exception as error:
            raise BrokenContract(f"{response.status_code}: {error}: {error.__cause__}") from error
        content = answers[str(response.status_code)].get("content", {}).get(XML)
        if response.content and not content:
            raise BrokenContract(f"{response.status_code} has no body: {response.content!r}")
        if content and not (response.content or response.headers.get("location")):
            raise BrokenContract(f"{response.status_code} without a body")
        if response.content:
            self._check(response.content, content)

    def _operation(self, request: httpx.Request) -> dict[str, Any]:
        path = request.url.path.removeprefix(PREFIX)
        for template, operations in self._whole["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                operation: dict[str, Any] = operations[request.method.lower()]
                return operation
        raise BrokenContract(f"nothing is at {path}")

    def _check(self, body: bytes, content: dict[str, Any]) -> None:
        root = ElementTree.fromstring(body)
        roots = {ElementTree.fromstring(each).tag for each in _examples(content)}
        if root.tag not in roots:
            raise BrokenContract(f"{root.tag} is the root, not {roots}")
        leaves = defaultdict(list)
        for name, schema in self._leaves("", content["schema"]):
            leaves[name].append(schema)
        for parent in root.iter():
            for child in parent:
                if (parent.tag, child.tag) not in self._known:
                    raise BrokenContract(f"{child.tag} is not known within {parent.tag}")
            schemas = leaves[parent.tag]
            if not len(parent) and schemas and not any(_fits(parent.text or "", each) for each in schemas):
                raise BrokenContract(f"{parent.tag} is {parent.text!r}, against {schemas}")

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for name, schema in self._whole["components"]["schemas"].items():
            yield from ((parent, child) for parent, child, _ in self._walk(name, schema))
        for content in _contents(self._whole["paths"]):
            for text in _examples(content):
                root = ElementTree.fromstring(text)
                yield from ((each.tag, child.tag) for each in root.iter() for child in each)
                if "schema" in content:
                    walked = self._walk(root.tag, content["schema"])
                    yield from ((parent, child) for parent, child, _ in walked)

    def _leaves(self, name: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for _, child, within in self._walk(name, schema):
            if within.get("type") not in ("object", "array", None):
                yield child, within

    def _walk(self, name: str, schema: Any, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, str, Any]]:
        """(element, element within it, the schema of that one)"""
        if "$ref" in schema:
            referred = schema["$ref"].rpartition("/")[2]
            if referred not in seen:
                yield from self._walk(name, self._whole["components"]["schemas"][referred], (*seen, referred))
        elif "items" in schema:
            within = schema["items"].get("xml", {}).get("name")
            if within:
                yield name, within, schema["items"]
            yield from self._walk(name, schema["items"], seen)
        for child, each in schema.get("properties", {}).items():
            yield name, child, each
            yield from self._walk(child, each, seen)


def _mock(request: httpx.Request) -> MockRequest:
    return MockRequest(
        f"{request.url.scheme}://{request.url.host}",
        request.method.lower(),
        request.url.path,
        args=dict(request.url.params),
        data=None,
        content_type=XML,
    )


def _without_bodies(whole: dict[str, Any]) -> dict[str, Any]:
    outline = json.loads(json.dumps(whole))
    outline.pop("security")
    for operations in outline["paths"].values():
        for operation in operations.values():
            operation.pop("requestBody", None)
            for answer in operation["responses"].values():
                answer.pop("content", None)
    return outline  # type: ignore[no-any-return]


def _contents(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == XML:
                yield value
            else:
                yield from _contents(value)


def _examples(content: dict[str, Any]) -> list[str]:
    examples = [each.get("value") for each in content.get("examples", {}).values()]
    return [each for each in examples if isinstance(each, str) and each.lstrip().startswith("<")]


def _fits(text: str, schema: dict[str, Any]) -> bool:
    match schema["type"]:
        case "integer":
            return text.isdigit()
        case "boolean":
            return text in ("true", "false")
    return text in schema.get("enum", [text]) and len(text) <= schema.get("maxLength", len(text))
