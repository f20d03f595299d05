"""Calls to a carrier's API: time limits, retries where they are safe, limits of the carrier, redaction."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from provd.carriers.errors import (
    CarrierError,
    CarrierFailed,
    CarrierSilent,
    CredentialsRejected,
    NotThere,
    PermissionMissing,
    RateLimited,
    RequestRejected,
)
from provd.carriers.resource import SELF, Lookup, NotMade, Resource, field, filled, filled_path, same

TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_TRIES = 4
_PATIENCE_S = 10.0
_MAX_PAGES = 400
_MAX_WORDS = 500
_HIDDEN = "***"
_SAFE = ("GET", "DELETE")
_BEFORE_ANYTHING_WAS_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
Sleep = Callable[[float], Awaitable[object]]
Page = tuple[str, dict[str, str]]


class Dialect(Protocol):
    """How one carrier's API is spoken."""

    title: str

    @property
    def auth(self) -> httpx.Auth:
        """What makes a request ours. Where no login is to be had, the answer to its own request for one
        comes in place of the answer to ours."""
        ...

    def url(self, path: str) -> str:
        """The address of a path."""
        ...

    def write(self, body: Any) -> tuple[bytes, str]:
        """A request's body, and its media type."""
        ...

    def read(self, response: httpx.Response) -> Any:
        """What a good answer says, in objects and lists. Raises ValueError when it can't be read."""
        ...

    def words(self, response: httpx.Response) -> str:
        """What a refusal says, in the carrier's own words and codes. Raises ValueError when it can't be
        read."""
        ...

    def page(self, data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
        """The things in an answer that lists some, and where the next ones are. Raises ValueError."""
        ...


class CarrierApi:
    """One carrier's API with one set of credentials. Raises CarrierError, each naming what was being done.

    Reading and deleting are repeated when the carrier fails, is silent or limits us; creating never is: who
    creates looks first. ``secrets`` fill what stands for them in bodies; no message has any of ``hidden``.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        dialect: Dialect,
        secrets: Mapping[str, str],
        hidden: Sequence[str],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.title = dialect.title
        self.dialect = dialect
        self._client = client
        self._secrets = secrets
        self._hidden = hidden
        self._sleep = sleep

    def credential(self, name: str) -> str:
        """One of the credentials, "" when it was not given: for what is no secret, as an account in paths."""
        return self._secrets.get(name, "")

    async def pause(self, seconds: float) -> None:
        """Give the carrier some time."""
        await self._sleep(seconds)

    async def get(self, path: str, doing: str, params: Mapping[str, str] | None = None) -> Any:
        """Read something. ``doing`` completes "Telnyx refused to ..."."""
        response = await self._send("GET", path, doing, params=params)
        return self._read(response, doing, may_have_acted=False)

    async def pages(
        self, path: str, doing: str, params: Mapping[str, str] | None = None
    ) -> AsyncIterator[Any]:
        """Read a list to its end."""
        next_page: Page | None = (path, dict(params or {}))
        for _ in range(_MAX_PAGES):
            if next_page is None:
                return
            path, asked = next_page
            data = await self.get(path, doing, asked)
            try:
                items, next_page = self.dialect.page(data, path, asked)
            except ValueError as error:
                raise self._unreadable(doing, error, may_have_acted=False) from error
            for item in items:
                yield item
        raise CarrierFailed(f"{self.title} lists without end while it was to {doing}: tell {self.title}")

    async def create(self, resource: Resource, ids: Mapping[str, str]) -> str:
        """Make a thing; its id."""
        doing = _doing(resource)
        body = filled(resource.body, ids, self._secrets)
        response = await self._send(resource.method, filled_path(resource.path, ids), doing, body=body)
        data = self._read(response, doing, may_have_acted=True)
        found = field(data, resource.id_field)
        if not isinstance(found, str | int) or not str(found):
            missing = ValueError(f"{resource.id_field} is missing")
            raise self._unreadable(doing, missing, may_have_acted=True)
        return str(found)

    async def find(self, resource: Resource, ids: Mapping[str, str]) -> str | None:
        """The id of a thing that may have been made before; None when there is none."""
        if resource.lookup is None:
            return None
        match = resource.lookup.match.items()
        try:
            wanted = {name: filled(value, ids, self._secrets) for name, value in match}
            async for item in self._listed(resource, resource.lookup, ids):
                if all(same(value, field(item, name)) for name, value in wanted.items()):
                    return str(field(item, resource.id_field))
        except (NotThere, NotMade):
            return None  # what it would belong to is gone
        return None

    async def foreign(self, resource: Resource, ids: Mapping[str, str], ours: set[str]) -> list[str]:
        """The ids of things beside this one, on our trunk, that are not ours."""
        if resource.lookup is None or not resource.lookup.all_ours:
            return []
        try:
            listed = [
                str(field(each, resource.id_field))
                async for each in self._listed(resource, resource.lookup, ids)
            ]
        except (NotThere, NotMade):
            return []
        return [each for each in listed if each not in ours]

    async def look(self, resource: Resource, ids: Mapping[str, str], carrier_id: str) -> Any:
        """A thing as it is now; None when it is not there any more."""
        try:
            path = filled_path(resource.item, {**ids, SELF: carrier_id})
            return await self.get(path, f"read what was made by the step {resource.step!r}")
        except (RequestRejected, NotMade) as error:
            if _means_gone(error, resource):
                return None
            raise

    async def delete(self, resource: Resource, ids: Mapping[str, str], carrier_id: str) -> None:
        """Remove a thing; nothing happens when it is gone already."""
        doing = f"delete {carrier_id}, made by the step {resource.step!r}"
        try:
            await self._send("DELETE", filled_path(resource.item, {**ids, SELF: carrier_id}), doing)
        except (RequestRejected, NotMade) as error:
            if not _means_gone(error, resource):
                raise
            if await self.look(resource, ids, carrier_id) is not None:
                raise CarrierFailed(
                    f"{self.title} says that {carrier_id} is gone, and shows it all the same"
                ) from error

    def _listed(self, resource: Resource, lookup: Lookup, ids: Mapping[str, str]) -> AsyncIterator[Any]:
        path = filled_path(lookup.path or resource.path, ids)
        params = {name: filled_path(value, ids) for name, value in lookup.params.items()}
        return self.pages(path, f"look for what the step {resource.step!r} makes", params)

    async def _send(
        self,
        method: str,
        path: str,
        doing: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> httpx.Response:
        content, media_type = (None, None) if body is None else self.dialect.write(body)
        headers = {"Content-Type": media_type} if media_type else {}
        safe = method in _SAFE
        for left in reversed(range(_TRIES if safe else 1)):
            wait_s = 2.0 ** (_TRIES - 1 - left) / 2
            try:
                request = self._client.build_request(
                    method, self.dialect.url(path), params=params or None, content=content, headers=headers
                )
                response = await self._client.send(request, auth=self.dialect.auth)
                if response.request is not request:
                    raise self._no_login(response, doing)
                self._raise_for_status(response, doing, safe=safe)
                return response
            except httpx.HTTPError as error:
                if not left:
                    raise self._silence(error, doing, safe=safe) from None
            except CarrierFailed:
                if not left:
                    raise
            except RateLimited as error:
                wait_s = wait_s if error.retry_after_s is None else error.retry_after_s
                if not left or wait_s > _PATIENCE_S:
                    raise
            await self._sleep(wait_s)
        raise AssertionError("the last try returns or raises")

    def _raise_for_status(self, response: httpx.Response, doing: str, *, safe: bool) -> None:
        code = response.status_code
        if response.is_success:
            return
        if code < 400:
            raise CarrierFailed(
                f"{self.title} sends us elsewhere ({code}) while it was to {doing}: "
                "check base_url in the configuration",
                may_have_acted=False,
            )
        said, title = self._said(response), self.title
        if code == 401:
            raise self._rejected(doing, said)
        if code == 402:
            raise RequestRejected(
                f"{title} wants to be paid before it will {doing}{said}. Add credit to the account in "
                f"{title}'s portal, then try again"
            )
        if code == 403:
            raise PermissionMissing(
                f"{title} does not let this key {doing}{said}. Give the key that permission in {title}'s "
                "portal, or use another key"
            )
        if code == 404:
            raise NotThere(f"{title} knows nothing there when it was to {doing}{said}")
        if code == 408:
            raise CarrierSilent(f"{title} took too long to {doing}{said}", may_have_acted=not safe)
        if code == 429:
            raise RateLimited(
                f"{title} limits how fast we may ask, and would not {doing}{said}. Try again later",
                _retry_after(response),
            )
        if code < 500:
            raise RequestRejected(f"{title} refused to {doing}{said}")
        raise CarrierFailed(
            f"{title} failed to {doing}{said}. Try again later, and look at {title}'s status page",
            may_have_acted=not safe,
        )

    def _no_login(self, response: httpx.Response, doing: str) -> CarrierError:
        """Why there is no login. What was to be done with it was not done."""
        if response.is_client_error and response.status_code not in (408, 429):
            return self._rejected(doing, self._said(response))
        try:
            self._raise_for_status(response, doing, safe=True)
        except CarrierError as error:
            return error
        return self._unreadable(doing, ValueError("it has no login"), may_have_acted=False)

    def _rejected(self, doing: str, said: str) -> CredentialsRejected:
        return CredentialsRejected(
            f"{self.title} did not accept the key when it was to {doing}{said}. "
            f"Check in {self.title}'s portal that the key is whole, active and of the right account"
        )

    def _said(self, response: httpx.Response) -> str:
        """A refusal's words and code, without what we logged in with."""
        try:
            words = self.dialect.words(response)
        except ValueError:
            words = ""
        sent = response.request.headers.get("authorization", "").rpartition(" ")[2]
        words = self._clean(words.replace(sent, _HIDDEN) if sent else words)
        return f": {words} ({response.status_code})" if words else f" ({response.status_code})"

    def _silence(self, error: httpx.HTTPError, doing: str, *, safe: bool) -> CarrierError:
        if isinstance(error, httpx.DecodingError | httpx.TooManyRedirects):
            return self._unreadable(doing, ValueError("its coding is broken"), may_have_acted=not safe)
        sent = not isinstance(error, _BEFORE_ANYTHING_WAS_SENT)
        what = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "broke off"
        if not sent:
            what = "can't be reached"
        detail = self._clean(str(error))
        return CarrierSilent(
            f"{self.title} {what} when it was to {doing}{f' ({detail})' if detail else ''}. "
            "Check the network and DNS of this machine, then try again",
            may_have_acted=sent and not safe,
        )

    def _read(self, response: httpx.Response, doing: str, *, may_have_acted: bool) -> Any:
        try:
            return self.dialect.read(response)
        except ValueError as error:
            raise self._unreadable(doing, error, may_have_acted=may_have_acted) from error

    def _unreadable(self, doing: str, error: ValueError, *, may_have_acted: bool) -> CarrierFailed:
        return CarrierFailed(
            f"{self.title} gave an answer that can't be read when it was to {doing} "
            f"({self._clean(str(error))}). Something between us and {self.title} may have answered instead",
            may_have_acted=may_have_acted,
        )

    def _clean(self, text: str) -> str:
        for value in self._hidden:
            text = text.replace(value, _HIDDEN)
        return re.sub(r"\s+", " ", re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]", " ", text)).strip()[:_MAX_WORDS]


def _doing(resource: Resource) -> str:
    return resource.title[:1].lower() + resource.title[1:]


def _means_gone(error: RequestRejected | NotMade, resource: Resource) -> bool:
    said_so = bool(resource.absent) and resource.absent in str(error)
    return isinstance(error, NotThere | NotMade) or said_so


def _retry_after(response: httpx.Response) -> float | None:
    """When to come back, of Retry-After (RFC 9110 section 10.2.3) or x-ratelimit-reset, in seconds."""
    for name in ("retry-after", "x-ratelimit-reset"):
        text = response.headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,6}(\.\d+)?", text):
            return float(text)
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            continue
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None
