"""Which methods there are at the path of a request."""

from fastapi import FastAPI, Request
from starlette.routing import Match

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def methods_at(request: Request) -> list[str]:
    """Every method that a route takes at this path, whatever the request's own is."""
    app: FastAPI = request.app
    asked = {"type": "http", "path": request.url.path, "root_path": "", "headers": []}
    return [
        method
        for method in _METHODS
        if any(route.matches({**asked, "method": method})[0] is Match.FULL for route in app.routes)
    ]
