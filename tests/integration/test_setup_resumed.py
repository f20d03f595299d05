"""A setup that failed in part is gone on with, and fails again: nothing of it is lost sight of."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from provd.schema.setup import SetupState, StepState
from provd.services.errors import ServiceError
from tests.fakes.carriers.cases import TELNYX, TWILIO, Case
from tests.fakes.carriers.faulty import FaultyTransport
from tests.fakes.setups import ACTOR, Setups, running_setups

Asked = tuple[str, str]
NO = httpx.Response(422, json={"errors": [{"title": "No"}]})
AWAY = httpx.Response(503, json={"errors": [{"title": "Away"}]})


class Moody(FaultyTransport):
    """``answer`` may answer in the carrier's place. The answer to ``lost`` is lost, and the carrier is away
    from then on."""

    answer: Callable[[Asked], httpx.Response | None] = staticmethod(lambda _: None)
    lost: Asked | None = None
    away = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        asked = request.method, request.url.path
        answer = AWAY if self.away else self.answer(asked)
        if answer is not None:
            return answer
        if asked == self.lost:
            self.lost, self.away = None, True
            self.fake.handle(request)
            raise httpx.ReadTimeout("", request=request)
        return await super().handle_async_request(request)


def telnyx_fails(asked: Asked) -> httpx.Response | None:
    """The addresses are refused, and the profile can't be removed."""
    method, path = asked
    refused = method == "DELETE" and "profiles" in path
    return NO if refused or asked == ("POST", "/v2/ips") else None


def twilio_fails(asked: Asked) -> httpx.Response | None:
    """What belongs onto the trunk is refused, and the list of addresses can't be removed."""
    method, path = asked
    onto_it = method == "POST" and path.startswith("/v1/Trunks/")
    return NO if onto_it or (method == "DELETE" and path.startswith("/2010")) else None


async def left(setups: Setups, case: Case) -> str:
    with pytest.raises(ServiceError):
        await setups.service.start(case.request(), ACTOR, None)
    (setup,) = (await setups.service.list(1, "")).result
    assert setup.state is SetupState.LEFT
    assert StepState.UNDONE in {step.state for step in setup.steps}
    return setup.id


@pytest.mark.parametrize(
    ("case", "fails", "lost"),
    [
        (TELNYX[0], telnyx_fails, ("POST", "/v2/ip_connections")),
        (TWILIO[0], twilio_fails, ("POST", "/v1/Trunks")),
    ],
    ids=["telnyx", "twilio"],
)
async def test_what_was_made_anew_is_found_again_and_removed(
    tmp_path: Path, case: Case, fails: Callable[[Asked], httpx.Response | None], lost: Asked
) -> None:
    account = case.fake()
    transport = Moody(account)
    async with running_setups(tmp_path, {case.carrier.name: case.carrier}, transport) as setups:
        transport.answer = fails
        setup_id = await left(setups, case)
        transport.answer, transport.lost = staticmethod(lambda _: None), lost
        with pytest.raises(ServiceError):
            await setups.service.resume(setup_id, ACTOR)
        assert transport.away
        assert (await setups.service.get(setup_id)).state is SetupState.LEFT
        transport.away = False
        assert (await setups.service.rollback(setup_id, ACTOR)).state is SetupState.UNDONE
        assert account.made == []
