"""How Twilio's APIs are spoken."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from provd.carriers.api import Page
from provd.carriers.rest import read_json, read_object

ACCOUNTS = "/2010-04-01"
TRUNKING = "/v1"
_ORIGINS = {ACCOUNTS: "https://api.twilio.com", TRUNKING: "https://trunking.twilio.com"}
_WORD_WITHIN = re.compile(r"(?<!^)(?=[A-Z])")


class TwilioDialect:
    """Forms there and JSON back; each page tells where the next one is, errors have codes of five digits.

    Paths begin with ``ACCOUNTS`` or ``TRUNKING``, which are at two hosts. An origin in ``base_url`` stands
    for both, with or without one of these paths at its end.
    """

    title = "Twilio"

    def __init__(self, user: str, password: str, base_url: str) -> None:
        self.auth = httpx.BasicAuth(user, password)
        origin = base_url.rstrip("/").removesuffix(ACCOUNTS).removesuffix(TRUNKING).rstrip("/")
        self._origins = dict.fromkeys(_ORIGINS, origin) if origin else _ORIGINS

    def url(self, path: str) -> str:
        """The address of a path."""
        return self._origins[_api(path)] + path

    def write(self, body: Any) -> tuple[bytes, str]:
        """A form, and its media type."""
        fields = {
            name: str(value).lower() if isinstance(value, bool) else value for name, value in body.items()
        }
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"

    def read(self, response: httpx.Response) -> Any:
        """The object that was asked for; for a list, the whole answer."""
        return read_object(response)

    def words(self, response: httpx.Response) -> str:
        """The error with its code, and where Twilio explains that."""
        error = read_json(response)
        if not isinstance(error, dict):
            return ""
        code = error.get("code")
        parts = (error.get("message"), code and f"error {code}", error.get("more_info"))
        return ", ".join(str(part) for part in parts if part)

    def page(self, data: Any, path: str, params: Mapping[str, str]) -> tuple[list[Any], Page | None]:
        """The things listed, under the name that the path ends with, and the next page of the same list."""
        kind = path.rpartition("/")[2].removesuffix(".json")
        items, meta = data.get(_WORD_WITHIN.sub("_", kind).lower()), data.get("meta")
        if not isinstance(items, list):
            raise ValueError(f"a list without {kind}")
        link = meta.get("next_page_url") if isinstance(meta, dict) else data.get("next_page_uri")
        return items, (path, self._next(link, path)) if link else None

    def _next(self, link: Any, path: str) -> dict[str, str]:
        try:
            url = httpx.URL(link)
        except (httpx.InvalidURL, TypeError):
            raise ValueError("a list whose next page has no address") from None
        api = _api(path)
        ours = {httpx.URL(origins[api]).host for origins in (_ORIGINS, self._origins)}
        if url.path != path or url.host not in {"", *ours}:
            raise ValueError("a list whose next page is elsewhere")
        return dict(url.params)


def _api(path: str) -> str:
    return ACCOUNTS if path.startswith(f"{ACCOUNTS}/") else TRUNKING
