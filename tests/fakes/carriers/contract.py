"""A transport that holds every request, and every answer below 400, against a carrier's specification."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

SPECS = Path(__file__).parents[4] / "shared" / "reference" / "specs"
_NESTED = re.compile(r"\w+\[")  # deepObject within deepObject can't be cast by the checker
_kept: dict[object, str] = {}  # what kept to its specification: a check takes 4 ms, and much is said often


class BrokenContract(Exception):
    """A request or an answer is not as the specification has it."""


@cache
def specification(name: str) -> OpenAPI:
    """A specification by its file's name; the test is skipped where the specifications are not."""
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"the carriers' specifications are not at {SPECS}")
    return OpenAPI.from_dict(json.loads(path.read_text()))


class _Request:
    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        plain = [(k, v) for k, v in request.url.params.multi_items() if not _NESTED.match(k)]
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(plain), header=Headers(list(request.headers.items()))
        )

    @property
    def host_url(self) -> str:
        return f"{self._request.url.scheme}://{self._request.url.host}"

    @property
    def path(self) -> str:
        return self._request.url.path

    @property
    def method(self) -> str:
        return self._request.method.lower()

    @property
    def content_type(self) -> str:
        return str(self._request.headers.get("content-type", ""))

    @property
    def body(self) -> bytes | None:
        return self._request.content or None


class _Response:
    def __init__(self, response: httpx.Response) -> None:
        self.data = response.content
        self.status_code = response.status_code
        self.content_type = response.headers.get("content-type", "")
        self.headers = Headers(list(response.headers.items()))


def check_request(request: httpx.Request, *names: str) -> str:
    """Raise BrokenContract when no specification of ``names`` has this request; the name of the one that
    has it."""
    said = (names, *_heard(request))
    if said in _kept:
        return _kept[said]
    problems = []
    for name in names:
        try:
            specification(name).validate_request(_Request(request))  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - whatever the checker finds
            problems.append(f"{name}: {_whole(error)}")
        else:
            _kept[said] = name
            return name
    raise BrokenContract(f"{request.method} {request.url}\n{request.content!r}\n" + "\n".join(problems))


def check_answer(request: httpx.Request, response: httpx.Response, name: str) -> None:
    """Raise BrokenContract when the specification has no such answer."""
    said = (name, request.method, request.url, *_heard(response))
    if said in _kept:
        return
    try:
        specification(name).validate_response(_Request(request), _Response(response))  # type: ignore[arg-type]
    except Exception as error:
        raise BrokenContract(
            f"{response.status_code} to {request.method} {request.url}\n{response.content!r}\n{_whole(error)}"
        ) from error
    _kept[said] = name


def _heard(message: httpx.Request | httpx.Response) -> tuple[object, ...]:
    start = (message.method, message.url) if isinstance(message, httpx.Request) else (message.status_code,)
    return (*start, tuple(message.headers.multi_items()), message.content)


def _whole(error: BaseException) -> str:
    said: list[Any] = [error]
    cause = error.__cause__ or error.__context__
    said += [cause] if cause is not None else []
    said += getattr(cause, "schema_errors", [])
    return " | ".join(str(each)[:500] for each in said)
