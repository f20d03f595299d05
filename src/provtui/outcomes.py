"""What workers post when a call to the daemon has ended: they never touch a widget themselves."""

from textual.message import Message

from provd.schema.health import CheckReport
from provd.schema.provider import Provider
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
    """A provider was deleted by us; ``deprovisioned`` tells what became of its trunk, if that was to go."""

    def __init__(self, provider: Provider, deprovisioned: Deprovisioned | None = None) -> None:
        super().__init__()
        self.provider = provider
        self.deprovisioned = deprovisioned


class Checked(Message):
    """A check that we asked for has ended."""

    def __init__(self, provider: Provider, report: CheckReport) -> None:
        super().__init__()
        self.provider = provider
        self.report = report


class Failed(Message):
    """A call did not succeed; ``said`` tells the user why."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said
