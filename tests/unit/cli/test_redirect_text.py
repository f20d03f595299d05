"""Redirects in words, and as lines among events."""

from provd.cli.event_lines import event_line
from provd.cli.output import Output
from provd.cli.redirect_text import redirect_words
from provd.client import Event
from provd.schema.events import EventType
from provd.schema.redirect import CallRedirected, Redirect, RedirectAttempt
from provd.schema.route import Skipped

AT = "2026-01-02 03:04:05.000000"
ATTEMPT = RedirectAttempt(
    route_id="r",
    route="uk",
    provider_id="p",
    provider="Acme",
    target="+44",
    priority=1,
    weight=1,
    health_status="healthy",
    uri="sip:+4420@192.0.2.1;transport=udp",
)
SKIPPED = Skipped(
    route_id="r", route="uk", provider_id="q", provider="Beta", reason="unhealthy", message="no answer"
)


def redirect(
    code: int = 302,
    attempts: tuple[RedirectAttempt, ...] = (),
    skipped: tuple[Skipped, ...] = (),
    message: str = "",
    number: str = "+4420",
) -> Redirect:
    return Redirect(
        at=AT,
        source="127.0.0.1:5060",
        transport="udp",
        call_id="1",
        caller="+4930",
        destination="sip:\x1b[2Jbob@provd",
        number=number,
        code=code,
        attempts=list(attempts),
        skipped=list(skipped),
        message=message,
    )


def test_whom_to_try_comes_first_then_who_was_passed_over() -> None:
    other = ATTEMPT.model_copy(update={"provider": "Gamma"})
    assert redirect_words(redirect(attempts=(ATTEMPT, other))) == "Acme, Gamma"
    assert redirect_words(redirect(attempts=(ATTEMPT,), skipped=(SKIPPED,))) == "Acme; not Beta unhealthy"
    assert redirect_words(redirect(503, skipped=(SKIPPED,), message="nobody")) == "not Beta unhealthy; nobody"


def test_each_call_is_a_line_and_what_was_left_out_is_counted() -> None:
    calls = [redirect(attempts=(ATTEMPT,)), redirect(404, message="is no number", number="")]
    event = Event(EventType.CALL_REDIRECTED, None, CallRedirected(redirects=calls, left_out=7))
    assert event_line(event, Output.TABLE).splitlines() == [
        f"{AT}  call.redirected  +4420: 302 Acme",
        f"{AT}  call.redirected  sip:\N{REPLACEMENT CHARACTER}[2Jbob@provd: 404 is no number",
        f"{'':26}  call.redirected  7 more",
    ]
