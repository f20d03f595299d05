"""The time by which things are forgotten, as clocks are set and go on."""

from provd.services.believed import BELIEVED_AFTER_S, BelievedTime

START = 1_800_000_000.0
YEAR = 365 * 86400.0


class Clocks:
    """``ahead`` is how far the wall clock is off."""

    def __init__(self, known: float | None = START) -> None:
        self.steady, self.ahead = 1000.0, 0.0
        self.believed = BelievedTime(known, lambda: self.right + self.ahead, lambda: self.steady)

    @property
    def right(self) -> float:
        return START + self.steady - 1000.0

    def go_on(self, seconds: float) -> float:
        """Let time pass; how far what is believed is off at its end."""
        for _ in range(100):
            self.steady += seconds / 100
            found = self.believed() - self.right
        return found


def test_a_clock_that_goes_right_is_believed() -> None:
    clocks = Clocks()
    assert clocks.go_on(10 * 86400.0) == 0.0


def test_a_clock_that_drifts_is_followed() -> None:
    clocks = Clocks()
    for _ in range(1000):
        clocks.ahead += 1.0
        assert clocks.go_on(3600.0) == clocks.ahead


def test_one_that_is_set_forward_is_believed_after_a_day() -> None:
    clocks = Clocks()
    clocks.ahead = YEAR
    assert clocks.go_on(BELIEVED_AFTER_S - 3600.0) == 0.0
    assert clocks.go_on(7200.0) == YEAR


def test_one_that_is_set_right_again_was_never_believed() -> None:
    clocks = Clocks()
    for _ in range(10):
        clocks.ahead = YEAR
        assert clocks.go_on(BELIEVED_AFTER_S / 2) == 0.0
        clocks.ahead = 0.0
        assert clocks.go_on(60.0) == 0.0


def test_one_that_is_set_back_is_believed_at_once() -> None:
    clocks = Clocks()
    clocks.ahead = -YEAR
    assert clocks.go_on(60.0) == -YEAR


def test_at_the_beginning_what_is_known_is_believed_rather_than_a_clock_that_is_far_ahead() -> None:
    clocks = Clocks(START - YEAR)
    assert clocks.go_on(3600.0) == -YEAR
    assert clocks.go_on(BELIEVED_AFTER_S) == 0.0
    assert Clocks(START + YEAR).go_on(60.0) == 0.0
    assert Clocks(None).go_on(60.0) == 0.0
