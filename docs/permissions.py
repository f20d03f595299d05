"""Writes permissions.md: each call of the API and the role it needs, from the endpoints themselves."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from provd.api.app import Services, make_api
from provd.api.permissions import permissions

PAGE = Path(__file__).with_name("permissions.md")
OPENING = """\
# Who may call what

Each call and the least role that it needs. This page is written from the code (`make permissions`), and a
test makes every call as every role. Callers without a role get 403 for everything, unknown paths included.

| call | role |
|---|---|
"""


def page() -> str:
    """Give the page as it has to be."""
    nothing: Any = {each.name: None for each in fields(Services)}
    calls = permissions(make_api(Services(**nothing)).openapi())
    return OPENING + "".join(f"| `{method} {path}` | {role.value} |\n" for method, path, role in calls)


if __name__ == "__main__":
    PAGE.write_text(page())
