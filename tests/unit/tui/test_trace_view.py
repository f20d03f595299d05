from provtui import trace_view
from provtui.panels.trace import MOST_CHARACTERS, MOST_LINES, exchange_lines, message_text, trace_head
from provtui.trace_view import KEPT, Follow, TraceView
from tests.fakes.fake_client import NOW
from tests.fakes.health_figures import a_trace, an_exchange

HOSTILE = (
    "SIP/2.0 200 [bold]OK[/]\x1b]52;c;AAAA\x07\r\n"
    "Server: \x1b[31mred\x9b2J [@click=app.quit]x[/] \u202eevil\u2028two\r\n"
    "X\x00Y: 1\n"
    "\r\n"
)


def shown(*ages: float) -> TraceView:
    return trace_view.took(TraceView(), [an_exchange("id", NOW - age) for age in ages])


def test_the_newest_is_looked_at_first_and_stays_so_while_others_come() -> None:
    view = trace_view.added(shown(10, 20), an_exchange("id", NOW))
    assert view.chosen == 0
    assert [each.at[17:19] for each in view.exchanges] == ["00", "50", "40"]


def test_one_that_was_chosen_stays_chosen_while_others_come() -> None:
    view = trace_view.move(shown(10, 20), "down")
    chosen = view.exchange
    view = trace_view.added(view, an_exchange("id", NOW))
    assert view.exchange == chosen
    assert trace_view.took(view, [an_exchange("id", NOW + 5), *view.exchanges]).exchange == chosen
    assert trace_view.took(view, [an_exchange("id", NOW + 5)]).chosen == 0


def test_one_that_came_twice_is_shown_once() -> None:
    view = shown(10)
    assert trace_view.added(view, an_exchange("id", NOW - 10)) == view
    other = an_exchange("id", NOW - 10, target="203.0.113.10:5060")
    assert len(trace_view.added(view, other).exchanges) == 2


def test_following_for_long_keeps_only_the_newest() -> None:
    view = TraceView()
    for number in range(KEPT + 50):
        view = trace_view.added(view, an_exchange("id", NOW + number))
    assert len(view.exchanges) == KEPT
    assert view.exchanges[0].at > view.exchanges[-1].at


def test_moving_ends_at_both_ends() -> None:
    view = shown(10, 20, 30)
    assert trace_view.move(view, "up").chosen == 0
    assert trace_view.move(view, "bottom").chosen == 2
    assert trace_view.move(trace_view.move(view, "bottom"), "down").chosen == 2
    assert trace_view.move(trace_view.choose(view, 99), "top").chosen == 0
    assert trace_view.move(TraceView(), "down").exchange is None


def test_a_failure_keeps_what_was_read_and_says_how_to_go_on() -> None:
    view = trace_view.failed(shown(10), "provd is away")
    assert len(view.exchanges) == 1
    assert "provd is away. r reads it again." in str(trace_head(view))
    following = trace_view.took(TraceView(follow=Follow.OPENING), [])
    assert following.follow is Follow.LIVE
    lost = trace_view.failed(following, "provd is away")
    assert "no longer followed" in str(trace_head(lost))
    assert "provd is away. f tries again." in str(trace_head(lost))
    assert trace_view.took(lost, []).error == ""


def test_the_list_shows_the_rows_around_the_chosen_one() -> None:
    view = trace_view.choose(trace_view.took(TraceView(), a_trace("id", NOW, 40).result), 20)
    first, content = exchange_lines(view, 6, 74)
    lines = str(content).splitlines()
    assert (first, len(lines)) == (17, 6)
    assert [line.startswith("▌") for line in lines] == [False] * 3 + [True] + [False] * 2
    assert exchange_lines(trace_view.move(view, "bottom"), 6, 74)[0] == 34
    assert exchange_lines(trace_view.move(view, "top"), 6, 74)[0] == 0
    assert len(str(exchange_lines(view, 0, 74)[1]).splitlines()) == 1


def test_an_exchange_is_a_ladder_of_two_messages_as_they_were() -> None:
    said = str(message_text(an_exchange("id", NOW)))
    lines = said.splitlines()
    assert lines[0] == "provd ───▶ 203.0.113.9:5060  udp  03:10:00.000 UTC"
    assert lines[1] == "OPTIONS sip:203.0.113.9:5060 SIP/2.0"
    assert "X-Account: ***" in lines
    back = lines.index("provd ◀─── 203.0.113.9:5060  200  after 23ms")
    assert lines[back + 1] == "SIP/2.0 200 OK"


def test_what_was_not_sent_or_not_answered_is_said() -> None:
    nowhere = an_exchange("id", NOW, up=False, target=None, sent="", cause="dns_nxdomain", retransmits=0)
    said = str(message_text(nowhere))
    for part in ("provd ───▶ no address", "Nothing could be sent.", "nxdomain", "No answer came."):
        assert part in said
    assert "sent again 6x" in str(message_text(an_exchange("id", NOW, up=False)))


def test_hostile_messages_are_shown_as_text() -> None:
    exchange = an_exchange("id", NOW, received=HOSTILE, target="\x1b[31m[red]")
    view = trace_view.added(TraceView(), exchange)
    said = str(message_text(exchange)) + str(exchange_lines(view, 3, 74)[1])
    assert not set("\x1b\x07\x9b\x00\u202e\u2028\r") & set(said)
    assert "SIP/2.0 200 [bold]OK[/]]52;c;AAAA" in said
    assert "Server: [31mred2J [@click=app.quit]x[/] evil two" in said
    assert "XY: 1" in said


def test_a_flood_of_lines_is_cut_and_says_so() -> None:
    flood = "SIP/2.0 200 OK\r\n" + "X: y\r\n" * 5000 + "Z" * 1_000_000
    lines = str(message_text(an_exchange("id", NOW, received=flood))).splitlines()
    assert lines[-1] == f"… {5002 - MOST_LINES:,} more lines"
    assert len(lines) < MOST_LINES + 30
    long = str(message_text(an_exchange("id", NOW, received="A" * 5000)))
    assert max(map(len, long.splitlines())) == MOST_CHARACTERS
