"""Which carriers are simulated, at which addresses, and the keys that their accounts take."""

import errno
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from provd.carriers.bandwidth.carrier import Bandwidth
from provd.carriers.base import AnyCarrier
from provd.carriers.telnyx.carrier import Telnyx
from provd.carriers.twilio.carrier import Twilio
from provd.demo.behaviour import Behaviour
from provd.demo.carriers.bandwidth import FakeBandwidth
from provd.demo.carriers.fake import FakeApi
from provd.demo.carriers.server import serving
from provd.demo.carriers.simulated import Simulated
from provd.demo.carriers.telnyx import FakeTelnyx
from provd.demo.carriers.twilio import FakeTwilio
from provd.demo.server import SimulatedCarrier

PORT = 15080
"""Where the APIs are served, on 127.0.0.1."""

_SIP_NETWORK, _SIP_PORT = "127.76.0", 15060
TELNYX_KEY = "KEYDEMO0123456789"
TWILIO_SID, TWILIO_TOKEN = "AC" + 4 * "de300000", "DEMO0123456789TOKEN"
BANDWIDTH_ID, BANDWIDTH_CLIENT, BANDWIDTH_SECRET = "5500001", "demo-client", "demo-0123456789-secret"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account at a simulated carrier. ``keys`` says what it takes; ``open`` makes it, empty.

    ``name`` is that of the carrier it is an account of, and of its part of the API's address.
    """

    name: str
    real: Callable[[], AnyCarrier]
    keys: str
    open: Callable[[], FakeApi]


ACCOUNTS = (
    DemoAccount("telnyx-demo", Telnyx, f"the API key is {TELNYX_KEY}", lambda: FakeTelnyx(TELNYX_KEY)),
    DemoAccount(
        "twilio-demo",
        Twilio,
        f"the account SID is {TWILIO_SID}, the auth token {TWILIO_TOKEN}",
        lambda: FakeTwilio(TWILIO_SID, TWILIO_TOKEN),
    ),
    DemoAccount(
        "bandwidth-demo",
        Bandwidth,
        f"the account ID is {BANDWIDTH_ID}, the client ID {BANDWIDTH_CLIENT}, its secret {BANDWIDTH_SECRET}",
        lambda: FakeBandwidth(BANDWIDTH_ID, clients={BANDWIDTH_CLIENT: BANDWIDTH_SECRET}),
    ),
)


def practice_carriers(port: int = PORT) -> list[AnyCarrier]:
    """The simulated carriers, whose APIs ``served`` has at ``port``."""
    return [
        Simulated(
            account.real(),
            account.name,
            f"Practise without an account: {account.keys}",
            f"http://127.0.0.1:{port}/{account.name}",
            _hostname(number),
        )
        for number, account in enumerate(ACCOUNTS, 1)
    ]


@asynccontextmanager
async def served(port: int = PORT, accounts: Sequence[DemoAccount] = ACCOUNTS) -> AsyncIterator[bool]:
    """Serve the accounts' APIs, and SIP where their trunks lead to, while the body runs.

    Gives False where another demo of this machine has the port: then that one answers, here too.
    """
    async with AsyncExitStack() as stack:
        for number, account in enumerate(accounts, 1):
            trunk = SimulatedCarrier(Behaviour(), server=f"{account.name} (demo)", seed=100 + number)
            host, _, sip_port = _hostname(number).partition(":")
            with _unless_taken():
                await trunk.start(host, int(sip_port))
                stack.callback(trunk.close)
        ours = False
        with _unless_taken():
            await stack.enter_async_context(serving({each.name: each.open() for each in accounts}, port))
            ours = True
        yield ours


@contextmanager
def _unless_taken() -> Iterator[None]:
    """Pass over an address that another demo has."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise


def _hostname(number: int) -> str:
    return f"{_SIP_NETWORK}.{number}:{_SIP_PORT}"
