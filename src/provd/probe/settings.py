"""How a provider is checked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """``interval_s`` between checks, ``timeout_s`` for an answer; ``fall`` failures in a row make a provider
    unhealthy, ``rise`` successes healthy again."""

    interval_s: float = 30.0
    timeout_s: float = 5.0
    fall: int = 1
    rise: int = 1


@dataclass(frozen=True, slots=True)
class ProbeIdentity:
    """Who we say we are in a request. An empty ``from_uri`` stands for ``sip:provd@`` our own address."""

    user_agent: str
    from_uri: str = ""
