"""What workers post when a call to the daemon has ended: they never touch a widget themselves."""

from textual.message import Message

from provd.client import ApiError, ClientError
from provd.schema.health import CheckReport
from provd.schema.provider import Provider
from provd.schema.route import Route
from provd.schema.setup import Deprovisioned


class Fetched(Message):
    """A provider was read in order to edit it."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider


class Changed(Message):
    """A provider was created or changed by us; ``said`` tells the user so, when it isn't empty."""

    def __init__(self, provider: Provider, said: str = "") -> None:
        super().__init__()
        self.provider = provider
        self.said = said


class Removed(Message):
    """A provider was deleted by us; ``deprovisioned`` tells what became of its trunk, if that was to go.
    ``quietly``: the user is told in another way."""

    def __init__(
        self, provider: Provider, deprovisioned: Deprovisioned | None = None, *, quietly: bool = False
    ) -> None:
        super().__init__()
        self.provider = provider
        self.deprovisioned = deprovisioned
        self.quietly = quietly


class Checked(Message):
    """A check that we asked for has ended."""

    def __init__(self, provider: Provider, report: CheckReport) -> None:
        super().__init__()
        self.provider = provider
        self.report = report


class Done(Message):
    """Something was done for us; ``said`` tells the user what."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class Failed(Message):
    """A call did not succeed; ``said`` tells the user why."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class RoutesWanted(Message):
    """Someone looks at the routes: they are to be read, unless what is known of them is fresh."""

    def can_replace(self, message: Message) -> bool:
        """Wanting them twice is wanting them."""
        return isinstance(message, RoutesWanted)


class RoutesRead(Message):
    """Every route, or why they could not be read. ``asked`` tells which asking it answers."""

    def __init__(self, asked: int, routes: list[Route] | None, error: str = "") -> None:
        super().__init__()
        self.asked = asked
        self.routes = routes
        self.error = error


class RouteFetched(Message):
    """A route was read in order to edit it."""

    def __init__(self, route: Route) -> None:
        super().__init__()
        self.route = route


class RouteChanged(Message):
    """A route was created or changed by us; ``said`` tells the user so, when it isn't empty."""

    def __init__(self, route: Route, said: str = "") -> None:
        super().__init__()
        self.route = route
        self.said = said


class RouteRemoved(Message):
    """A route was deleted by us; ``quietly``: the user is told in another way."""

    def __init__(self, route: Route, *, quietly: bool = False) -> None:
        super().__init__()
        self.route = route
        self.quietly = quietly


def why_not(name: str, error: ClientError) -> str:
    """Tell why what was to be done with ``name`` was not done."""
    if isinstance(error, ApiError) and error.http_code == 412:
        return f"{name}: someone else changed it meanwhile. Look again, then repeat it."
    return f"{name}: {error}"
